#include "tools/sim/liveness.h"

#include <string>
#include <utility>

namespace causeway::sim {

using control::from_ms;
using control::kNever;
using control::kNoNode;

namespace {

constexpr TimeUs kTurnUs = 20'000;  // of a control thread that does not stall, and of clocks that differ

std::string in_ms(TimeUs us) {
  return std::to_string(us / 1000) + " ms";
}

}  // namespace

// In the worst ordinary case the loss is noticed, the directory is repaired once, there is one wait between
// two rounds, one upstream that says nothing, and one that says yes and delivers nothing. Then, for each node
// on the way, one more of each.
Patience patience_of(const Plan& plan) {
  TimeUs way_us = plan.network.base_us;
  for (const auto& row : plan.network.delays_us) {
    for (const TimeUs delay_us : row)
      way_us = std::max(way_us, delay_us);
  }
  const TimeUs round_trip_us = 2 * 2 * (way_us + plan.network.jitter_us);  // at up to twice the usual delay
  const TimeUs feed_us = from_ms(plan.relay.feed_window_ms + plan.relay.feed_jitter_ms);
  const TimeUs ask_us = round_trip_us + from_ms(plan.relay.answer_ms) + round_trip_us +
                        from_ms(plan.relay.proof_ms) + from_ms(plan.relay.retry_max_ms);
  Patience patience;
  patience.feed_us = feed_us + kTurnUs;
  patience.path_us = feed_us + from_ms(plan.directory.digest_ms + plan.directory.batch_ms) + ask_us +
                     round_trip_us + from_ms(2 * plan.heartbeat.interval_ms) + kTurnUs;
  patience.hop_us = ask_us;
  patience.end_us = from_ms(plan.relay.lease_ms) + 10'000'000;
  return patience;
}

Liveness::Liveness(const Plan& plan, std::vector<unsigned> media_flows, const Facts& facts,
                   const Backbone& backbone, const Truth& truth, Checker& checker, EventQueue& queue)
    : patience_(patience_of(plan)),
      hop_limit_(plan.relay.hop_limit),
      media_flows_(std::move(media_flows)),
      facts_(facts),
      backbone_(backbone),
      truth_(truth),
      checker_(checker),
      queue_(queue) {}

void Liveness::on_publishers(TrackIndex track, TimeUs now_us) {
  if (facts_.publishers[track].empty()) arm(Kind::end, kNoNode, track, now_us);
}

void Liveness::arm(Kind kind, NodeId node, TrackIndex track, TimeUs now_us) {
  const auto [at, is_new] = armed_.try_emplace(id(kind, node, track), 0);
  if (!is_new) {
    if (kind == Kind::end) watches_[at->second].since_us = now_us;
    return;
  }
  at->second = watches_.take();
  watches_[at->second] = {static_cast<std::uint8_t>(kind), node, track, now_us};
  const TimeUs wait_us = kind == Kind::want   ? patience_.path_us
                         : kind == Kind::feed ? patience_.feed_us
                                              : patience_.end_us;
  again(at->second, now_us + wait_us, now_us);
}

void Liveness::again(std::uint32_t slot, TimeUs at_us, TimeUs now_us) {
  queue_.push({.at_us = std::max(at_us, now_us + 1), .slot = slot, .kind = EventKind::watch});
}

void Liveness::disarm(std::uint32_t slot) {
  const Watch& watch = watches_[slot];
  armed_.erase(id(static_cast<Kind>(watch.kind), watch.node, watch.track));
  watches_.give_back(slot);
}

void Liveness::on_due(std::uint32_t slot, const Packets& packets, TimeUs now_us) {
  const Watch& watch = watches_[slot];
  checker_.count_check();
  TimeUs next_us = kNever;
  switch (static_cast<Kind>(watch.kind)) {
    case Kind::want:
      next_us = judge_want(watch, packets, now_us);
      break;
    case Kind::feed:
      next_us = judge_feed(watch, packets, now_us);
      break;
    case Kind::end:
      next_us = judge_end(watch, now_us);
      break;
  }
  if (next_us == kNever) {
    disarm(slot);
  } else {
    again(slot, next_us, now_us);
  }
}

TimeUs Liveness::judge_want(const Watch& watch, const Packets& packets, TimeUs now_us) {
  const Presence* want = Facts::find(facts_.wants[watch.track], watch.node);
  if (want == nullptr) return kNever;
  const bool is_here = Facts::find(facts_.publishers[watch.track], watch.node) != nullptr;
  if (is_here) return now_us + patience_.path_us;

  const TimeUs starved_us = std::max(packets.forwarded_us, want->since_us);
  TimeUs next_us = now_us + patience_.path_us;
  for (unsigned hops = 1; hops <= hop_limit_; ++hops) {
    const TimeUs patience_us = patience_.path_us + (hops - 1) * patience_.hop_us;
    if (starved_us + patience_us > now_us) return std::min(next_us, starved_us + patience_us);
    const TimeUs path_us = reachable_us(watch, hops);
    if (path_us == kNever) continue;
    if (path_us + patience_us > now_us) {
      next_us = std::min(next_us, path_us + patience_us);
      continue;
    }
    if (!is_claim_near(watch, hops)) continue;
    checker_.report(hops == 1 ? Invariant::L2 : Invariant::L1, watch.node, watch.track,
                    checker_.name(watch.node) + " has had no media for " + in_ms(now_us - starved_us) +
                        ", and for " + in_ms(now_us - path_us) + " there was a path of " +
                        std::to_string(hops) + (hops == 1 ? " hop" : " hops"),
                    now_us);
    return next_us;
  }
  return next_us;
}

// Claims go from the origin to who hears it. A node that does not asks others, and so does whom it asks if
// that one knows of a claim: so either the node itself must know of one, or the next on its path.
bool Liveness::is_claim_near(const Watch& watch, unsigned hops) const {
  if (hops <= 2 || truth_.is_claimed(watch.node, watch.track)) return true;
  for (std::size_t i = 0; i < checker_.nodes(); ++i) {
    const auto via = static_cast<NodeId>(i);
    const unsigned flow = media_flows_[watch.track];
    const NodeFacts& facts = facts_.nodes[via];
    const bool is_next = via != watch.node && facts.able_since_us != kNever &&
                         facts.sends_since_us != kNever &&
                         backbone_.good_since_us(via, watch.node, flow) != kNever &&
                         backbone_.heard_since_us(watch.node, via) != kNever &&
                         backbone_.heard_since_us(via, watch.node) != kNever;
    if (!is_next || !truth_.is_claimed(via, watch.track)) continue;
    const TimeUs path_us = reachable_since_us(facts_, backbone_, watch.track, flow, via, hops - 1);
    if (path_us != kNever) return true;
  }
  return false;
}

TimeUs Liveness::judge_feed(const Watch& watch, const Packets& packets, TimeUs now_us) {
  if (!checker_.held(watch.node, watch.track).is_fed) return kNever;
  const TimeUs able_us = facts_.nodes[watch.node].able_since_us;
  if (able_us == kNever) return now_us + patience_.feed_us;
  const TimeUs from_us = std::max({packets.any_us, able_us, watch.since_us});
  if (from_us + patience_.feed_us >= now_us) return from_us + patience_.feed_us + 1;
  checker_.report(Invariant::D, watch.node, watch.track,
                  checker_.name(watch.node) + " takes itself for fed, " + in_ms(now_us - from_us) +
                      " after the last packet",
                  now_us);
  return kNever;
}

// Of a track that nobody publishes: edges between nodes that nothing kept apart for so long.
TimeUs Liveness::judge_end(const Watch& watch, TimeUs now_us) {
  if (!facts_.publishers[watch.track].empty()) return kNever;
  TimeUs next_us = kNever;
  for (std::size_t i = 0; i < checker_.nodes(); ++i) {
    const auto node = static_cast<NodeId>(i);
    const Held& held = checker_.held(node, watch.track);
    if (held.active == kNoNode) continue;
    const TimeUs calm_us =
        std::max({watch.since_us, facts_.nodes[node].able_since_us, facts_.nodes[held.active].able_since_us,
                  backbone_.heard_since_us(node, held.active), backbone_.heard_since_us(held.active, node)});
    if (calm_us == kNever || calm_us + patience_.end_us > now_us) {
      next_us = std::min(next_us, calm_us == kNever ? now_us + patience_.end_us : calm_us + patience_.end_us);
      continue;
    }
    checker_.report(Invariant::I6, node, watch.track,
                    checker_.name(node) + " keeps its edge to " + checker_.name(held.active) + " for " +
                        in_ms(now_us - calm_us) + " after the track ended",
                    now_us);
  }
  return next_us;
}

}  // namespace causeway::sim
