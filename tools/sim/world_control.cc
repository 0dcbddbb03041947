// A node's mind is told what arrived, and what it wants is done.
#include <algorithm>
#include <cstring>
#include <utility>

#include "tools/sim/world.h"

namespace causeway::sim {

using control::kNever;

namespace {

constexpr std::size_t kRingDatagrams = 4096;  // from the workers to a control thread
constexpr TimeUs kTurnUs = 20;                // a control thread's turn takes so long at least
constexpr TimeUs kLeastWriteUs = 1000;
constexpr TimeUs kMostWriteUs = 20'000;

}  // namespace

template <class Give>
void World::turn(Node& node, Give&& give) {
  effects_.clear();
  give(*node.mind, node.clock.own(now_us_), effects_);
  apply(node);
}

void World::command(Node& node, Command give) {
  if (node.mind == nullptr) return;
  if (node.is_stalled) {
    node.waiting.push_back({.kind = WaitingKind::command, .command = std::move(give)});
  } else {
    turn(node, give);
  }
}

void World::on_datagram(Node& node, std::uint32_t slot) {
  const Datagram& datagram = datagrams_[slot];
  hash_.add(std::uint64_t{node.id} << 32 | std::uint64_t{datagram.from} << 16 | datagram.size);
  recorder_.on_heard(node.id, datagram.from, now_us_);
  if (node.mind != nullptr && node.is_stalled) {
    if (take_place(node)) {
      node.waiting.push_back(
          {.kind = WaitingKind::frame, .arrived_us = node.clock.own(now_us_), .slot = slot});
      return;
    }
  } else if (node.mind != nullptr) {
    turn(node, [&](Mind& mind, TimeUs own_us, Effects& effects) {
      mind.on_frame(datagram.from, datagram.frame(), own_us, own_us, effects);
    });
  }
  datagrams_.give_back(slot);
}

// In the ring of a control thread that stands still.
bool World::take_place(Node& node) {
  if (node.waiting_datagrams < kRingDatagrams) {
    ++node.waiting_datagrams;
    return true;
  }
  node.has_overflowed = true;
  coverage_.on(WorldPath::stall_ring_full);
  return false;
}

void World::report_packet(Node& node, const Packet& packet) {
  if (node.is_stalled) {
    if (!take_place(node)) return;
    node.waiting.push_back(
        {.kind = WaitingKind::media, .arrived_us = node.clock.own(now_us_), .packet = packet});
    return;
  }
  turn(node, [&](Mind& mind, TimeUs own_us, Effects& effects) {
    mind.on_media(track_keys_[packet.track], packet.from, packet.label, own_us, own_us, effects);
  });
}

// What waited is given with the time of its arrival, and only then is any timer judged.
void World::resume(Node& node) {
  node.is_stalled = false;
  node.waiting_datagrams = 0;
  judge(node);
  std::vector<Waiting> waiting = std::exchange(node.waiting, {});
  // Reports of media first: what messages ask is answered by whether it flows.
  std::stable_partition(waiting.begin(), waiting.end(),
                        [](const Waiting& each) { return each.kind == WaitingKind::media; });
  for (const Waiting& each : waiting) {
    turn(node, [&](Mind& mind, TimeUs own_us, Effects& effects) {
      switch (each.kind) {
        case WaitingKind::frame:
          mind.on_frame(datagrams_[each.slot].from, datagrams_[each.slot].frame(), each.arrived_us, own_us,
                        effects);
          break;
        case WaitingKind::media:
          mind.on_media(track_keys_[each.packet.track], each.packet.from, each.packet.label, each.arrived_us,
                        own_us, effects);
          break;
        case WaitingKind::command:
          each.command(mind, own_us, effects);
          break;
      }
    });
    if (each.kind == WaitingKind::frame) datagrams_.give_back(each.slot);
  }
  if (std::exchange(node.has_overflowed, false)) {
    turn(node, [](Mind& mind, TimeUs own_us, Effects& effects) { mind.on_overflow(own_us, effects); });
  }
  on_wake(node);
}

void World::on_wake(Node& node) {
  node.wake_us = node.due_us = kNever;
  if (node.is_stalled) return;
  turn(node, [](Mind& mind, TimeUs own_us, Effects& effects) { mind.tick(own_us, effects); });
}

void World::on_written(Node& node) {
  if (node.disk.finish()) schedule_write(node);
  const control::Stamp stamp = node.disk.stored();
  command(node, [stamp](Mind& mind, TimeUs own_us, Effects& effects) {
    mind.on_watermark(stamp, own_us, effects);
  });
}

void World::schedule_write(Node& node) {
  schedule(now_us_ + node.disk_times.between(kLeastWriteUs, kMostWriteUs), EventKind::written, node);
}

void World::apply(Node& node) {
  if (!effects_.tracks.empty()) apply_tracks(node);
  for (const control::TrackKey& key : effects_.keepalives) {
    if (const auto track = tracks_.find(key); track != tracks_.end()) send_keepalive(node, track->second);
  }
  if (!effects_.datagrams.empty()) send_datagrams(node);
  if (effects_.persist && node.disk.write(*effects_.persist)) schedule_write(node);
  if (!effects_.journal.empty()) notice_journal(node);
  if (effects_.ask_token || effects_.release_token || effects_.report_islanded) ask_arbiter(node);
  const control::DrainState drain = node.mind->drain();
  if (drain != node.drain) notice_drain(node, drain);
  arm(node);
}

void World::apply_tracks(Node& node) {
  for (const control::TrackKey& key : effects_.tracks) {
    const auto found = tracks_.find(key);
    if (found == tracks_.end()) continue;
    const TrackIndex track = found->second;
    const RelayView view = node.mind->relay(key);
    hash_.add(view.label.stamp << 16 | std::uint64_t{view.label.origin} << 8 | view.label.depth);
    if (view.active && view.pending && view.pending->acknowledged &&
        view.pending->upstream != view.active->upstream) {
      coverage_.on(WorldPath::both_upstreams);
    }
    const bool begins = node.data_plane.sync(track, view);
    checker_.on_view(node.id, track, view, now_us_);
    liveness_.on_view(node.id, track, now_us_);
    if (begins) {
      const std::uint16_t life = node.data_plane.find(track)->life;
      queue_.push({now_us_, 0, track, EventKind::keepalive, node.id, life});
    }
  }
}

void World::send_datagrams(Node& node) {
  for (const Effects::Datagram& each : effects_.datagrams) {
    if (each.to >= nodes_.size()) continue;
    const Fate fate = backbone_.send(node.id, each.to, each.flow, Lane::datagrams);
    auto frame = effects_.frame(each);
    inspect(node, each.to, frame, fate);
    if (!node.lies.empty() && !goes_on_) frame = with_lies(node, frame);
    hash_.add(frame);
    for (unsigned copy = 0; copy < fate.copies && frame.size() <= control::wire::kMaxPlainBytes; ++copy) {
      const std::uint32_t slot = datagrams_.take();
      Datagram& datagram = datagrams_[slot];
      datagram.from = node.id;
      datagram.size = static_cast<std::uint16_t>(frame.size());
      std::memcpy(datagram.bytes.data(), frame.data(), frame.size());  // a hot path
      queue_.push({.at_us = now_us_ + fate.after_us[copy],
                   .slot = slot,
                   .kind = EventKind::datagram,
                   .node = each.to});
    }
  }
}

// Wakes the node when something is due: one event for each node, which is set anew only if it has to come
// earlier. One that comes too early does no harm.
void World::arm(Node& node) {
  const TimeUs due_us = node.mind->next_due_us();
  if (due_us >= node.due_us) return;
  const TimeUs wake_us = std::max(node.clock.world(due_us), now_us_ + kTurnUs);
  if (wake_us >= node.wake_us) return;
  node.due_us = due_us;
  node.wake_us = wake_us;
  schedule(wake_us, EventKind::wake, node);
}

}  // namespace causeway::sim
