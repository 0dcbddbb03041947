// A node without a data plane: a real session::State, and a fleet that says what a test tells it to say.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "control/api/service.h"
#include "tests/unit/control/session/world.h"

namespace causeway::control::api::test {

class FakeService : public Service {
 public:
  explicit FakeService(const config::Config& node = session::test::node()) : state_(node) {}

  session::Outcome put_transport(const config::Transport& transport, session::IfVersion version) override {
    return state_.put_transport(transport, version);
  }
  session::Outcome remove_transport(std::string_view name, session::IfVersion version) override {
    return state_.remove_transport(name, version);
  }
  session::Outcome publish(const config::Track& track, session::IfVersion version) override {
    return state_.publish(track, version);
  }
  session::Outcome unpublish(std::string_view id, session::IfVersion version) override {
    return state_.unpublish(id, version);
  }
  session::Outcome subscribe(const config::Leg& leg, session::IfVersion version) override {
    return state_.subscribe(leg, version);
  }
  session::Outcome unsubscribe(std::string_view name, session::IfVersion version) override {
    return state_.unsubscribe(name, version);
  }
  session::Outcome describe(const session::TrackInfo& info, session::IfVersion version) override {
    return state_.describe(info, version);
  }
  session::Outcome forget(std::string_view id, session::IfVersion version) override {
    return state_.forget(id, version);
  }
  const session::State& state() const override { return state_; }
  std::uint64_t boot() const override { return 7; }

  FleetView fleet() const override { return view; }
  const std::vector<std::string>& nodes() const override { return names; }
  RelayView relay(const TrackKey& track) const override {
    const auto at = relays.find(track);
    return at == relays.end() ? RelayView{} : at->second;
  }
  std::vector<TrackKey> relayed(const TrackKey& after, std::size_t most) const override {
    std::vector<TrackKey> keys;
    for (auto at = relays.upper_bound(after); at != relays.end() && keys.size() < most; ++at)
      keys.push_back(at->first);
    return keys;
  }
  DrainState drain() const override { return drain_state; }
  bool is_drained_by_operator() const override { return drained; }
  void drain_by_operator(bool on) override { drained = on; }
  std::vector<std::size_t> stuck_workers() const override { return stuck; }
  Metrics metrics() const override {
    return {.version = "1", .workers = {}, .ports = {}, .fleet = view, .api = {}};
  }
  std::int64_t wall_clock_ms() const override { return now_ms; }
  JournalReader journal() const override { return reader; }

  FleetView view;
  std::vector<std::string> names{"paris", "oslo", "lima"};
  std::map<TrackKey, RelayView> relays;
  DrainState drain_state{};
  bool drained = false;
  std::vector<std::size_t> stuck;
  std::int64_t now_ms = 1'000'000;
  JournalReader reader;

 private:
  session::State state_;
};

}  // namespace causeway::control::api::test
