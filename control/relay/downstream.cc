// Peers ask for a track, are answered, take it, leave.
#include <algorithm>

#include "control/relay/candidates.h"
#include "control/relay/relay.h"

namespace causeway::control::relay {
namespace {

constexpr TimeUs kLeastWaitUs = 2'000'000;   // a peer that was refused is remembered
constexpr TimeUs kStampRequestUs = 100'000;  // between two requests for the same stamp
constexpr std::uint8_t kStampRequestHops = 4;

}  // namespace

// R3: there is always an answer, from what this node holds now.
void Relay::on_subscribe(NodeId from, const Subscribe& given, TimeUs now_us) {
  Subscribe message = given;
  if (message.origin == self_) message.origin = kNoNode;  // it would know
  if (!watermark_.is_plausible(message.fd.stamp) || !are_known(message.path) || message.path.empty() ||
      message.path.nodes()[0] != from ||
      (message.origin != kNoNode && !membership_.contains(message.origin))) {
    ++counters_.implausible;
    nack(from, message, NackReason::implausible, watermark_.floor());
    return;
  }
  watermark_.see(message.fd.stamp);
  Track* track = find(message.track);
  if (track == nullptr) {
    if (message.origin == kNoNode && !has_origin(nullptr, message.track)) {
      nack(from, message, NackReason::no_track, watermark_.floor());
      return;
    }
    track = find_or_add(message.track, false, now_us);
    if (track == nullptr) {
      nack(from, message, NackReason::full, watermark_.floor());
      return;
    }
  }
  const Downstream* known = track->find_downstream(from);
  if (known != nullptr && is_older(message.nonce, known->nonce)) {
    ++counters_.stale_messages;  // it asked anew since
    return;
  }
  const auto reason = refusal(*track, from, message, now_us);
  if (!reason) {
    acknowledge(*track, from, message, now_us);
  } else {
    nack(from, message, *reason, track->fd);
    const bool is_far = *reason == NackReason::too_deep && track->fed();
    if (*reason == NackReason::not_fed || *reason == NackReason::infeasible || is_far) {
      wait(*track, from, message, now_us);
    }
    if (is_far) press(*track, now_us);
    if (*reason == NackReason::infeasible) {
      // The newer stamp that was asked for does not come by this node's way: its upstream may stand still.
      const bool is_awaited = message.fd.stamp <= track->stamp_asked;
      if (is_awaited && now_us - track->stamp_since_us > from_ms(config_.retry_max_ms)) press(*track, now_us);
      request_stamp(*track, message.fd.stamp, kStampRequestHops, now_us);
    }
  }
  settle(*track, now_us);
}

std::optional<NackReason> Relay::refusal(Track& track, NodeId from, const Subscribe& message, TimeUs now_us) {
  if (message.path.contains(self_) || track.is_upstream(from)) return NackReason::in_path;
  if (track.is_origin && !is_better(track.fd, message.fd)) issue_stamp(track, message.fd.stamp, now_us);
  if (track.is_origin && (!track.is_stamped || !is_better(track.fd, message.fd)))
    return NackReason::not_ready;
  // Media that stopped may not have been noticed yet, after a stall of this thread.
  const bool is_fed = track.is_origin || (track.is_fed && now_us - track.fed_us < feed_window_us_);
  if (!is_fed) {
    if (message.origin == kNoNode && !has_origin(&track, track.key)) return NackReason::no_track;
    return message.path.size() >= config_.hop_limit ? NackReason::too_deep : NackReason::not_fed;
  }
  // It must do for whoever is asked for, not only for who asks.
  if (track.fd.depth + message.path.size() > config_.hop_limit) return NackReason::too_deep;
  if (!is_better(track.fd, message.fd)) return NackReason::infeasible;
  const Downstream* known = track.find_downstream(from);
  const bool is_leg = known != nullptr && known->is_leg;
  if (legs_ >= config_.max_legs && !is_leg) return NackReason::full;
  return std::nullopt;
}

void Relay::acknowledge(Track& track, NodeId from, const Subscribe& message, TimeUs now_us) {
  for (auto* upstream : {&track.active, &track.pending}) {
    if (!*upstream) continue;
    const std::vector<NodeId> cycle = (*upstream)->order.add(from, self_);
    if (cycle.empty()) continue;
    refuse_cycle(track, cycle, now_us);
    nack(from, message, NackReason::in_path, track.fd);
    return;
  }
  Downstream* peer = track.find_downstream(from);
  if (peer == nullptr) peer = &track.downstream.emplace_back();
  if (!peer->is_leg) {
    ++legs_;
    changed(track);
  }
  *peer = {from,         message.nonce,  true,
           message.path, message.origin, now_us + from_ms(config_.lease_ms),
           message.reach};
  ++counters_.acks;
  send(from, Ack{track.key, message.nonce, track.fd, path_of(track)});
  if (message.reach > 0 && track.fd.depth + 1U + message.reach > config_.hop_limit) press(track, now_us);
}

void Relay::nack(NodeId to, const Subscribe& message, NackReason reason, const Label& label) {
  ++counters_.nacks_sent[static_cast<std::size_t>(reason)];
  send(to, Nack{message.track, message.nonce, reason, label});
}

// Somebody needs this node nearer to the origin: it looks for a shorter way now, and not only by a settled
// link, and so do those before it.
void Relay::press(Track& track, TimeUs now_us) {
  if (track.is_origin || now_us < track.press_at_us) return;
  track.press_at_us = now_us + from_ms(config_.retry_max_ms);
  track.is_pressed = true;
  track.refresh_at_us = now_us;
  track.improve_at_us = now_us;
}

// Who was refused is told when it would not be any more. A leg whose label is still good enough stays one:
// the feed may come back.
void Relay::wait(Track& track, NodeId from, const Subscribe& message, TimeUs now_us) {
  // Longer than it waits until it asks again.
  const TimeUs wait_us = std::max(kLeastWaitUs, 3 * from_ms(config_.retry_max_ms));
  const Downstream* known = track.find_downstream(from);
  const bool stays = known != nullptr && known->is_leg && is_better(track.fd, message.fd);
  const TimeUs lease_us = stays ? known->until_us : 0;
  if (!stays) remove_downstream(track, from);
  Downstream* peer = stays ? track.find_downstream(from) : &track.downstream.emplace_back();
  *peer = {from, message.nonce, stays, message.path, message.origin, std::max(lease_us, now_us + wait_us)};
  if (!track.fed() && !track.pending) track.ask_at_us = std::min(track.ask_at_us, now_us);
}

void Relay::on_unsubscribe(NodeId from, const Unsubscribe& message, TimeUs now_us) {
  Track* track = find(message.track);
  if (track == nullptr) return;
  const Downstream* peer = track->find_downstream(from);
  if (peer == nullptr || is_older(message.nonce, peer->nonce)) {
    ++counters_.stale_messages;
    return;
  }
  remove_downstream(*track, from);
  settle(*track, now_us);
}

void Relay::remove_downstream(Track& track, NodeId peer) {
  const auto at = std::ranges::find(track.downstream, peer, &Downstream::peer);
  if (at == track.downstream.end()) return;
  if (at->is_leg) {
    --legs_;
    for (auto* upstream : {&track.active, &track.pending}) {
      if (*upstream) (*upstream)->order.remove(peer, self_);
    }
    changed(track);
  }
  track.downstream.erase(at);
}

void Relay::withdraw(Track& track, WithdrawReason reason) {
  for (const Downstream& peer : track.downstream) {
    if (peer.is_leg) send(peer.peer, Withdraw{track.key, peer.nonce, reason});
  }
}

// R5: whoever stands in the path takes nothing from here.
void Relay::end_legs_in_path(Track& track) {
  for (std::size_t i = track.downstream.size(); i-- > 0;) {
    const Downstream peer = track.downstream[i];
    if (peer.peer != track.active->peer && !track.active->path.contains(peer.peer)) continue;
    if (peer.is_leg) send(peer.peer, Withdraw{track.key, peer.nonce, WithdrawReason::in_path});
    remove_downstream(track, peer.peer);
  }
}

// Tells who waits that it may ask again, and with to_legs the new path to those who take the track.
void Relay::advertise(Track& track, bool to_legs) {
  for (const Downstream& peer : track.downstream) {
    if (!peer.is_leg || to_legs) send(peer.peer, Advert{track.key, track.fd, path_of(track)});
  }
}

// R9: along the own edge, and towards the origin: the edge may be open in one direction only.
void Relay::request_stamp(Track& track, Stamp above, std::uint8_t hops_left, TimeUs now_us) {
  if (above <= track.stamp_asked && now_us - track.stamp_asked_us < kStampRequestUs) return;
  if (above > track.stamp_asked) track.stamp_since_us = now_us;
  track.stamp_asked = std::max(track.stamp_asked, above);
  track.stamp_asked_us = now_us;
  NodeId origin = track.is_fed ? track.fd.origin : kNoNode;
  if (Claim claim; surroundings_.claims(track.key, std::span(&claim, 1)) > 0) origin = claim.origin;
  if (track.is_fed && track.active->peer != origin) {
    ++counters_.stamp_requests;
    send(track.active->peer, StampRequest{track.key, above, hops_left});
  }
  send_stamp_request(track.key, origin, above, hops_left);
}

// To the origin itself, and if it does not seem to hear this node also by way of who it hears.
void Relay::send_stamp_request(const TrackKey& key, NodeId origin, Stamp above, std::uint8_t hops_left) {
  if (origin == self_ || !membership_.contains(origin)) return;
  const auto ask = [&](NodeId to) {
    ++counters_.stamp_requests;
    send(to, StampRequest{key, above, hops_left});
  };
  if (surroundings_.is_reachable(origin)) ask(origin);
  if (surroundings_.hears(self_, origin)) return;
  const auto around = relays(origin, self_, membership_, surroundings_);
  const auto next =
      std::ranges::find_if(around, [&](NodeId node) { return surroundings_.hears(self_, node); });
  if (next != around.end()) ask(*next);
}

// Whoever asks: the stamp only grows, and not more often than stamp_interval_ms.
void Relay::on_stamp_request(NodeId /*from*/, const StampRequest& message, TimeUs now_us) {
  if (!watermark_.is_plausible(message.above)) {
    ++counters_.implausible;
    return;
  }
  const auto hops_left = static_cast<std::uint8_t>(std::max(message.hops_left, std::uint8_t{1}) - 1);
  Track* track = find(message.track);
  if (track == nullptr) {
    Claim claim;
    const bool is_claimed = surroundings_.claims(message.track, std::span(&claim, 1)) > 0;
    if (is_claimed && message.hops_left > 0)
      send_stamp_request(message.track, claim.origin, message.above, hops_left);
    return;
  }
  if (track->fd.stamp > message.above) return;
  watermark_.see(message.above);
  if (track->is_origin) {
    issue_stamp(*track, message.above, now_us);
  } else if (message.hops_left > 0) {
    request_stamp(*track, message.above, hops_left, now_us);
  }
  settle(*track, now_us);
}

Path Relay::path_of(const Track& track) const {
  Path path = track.active ? track.active->path : Path();
  if (track.active && path.empty()) path.push(track.active->peer);
  path.push(self_);
  return path;
}

// On whose behalf the node asks: on its own if it has subscribers, otherwise on that of whoever is nearest to
// some, but not of the one that is asked. Without a path if that is everybody. An origin that only a peer
// knows of goes no farther than that peer's request, so that requests cannot keep each other alive.
Relay::Behalf Relay::behalf_of(const Track& track, NodeId asked) const {
  Behalf behalf{Path(self_), kNoNode};
  if (Claim claim; surroundings_.claims(track.key, std::span(&claim, 1)) > 0) behalf.origin = claim.origin;
  if (track.is_wanted) return behalf;
  const Downstream* nearest = nullptr;
  for (const Downstream& peer : track.downstream) {
    if (peer.path.contains(asked) || peer.path.contains(self_)) continue;
    if (nearest == nullptr || peer.path.size() < nearest->path.size()) nearest = &peer;
  }
  if (nearest == nullptr) return {};
  for (const NodeId node : nearest->path.nodes())
    behalf.path.push(node);
  if (behalf.origin == kNoNode) behalf.origin = nearest->origin;
  return behalf;
}

// How far beyond this node somebody waits who is too far from the origin by its way; 0: nobody.
std::uint8_t Relay::reach_of(const Track& track) const {
  if (!track.is_fed) return 0;
  std::size_t reach = 0;
  for (const Downstream& peer : track.downstream) {
    const std::size_t beyond = peer.reach > 0 ? peer.reach + std::size_t{1} : 0;
    const std::size_t hops = peer.is_leg ? beyond : peer.path.size();
    if (track.fd.depth + hops > config_.hop_limit) reach = std::max(reach, hops);
  }
  return static_cast<std::uint8_t>(std::min(reach, Path::kMax));
}

// Does anybody say where the track comes from?
bool Relay::has_origin(const Track* track, const TrackKey& key) const {
  Claim claim;
  if (surroundings_.claims(key, std::span(&claim, 1)) > 0) return true;
  return track != nullptr && std::ranges::any_of(track->downstream, [](const Downstream& peer) {
           return peer.origin != kNoNode;
         });
}

}  // namespace causeway::control::relay
