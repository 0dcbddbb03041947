// The control thread as the API sees it: wishes change the state, and everything else is told from where it
// stands.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "control/api/server.h"
#include "control/api/service.h"
#include "control/chronicle.h"
#include "control/clock.h"
#include "control/fleet/fleet.h"
#include "control/observe/endpoints.h"
#include "control/observe/watch.h"
#include "control/publish/keeper.h"
#include "control/session/state.h"

namespace causeway::control {

// Control thread only.
class Management final : public api::Service {
 public:
  // All references outlive it. fleet: null if the appliance is alone.
  Management(const config::Config& config, session::State& state, Keeper& keeper, fleet::Fleet* fleet,
             Observed observed, TimeUs now_us);

  // In each turn of the control thread.
  void turn(TimeUs now_us);
  // Counts the entries, adds those of its own, and writes them all down.
  void take(Journal& entries);
  void set_server(const api::Server* server) { server_ = server; }

  session::Outcome put_transport(const config::Transport& transport, session::IfVersion version) override;
  session::Outcome remove_transport(std::string_view name, session::IfVersion version) override;
  session::Outcome publish(const config::Track& track, session::IfVersion version) override;
  session::Outcome unpublish(std::string_view id, session::IfVersion version) override;
  session::Outcome subscribe(const config::Leg& leg, session::IfVersion version) override;
  session::Outcome unsubscribe(std::string_view name, session::IfVersion version) override;
  session::Outcome describe(const session::TrackInfo& info, session::IfVersion version) override;
  session::Outcome forget(std::string_view id, session::IfVersion version) override;
  const session::State& state() const override { return state_; }
  std::uint64_t boot() const override { return boot_; }

  FleetView fleet() const override;
  const std::vector<std::string>& nodes() const override;
  RelayView relay(const TrackKey& track) const override;
  std::vector<TrackKey> relayed(const TrackKey& after, std::size_t most) const override;

  DrainState drain() const override;
  bool is_drained_by_operator() const override { return is_drained_; }
  void drain_by_operator(bool on) override;
  std::vector<std::size_t> stuck_workers() const override { return workers_.stuck(); }
  Metrics metrics() const override;
  std::int64_t wall_clock_ms() const override { return wall_ms(); }
  JournalReader journal() const override { return chronicle_.reader(); }

 private:
  session::Outcome take(session::Outcome outcome, bool transports = false);
  void add_shell(FleetView& view) const;

  const config::Config& config_;
  session::State& state_;
  Keeper& keeper_;
  fleet::Fleet* fleet_;
  const Observed observed_;
  const std::uint64_t boot_;
  const TimeUs started_us_;
  std::vector<std::string> sites_;  // by SiteId
  TimeUs now_us_;
  bool is_drained_ = false;
  Journal told_;  // not taken yet
  Chronicle chronicle_;
  GapWatch gaps_;
  WorkerWatch workers_;
  TimeUs look_us_ = kLongAgo;
  std::array<std::uint64_t, kJournalKinds> journal_{};
  const api::Server* server_ = nullptr;
};

}  // namespace causeway::control
