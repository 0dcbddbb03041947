// A feed ends, and another upstream is sought and asked.
#include <algorithm>
#include <utility>

#include "control/relay/candidates.h"
#include "control/relay/relay.h"

namespace causeway::control::relay {
namespace {

constexpr TimeUs kUnknownRoundTripUs = 200'000;
constexpr TimeUs kPaceUs = 5'000;  // when SUBSCRIBEs come faster than relay.subscribes_per_s
constexpr std::size_t kMostAvoided = 8;
constexpr TimeUs kHoldUs = 1'000'000;  // for a stamp request's way to the origin and the new label's way back

std::int64_t ms(TimeUs us) {
  return us / 1000;
}

}  // namespace

// What is due on the side of the upstream.
void Relay::turn_upstream(Track& track, TimeUs now_us) {
  if (is_judging_) judge_upstream(track, now_us);
  if (track.is_fed) return;
  if (track.starved_us == kNever) starve(track, now_us);
  if (!track.pending && now_us >= track.ask_at_us) seek(track, now_us);
}

void Relay::judge_upstream(Track& track, TimeUs now_us) {
  if (track.is_fed && now_us - track.fed_us >= feed_window_us_) {
    avoid(track, track.active->peer, now_us);
    lose_feed(track, now_us, "is silent");
  }
  // The leg at the other end is gone by now.
  if (track.active && !track.is_fed && now_us - track.fed_us >= from_ms(config_.lease_ms)) {
    drop_active(track, now_us, true);
  }
  if (track.pending && track.pending->deadline_us <= now_us) fail_pending(track, now_us);
  if (track.pending && track.pending->again_us <= now_us) ask_again(track, now_us);
  if (track.is_fed && now_us >= track.refresh_at_us) refresh(track, now_us);
  if (track.is_fed && !track.pending && now_us >= track.improve_at_us) improve(track, now_us);
  const TimeUs starved_us = track.starved_us == kNever ? 0 : now_us - track.starved_us;
  if (!track.is_wanted || track.is_alarmed || starved_us < from_ms(config_.alarm_ms)) return;
  track.is_alarmed = true;
  note(JournalKind::starvation, track, kNoNode,
       "has subscribers here and gets no media for " + std::to_string(ms(starved_us)) + " ms", now_us,
       {{"starved_ms", ms(starved_us)}});
}

TimeUs Relay::patience_us(NodeId peer, unsigned beyond_ms) const {
  const TimeUs round_trip_us = surroundings_.round_trip_us(peer);
  return (round_trip_us > 0 ? round_trip_us : kUnknownRoundTripUs) + from_ms(beyond_ms);
}

// Asks the first candidate that was not asked in this round; after a round without success waits, longer each
// time.
void Relay::seek(Track& track, TimeUs now_us) {
  if (now_us >= track.quiet_until_us) track.quiet = {};
  for (const NodeId node : candidates(track, self_, membership_, surroundings_, now_us)) {
    if (track.tried.contains(node) || track.quiet.contains(node) || behalf_of(track, node).path.empty())
      continue;
    ask(track, node, now_us);
    return;
  }
  track.tried = track.invited = {};
  track.wait_us = std::clamp(2 * track.wait_us, from_ms(config_.retry_min_ms), from_ms(config_.retry_max_ms));
  track.ask_at_us = now_us + track.wait_us;
}

void Relay::seek_anew(Track& track, TimeUs now_us) {
  track.tried = track.invited = track.quiet = {};
  track.wait_us = 0;
  track.ask_at_us = now_us;
}

void Relay::ask(Track& track, NodeId peer, TimeUs now_us) {
  if (behalf_of(track, peer).path.empty()) return;  // nobody needs it but the peer itself
  const double rate = config_.subscribes_per_s;
  tokens_ = std::min(rate, tokens_ + rate * static_cast<double>(now_us - tokens_us_) / 1e6);
  tokens_us_ = now_us;
  if (tokens_ < 1) {
    track.ask_at_us = now_us + kPaceUs;
    return;
  }
  tokens_ -= 1;
  track.pending.emplace();
  track.pending->peer = peer;
  track.pending->nonce = track.pending->newest_nonce = ++nonce_;
  track.pending->again_us = now_us + patience_us(peer, config_.answer_ms / 3);
  track.pending->deadline_us = now_us + patience_us(peer, config_.answer_ms);
  subscribe(track, *track.pending);
  changed(track);
}

void Relay::subscribe(const Track& track, const Upstream& upstream) {
  const Behalf behalf = behalf_of(track, upstream.peer);
  ++counters_.subscribes;
  send(upstream.peer,
       Subscribe{track.key, track.fd, upstream.newest_nonce, behalf.path, behalf.origin, reach_of(track)});
}

// Once: the question may be lost, or the answer.
void Relay::ask_again(Track& track, TimeUs now_us) {
  Upstream& pending = *track.pending;
  pending.again_us = kNever;
  pending.deadline_us =
      std::max(pending.deadline_us, now_us + patience_us(pending.peer, config_.answer_ms / 3));
  subscribe(track, pending);
}

// Keeps the leg at the upstream. Without an answer it comes again soon: after a long silence the lease may
// not last until the next one would be due.
void Relay::refresh(Track& track, TimeUs now_us) {
  track.is_refresh_open = true;
  track.refresh_at_us = now_us + from_ms(std::min(config_.retry_max_ms, config_.refresh_ms));
  subscribe(track, *track.active);
}

// Is there another origin with a claim above the label that is held? The directory may be wrong, so the old
// upstream stays until the new one delivers.
bool Relay::better_claim(const Track& track, Claim& best) const {
  if (surroundings_.claims(track.key, std::span(&best, 1)) == 0) return false;
  if (best.origin == self_ || best.origin == track.fd.origin) return false;
  return is_better({best.stamp, best.origin, 0}, {track.fd.stamp, track.fd.origin, 0});
}

// A fed track: to another origin if the publisher moved; else nearer to the one it has.
void Relay::improve(Track& track, TimeUs now_us) {
  track.improve_at_us = now_us + from_ms(config_.improve_ms);
  // A claim that is false may stand for long, so every other time the node looks at the way that it has.
  Claim claim;
  const bool is_claimed = better_claim(track, claim);
  track.is_moving = is_claimed && !track.is_moving;
  if (track.is_moving) return move_to(track, claim.origin, now_us);
  draw_nearer(track, now_us);
  if (is_claimed) track.improve_at_us = std::min(track.improve_at_us, now_us + track.move_wait_us);
}

void Relay::move_to(Track& track, NodeId origin, TimeUs now_us) {
  track.move_wait_us =
      std::clamp(2 * track.move_wait_us, from_ms(config_.retry_min_ms), from_ms(config_.improve_ms));
  track.improve_at_us = now_us + track.move_wait_us;
  if (surroundings_.is_reachable(origin)) {
    if (!track.is_avoided(origin, now_us)) ask(track, origin, now_us);
    return;
  }
  // By way of somebody who hears it.
  const auto nodes = candidates(track, self_, membership_, surroundings_, now_us);
  const auto next = std::ranges::find_if(nodes, [&](NodeId node) {
    return !track.tried.contains(node) && node != track.active->peer && surroundings_.hears(node, origin);
  });
  if (next != nodes.end()) ask(track, *next, now_us);
  if (next == nodes.end()) track.tried = {};
}

// To the origin itself if a way around it is in use and the straight one is settled again, or to the site's
// gateway, which was away.
NodeId Relay::find_nearer(const Track& track, TimeUs now_us) const {
  const SiteId own_site = membership_.site_of[self_];
  const bool is_by_gateway = membership_.site_of[track.active->peer] == own_site;
  bool is_preferred = true;  // to the upstream that the node has
  for (const NodeId node : candidates(track, self_, membership_, surroundings_, now_us)) {
    if (node == track.active->peer) is_preferred = false;
    if (node == track.active->peer || !surroundings_.is_settled(node)) continue;
    if (node != track.fd.origin && is_preferred && membership_.site_of[node] == own_site) return node;
    // Who claims the track falsely may stand before its origin, and be the upstream.
    const bool is_worth_it = is_preferred || (!is_by_gateway && !track.is_avoided(node, now_us));
    if (node == track.fd.origin && track.fd.depth >= 2 && is_worth_it) return node;
  }
  return kNoNode;
}

// If a peer is too far away by this node's way: whoever hears the origin and was not asked yet.
NodeId Relay::find_shortcut(const Track& track, TimeUs now_us) const {
  for (const NodeId node : candidates(track, self_, membership_, surroundings_, now_us)) {
    const bool is_origin = node == track.fd.origin;
    const unsigned depth = is_origin ? 1 : 2;  // with it as the upstream
    const bool is_near = is_origin || surroundings_.hears(node, track.fd.origin);
    const bool is_open = node != track.active->peer && !track.tried.contains(node);
    if (is_near && is_open && depth < track.fd.depth && !behalf_of(track, node).path.empty()) return node;
  }
  return kNoNode;
}

void Relay::draw_nearer(Track& track, TimeUs now_us) {
  if (track.is_pressed) {
    const NodeId shortcut = find_shortcut(track, now_us);
    track.is_pressed = shortcut != kNoNode;  // one after the other, until one says yes
    if (track.is_pressed) {
      track.improve_at_us = now_us + kPaceUs;
      return ask(track, shortcut, now_us);
    }
    track.tried = {};
  }
  const NodeId node = find_nearer(track, now_us);
  if (node == kNoNode) return;
  // The site's gateway is as far from the origin as this node, or farther. So this node keeps its label for a
  // while, until the gateway has a newer one.
  if (node != track.fd.origin) track.hold_us = now_us + kHoldUs;
  ask(track, node, now_us);
}

void Relay::avoid(Track& track, NodeId peer, TimeUs now_us) {
  auto at = std::ranges::find(track.avoided, peer, &Avoided::peer);
  if (at == track.avoided.end()) {
    if (track.avoided.size() == kMostAvoided) track.avoided.erase(track.avoided.begin());
    at = track.avoided.insert(track.avoided.end(), {peer, 0, 0});
  }
  // Longer each time that it fails anew, not each time that it is asked meanwhile; long after the last time
  // it begins again.
  const bool is_new = now_us >= at->until_us;
  if (now_us > at->until_us + 4 * at->wait_us) at->wait_us = 0;
  const TimeUs least_us = from_ms(config_.avoid_min_ms);
  const TimeUs most_us = std::max(least_us, from_ms(config_.avoid_max_ms));
  if (is_new) at->wait_us = std::clamp(2 * at->wait_us, least_us, most_us);
  at->until_us = now_us + at->wait_us;
}

// Nobody answered, or the answer was yes and nothing came.
void Relay::fail_pending(Track& track, TimeUs now_us) {
  const NodeId peer = track.pending->peer;
  if (track.pending->acknowledged) {
    ++counters_.black_holes;
    avoid(track, peer, now_us);
    note(JournalKind::black_hole, track, peer,
         name(peer) + " said yes and sent nothing for " + std::to_string(config_.proof_ms) + " ms", now_us,
         {{"proof_ms", config_.proof_ms}});
  } else {
    ++counters_.unanswered;
  }
  track.tried.insert(peer);
  drop_pending(track, true);
  track.ask_at_us = now_us;
}

void Relay::drop_pending(Track& track, bool tell) {
  if (!track.pending) return;
  const bool is_leg_of_active = track.active && track.active->peer == track.pending->peer;
  if (tell && !is_leg_of_active) leave(track, *track.pending);
  // The peer may have taken the new question for the leg that it has for the old one.
  if (is_leg_of_active) track.active->newest_nonce = track.pending->newest_nonce;
  track.pending.reset();
  changed(track);
}

// The peer may have heard any of the questions that were sent it: the newest one ends them all.
void Relay::leave(const Track& track, const Upstream& upstream) {
  send(upstream.peer, Unsubscribe{track.key, upstream.newest_nonce});
}

void Relay::drop_active(Track& track, TimeUs now_us, bool tell) {
  if (tell) leave(track, *track.active);
  if (track.is_fed) lose_feed(track, now_us, "ended the relay");
  track.active.reset();
  changed(track);
}

// R4: first those downstream are told. The edge stays: if its packets come again, it feeds again.
void Relay::lose_feed(Track& track, TimeUs now_us, std::string_view why) {
  track.is_fed = false;
  ++counters_.feeds_lost;
  withdraw(track, WithdrawReason::not_fed);
  const TimeUs silent_us = now_us - track.fed_us;
  note(JournalKind::relay_starved, track, track.active->peer,
       name(track.active->peer) + " " + std::string(why) + "; the last packet came " +
           std::to_string(ms(silent_us)) + " ms ago",
       now_us, {{"silent_ms", ms(silent_us)}});
  starve(track, now_us);
  changed(track);
}

void Relay::starve(Track& track, TimeUs now_us) {
  if (track.starved_us != kNever) return;
  track.starved_us = now_us;
  ++starving_;
  if (!track.pending) seek_anew(track, now_us);
}

void Relay::end_starvation(Track& track, TimeUs now_us) {
  if (track.starved_us == kNever) return;
  if (track.is_alarmed) {
    const TimeUs starved_us = now_us - track.starved_us;
    note(JournalKind::starvation_ended, track, kNoNode,
         "is fed or not wanted again after " + std::to_string(ms(starved_us)) + " ms", now_us,
         {{"starved_ms", ms(starved_us)}});
  }
  track.starved_us = kNever;
  track.is_alarmed = false;
  --starving_;
}

}  // namespace causeway::control::relay
