// Nodes start, stop and stand still; their clocks jump.
#include <algorithm>

#include "tools/sim/world.h"

namespace causeway::sim {

using control::kNever;

void World::boot(Node& node) {
  control::CoreSettings settings;
  settings.membership = membership_;
  settings.names = node_names_;
  settings.self = node.id;
  settings.boot = ++node.boot;
  settings.watermark = node.disk.stored();
  settings.seed = Random(plan_.seed, Stream::mind, std::uint64_t{node.id} << 32 | node.boot).next();
  settings.has_arbiter = plan_.has_arbiter;
  settings.heartbeat = plan_.heartbeat;
  settings.isolation = plan_.isolation;
  settings.relay = plan_.relay;
  settings.directory = plan_.directory;
  effects_.clear();
  node.mind = factory_(settings, node.clock.own(now_us_), effects_);
  node.mind->set_load(node.load_percent);
  node.convicted = {};
  judge(node);
  recorder_.on_boot(node.id, now_us_);
  if (node.has_lost_disk) checker_.on_lost_disk(node.id);
  node.has_lost_disk = false;
  apply(node);
  // The sessions outlive the core's process, or are made anew at once.
  for (TrackIndex track = 0; track < track_keys_.size(); ++track) {
    if (Facts::find(facts_.publishers[track], node.id) != nullptr) {
      coverage_.on(WorldPath::kept_over_restart);
      tell_publish(node, track);
    }
    if (Facts::find(facts_.wants[track], node.id) != nullptr) tell_want(node, track);
  }
}

void World::kill(Node& node, TimeUs down_us) {
  if (node.is_stalled) coverage_.on(WorldPath::stalled_restart);
  if (node.disk.is_writing()) coverage_.on(WorldPath::crash_while_writing);
  ++node.life;
  node.mind.reset();
  node.disk.crash();
  node.data_plane.clear();
  for (const Waiting& each : node.waiting) {
    if (each.kind == WaitingKind::frame) datagrams_.give_back(each.slot);
  }
  node.waiting.clear();
  node.waiting_datagrams = 0;
  node.is_stalled = node.has_overflowed = false;
  node.stalled_until_us = 0;
  node.wake_us = node.due_us = kNever;
  if (node.drain != control::DrainState::none) notice_drain(node, control::DrainState::none);
  // Whatever it said before, others forget with its boot.
  node.lies.clear();
  node.log_end = 0;
  facts_.nodes[node.id].honest_since_us = now_us_;
  checker_.on_down(node.id);
  judge(node);
  recorder_.on_death(node.id, now_us_);
  schedule(now_us_ + std::max<TimeUs>(down_us, 1), EventKind::boot, node);
}

void World::stall(Node& node, TimeUs for_us) {
  if (node.mind == nullptr) return;
  node.is_stalled = true;
  node.stalled_until_us = std::max(node.stalled_until_us, now_us_ + for_us);
  judge(node);
  schedule(node.stalled_until_us, EventKind::resume, node);
}

void World::step_clock(Node& node, TimeUs by_us) {
  node.clock.step(now_us_, by_us);
  if (by_us < 0) coverage_.on(WorldPath::clock_behind);
  judge(node);
  // What is due by the new time.
  node.wake_us = node.due_us = kNever;
  if (node.mind != nullptr && !node.is_stalled) arm(node);
}

void World::judge(const Node& node) {
  const bool is_able = node.mind != nullptr && !node.is_stalled;
  facts_.nodes[node.id].able_since_us = is_able ? std::max(now_us_, node.clock.caught_up_us()) : kNever;
}

}  // namespace causeway::sim
