// A walk through random wishes, and what must hold at each step of it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "control/session/needs.h"
#include "tests/unit/control/session/integrity.h"
#include "tests/unit/control/session/world.h"

namespace causeway::control::session::test {

class Walk {
 public:
  // Empty, or what does not hold.
  std::string step(Bytes& bytes) {
    const bool commits = bytes.flag();
    const World before = world_;
    Bytes again = bytes;
    world_.step(bytes);
    if (std::string fault = fault_of_outcome(before, again); !fault.empty()) return fault;
    if (std::string fault = fault_of_tracks(before); !fault.empty()) return fault;
    return commits ? commit() : std::string();
  }
  const World& world() const { return world_; }
  const Delta& last_way() const { return last_way_; }  // of the last commit

 private:
  std::string fault_of_outcome(const World& before, Bytes again) const {
    const Outcome& outcome = world_.last;
    if (outcome.ok() != outcome.text.empty()) return "a refusal is a sentence, and nothing else is";
    if (!outcome.ok() && outcome.text.find("; ") == outcome.text.npos) return "no mend: " + outcome.text;
    if (!outcome.ok() && outcome.changed) return "refused and changed";
    if (world_.state.version() != before.state.version() + (outcome.changed ? 1 : 0)) return "wrong version";
    if (!outcome.changed && world_.wishes && world_.plan() != before.plan())
      return "changed without saying so";
    if (!outcome.ok()) return {};
    World twice = world_;
    twice.step(again);
    return twice.last.ok() && twice.last.changed ? "not idempotent" : "";
  }

  // A change names all tracks that it is about.
  std::string fault_of_tracks(const World& before) {
    if (!world_.wishes) return {};
    const std::vector<std::string>& touched = world_.last.tracks;
    if (!std::ranges::is_sorted(touched)) return "tracks are not sorted";
    const NeedsChange said = update(needs_, world_.state, touched);
    if (said != change(needs(before.state), needs(world_.state))) return "update() is not the change of all";
    if (needs_ != needs(world_.state)) return "update() leads elsewhere";
    const Desired old = before.plan(standing_).desired;
    const Desired next = world_.plan(standing_).desired;
    if (!world_.transports && old.transports != next.transports) return "transports changed";
    Desired patched = apply(delta(part(old, touched), part(next, touched)), old);
    patched.transports = next.transports;
    return patched == next ? "" : "a track changed that was not named";
  }

  std::string commit() {
    const Plan next = world_.plan(standing_);
    if (world_.plan(next.desired) != next) return "a plan is not what stands when it stands";
    std::string fault = faults_of_delta(standing_, next.desired);
    last_way_ = delta(standing_, next.desired);
    standing_ = next.desired;
    return fault;
  }

  World world_;
  Desired standing_;
  Needs needs_;
  Delta last_way_;
};

// The same wishes in another order make the same plan. Nothing if they are not taken in that order: a
// subscription that waits for its layer is refused if the track was there before.
inline std::optional<bool> is_same_in_order(const World& world, bool backwards) {
  World other;
  other.relays = world.relays;
  other.peers = world.peers;
  const auto each = [backwards](const auto& map, auto&& visit) {
    if (!backwards) {
      for (auto at = map.begin(); at != map.end(); ++at)
        visit(at->second);
    } else {
      for (auto at = map.rbegin(); at != map.rend(); ++at)
        visit(at->second);
    }
  };
  bool all = true;
  const auto done = [&all](const Outcome& outcome) { all = all && outcome.ok(); };
  const auto describe = [&](const TrackRecord& record) {
    if (!record.described) return;
    TrackInfo info{.id = (*record.described)->id, .layers = {}, .priority = (*record.described)->priority};
    for (const config::Layer& layer : (*record.described)->layers)
      info.layers.insert(info.layers.begin(), layer.name);
    done(other.state.describe(info));
  };
  const auto publish = [&](const TrackRecord& record) {
    if (record.published) done(other.state.publish(**record.published));
  };
  const auto subscribe = [&](const auto& leg) { done(other.state.subscribe(*leg)); };
  each(world.state.transports(), [&](const auto& record) { done(other.state.put_transport(*record.value)); });
  if (backwards) {
    each(world.state.subscriptions(), subscribe);
    each(world.state.tracks(), describe);
    each(world.state.tracks(), publish);
  } else {
    each(world.state.tracks(), publish);
    each(world.state.tracks(), describe);
    each(world.state.subscriptions(), subscribe);
  }
  if (!all) return std::nullopt;
  return other.plan() == world.plan();
}

}  // namespace causeway::control::session::test
