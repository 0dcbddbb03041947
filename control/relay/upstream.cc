// An upstream answers, proves itself, says no, leaves.
#include <algorithm>

#include "control/relay/relay.h"

namespace causeway::control::relay {
namespace {

std::int64_t ms(TimeUs us) {
  return us / 1000;
}

}  // namespace

bool Relay::is_acceptable(const Track& track, NodeId from, const Ack& message) const {
  return is_better(message.label, track.fd) && is_of_another(message.label) &&
         message.label.depth < config_.hop_limit && watermark_.is_plausible(message.label.stamp) &&
         is_path_of(from, message.path);
}

// From an origin to the peer, and not by way of this node.
bool Relay::is_path_of(NodeId peer, const Path& path) const {
  return are_known(path) && !path.contains(self_) && path.contains(peer);
}

void Relay::on_ack(NodeId from, const Ack& message, TimeUs now_us) {
  Track* track = find(message.track);
  if (track == nullptr) {
    ++counters_.stale_messages;
    send(from, Unsubscribe{message.track, message.nonce});
    return;
  }
  if (track->pending && track->pending->is(from, message.nonce)) {
    if (!track->pending->acknowledged) on_answer(*track, message, now_us);
  } else if (track->active && track->active->is(from, message.nonce)) {
    if (track->is_refresh_open) track->refresh_at_us = now_us + from_ms(config_.refresh_ms);
    track->is_refresh_open = false;
    if (!is_path_of(from, message.path) || !learn_path(*track, *track->active, message.path, now_us))
      drop_active(*track, now_us, true);
  } else {
    ++counters_.stale_messages;
    send(from, Unsubscribe{message.track, message.nonce});
  }
  settle(*track, now_us);
}

void Relay::on_answer(Track& track, const Ack& message, TimeUs now_us) {
  Upstream& pending = *track.pending;
  if (!is_acceptable(track, pending.peer, message) || !learn_path(track, pending, message.path, now_us)) {
    ++counters_.implausible;
    track.tried.insert(pending.peer);
    drop_pending(track, true);
    return;
  }
  watermark_.see(message.label.stamp);
  pending.acknowledged = true;
  pending.again_us = kNever;
  pending.label = message.label;
  pending.deadline_us = now_us + from_ms(config_.proof_ms);
  changed(track);
  // Its first packet may have overtaken the answer.
  if (now_us - pending.early_us < feed_window_us_ && is_better(pending.early, track.fd) &&
      watermark_.covers(pending.early.stamp)) {
    adopt(track, pending.early, pending.early_us, now_us);
  }
}

// R10. False: what is known of the graph has a cycle.
bool Relay::learn_path(Track& track, Upstream& upstream, const Path& path, TimeUs now_us) {
  const bool is_new = upstream.path != path || upstream.order.edges() == 0;
  if (!is_new) return true;
  const bool is_active = track.active && &upstream == &*track.active;
  upstream.path = path;
  if (is_active) end_legs_in_path(track);
  Order order;
  std::vector<NodeId> cycle = order.add(self_, upstream.peer);
  const auto nodes = path.nodes();
  for (std::size_t i = nodes.size(); cycle.empty() && i-- > 1;)
    cycle = order.add(nodes[i], nodes[i - 1]);
  for (const Downstream& peer : track.downstream) {
    // Legs to nodes of a path that is not in use yet end when it is taken into use.
    if (cycle.empty() && peer.is_leg && (is_active || !path.contains(peer.peer)))
      cycle = order.add(peer.peer, self_);
  }
  if (!cycle.empty()) {
    refuse_cycle(track, cycle, now_us);
    return false;
  }
  upstream.order = std::move(order);
  if (is_active) advertise(track, true);
  return true;
}

void Relay::refuse_cycle(Track& track, std::span<const NodeId> cycle, TimeUs now_us) {
  ++counters_.gate_refusals;
  std::string text = "a change was refused, it would have made a cycle:";
  for (const NodeId node : cycle)
    text += " " + name(node);
  note(JournalKind::gate_refused, track, cycle[0], std::move(text), now_us);
}

void Relay::on_nack(NodeId from, const Nack& message, TimeUs now_us) {
  ++counters_.nacks_received[static_cast<std::size_t>(message.reason)];
  watermark_.see(message.label.stamp);
  Track* track = find(message.track);
  if (track == nullptr) return;
  const bool of_pending = track->pending && track->pending->is(from, message.nonce);
  const bool of_active =
      track->active && track->active->peer == from && (of_pending || track->active->is(from, message.nonce));
  if (of_pending) {
    // In the first round only: a track that starves for long would fill the journal.
    if (track->wait_us == 0 && !track->is_fed) {
      note(JournalKind::relay_refused, *track, from,
           name(from) + " said no: " + std::string(relay::name(message.reason)), now_us);
    }
    track->tried.insert(from);
    if (message.reason == NackReason::not_fed || message.reason == NackReason::infeasible ||
        message.reason == NackReason::too_deep) {
      if (track->quiet.empty()) track->quiet_until_us = now_us + from_ms(config_.retry_max_ms);
      track->quiet.insert(from);
    }
    drop_pending(*track, false);
    track->ask_at_us = now_us;
  }
  if (of_active) {
    const bool is_over = message.reason == NackReason::no_track || message.reason == NackReason::in_path ||
                         message.reason == NackReason::too_deep || message.reason == NackReason::infeasible;
    if (is_over) drop_active(*track, now_us, false);
    if (!is_over && track->is_fed && message.reason == NackReason::not_fed) {
      lose_feed(*track, now_us, "is not fed any more");
    }
  }
  settle(*track, now_us);
}

void Relay::on_withdraw(NodeId from, const Withdraw& message, TimeUs now_us) {
  Track* track = find(message.track);
  if (track == nullptr) return;
  if (track->pending && track->pending->is(from, message.nonce)) {
    track->tried.insert(from);
    drop_pending(*track, false);
    track->ask_at_us = now_us;
  }
  if (track->active && track->active->is(from, message.nonce)) {
    if (message.reason != WithdrawReason::not_fed) {
      drop_active(*track, now_us, false);
      track->tried.insert(from);  // the directory may not know yet
    } else if (track->is_fed) {
      lose_feed(*track, now_us, "is not fed any more");
    }
  }
  settle(*track, now_us);
}

void Relay::on_advert(NodeId from, const Advert& message, TimeUs now_us) {
  Track* track = find(message.track);
  if (track == nullptr || track->is_origin || !watermark_.is_plausible(message.label.stamp)) return;
  watermark_.see(message.label.stamp);
  if (track->active && track->active->peer == from) {
    if (is_path_of(from, message.path) && !learn_path(*track, *track->active, message.path, now_us))
      drop_active(*track, now_us, true);
  } else if (track->needed() && (!track->is_fed || now_us < track->hold_us) &&
             message.label.depth + behalf_of(*track, from).path.size() <= config_.hop_limit) {
    // If its label is not better yet, the question brings a stamp request about (R9).
    track->tried.erase(from);
    track->quiet.erase(from);
    if (!track->pending || gives_way(*track, from)) accept_invitation(*track, from, now_us);
  }
  settle(*track, now_us);
}

// Who says that it is fed is asked before the others of this round. Once: by saying so again and again it
// could keep the node from asking anybody else.
bool Relay::gives_way(const Track& track, NodeId from) {
  return !track.is_fed && !track.pending->acknowledged && track.pending->peer != from &&
         !track.invited.contains(track.pending->peer) && !track.invited.contains(from);
}

void Relay::accept_invitation(Track& track, NodeId from, TimeUs now_us) {
  track.invited.insert(from);
  // The other one is not told: it may say later that it is fed.
  drop_pending(track, false);
  ask(track, from, now_us);
}

void Relay::on_media(const TrackKey& key, NodeId from, const Label& label, TimeUs arrived_us, TimeUs now_us) {
  Track* track = find(key);
  if (track == nullptr) return;
  const bool of_active = track->active && track->active->peer == from;
  const bool of_pending = track->pending && track->pending->peer == from;
  if (!of_active && !of_pending) return;
  if (!is_better(label, track->fd) || !is_of_another(label) || !watermark_.is_plausible(label.stamp)) {
    ++counters_.stale_packets;
    return;
  }
  if (of_active && !of_pending && track->is_fed && below(label) == track->fd) {
    track->fed_us = std::max(track->fed_us, arrived_us);
    return;
  }
  watermark_.see(label.stamp);
  if (label.depth >= config_.hop_limit) {
    if (of_active) drop_active(*track, now_us, true);
  } else if (of_active) {
    if (of_pending) take_over_pending(*track, now_us);
    if (track->active) {
      feed(*track, arrived_us, now_us);
      if (now_us >= track->hold_us) improve_label(*track, label);
    }
  } else if (track->pending->acknowledged && watermark_.covers(label.stamp)) {
    adopt(*track, label, arrived_us, now_us);
  } else {
    track->pending->early = label;
    track->pending->early_us = arrived_us;
  }
  settle(*track, now_us);
}

// A packet of the active upstream.
void Relay::feed(Track& track, TimeUs arrived_us, TimeUs now_us) {
  track.fed_us = std::max(track.fed_us, arrived_us);
  if (track.is_fed || now_us - track.fed_us >= feed_window_us_) return;
  track.is_fed = true;
  drop_pending(track, true);
  if (track.starved_us != kNever) {
    note(JournalKind::relay_up, track, track.active->peer,
         "flows from " + name(track.active->peer) + " again after " +
             std::to_string(ms(now_us - track.starved_us)) + " ms",
         now_us, {{"starved_ms", ms(now_us - track.starved_us)}});
  }
  end_starvation(track, now_us);
  track.refresh_at_us = now_us;
  track.improve_at_us = now_us + from_ms(config_.improve_ms);
  changed(track);
  advertise(track, true);
}

// The active upstream was asked anew, and delivers.
void Relay::take_over_pending(Track& track, TimeUs now_us) {
  const Upstream again = std::move(*track.pending);
  drop_pending(track, false);
  if (again.acknowledged && !learn_path(track, *track.active, again.path, now_us)) {
    drop_active(track, now_us, true);
  }
}

// R7: a newer stamp, or a shorter way of the upstream's.
void Relay::improve_label(Track& track, const Label& label) {
  if (!is_better(below(label), track.fd) || !watermark_.covers(label.stamp)) return;
  track.fd = below(label);
  if (track.pending && track.pending->acknowledged && !is_better(track.pending->label, track.fd)) {
    drop_pending(track, true);
  }
  changed(track);
  if (track.is_fed) advertise(track, false);
}

// R6: the new upstream delivers. In one step it takes the old one's place.
void Relay::adopt(Track& track, const Label& label, TimeUs arrived_us, TimeUs now_us) {
  const bool is_move = track.is_fed;
  if (track.active && track.active->peer != track.pending->peer) {
    leave(track, *track.active);
  }
  track.active = std::move(track.pending);
  track.pending.reset();
  track.fd = below(label);
  track.is_fed = true;
  track.fed_us = arrived_us;
  track.tried = track.invited = {};
  track.is_pressed = false;
  track.hold_us = kLongAgo;
  track.wait_us = track.move_wait_us = 0;
  track.refresh_at_us = now_us + from_ms(config_.refresh_ms);
  track.is_refresh_open = false;
  track.improve_at_us = now_us + from_ms(config_.improve_ms);
  ++counters_.adopted;
  end_legs_in_path(track);
  std::string text = "flows from " + name(track.active->peer) + ", " + std::to_string(track.fd.depth) +
                     (track.fd.depth == 1 ? " hop" : " hops") + " from its origin " + name(track.fd.origin);
  const TimeUs starved_us = track.starved_us == kNever ? 0 : now_us - track.starved_us;
  if (!is_move) text += ", after " + std::to_string(ms(starved_us)) + " ms";
  note(JournalKind::relay_up, track, track.active->peer, std::move(text), now_us,
       {{"starved_ms", ms(starved_us)}, {"depth", track.fd.depth}});
  end_starvation(track, now_us);
  changed(track);
  advertise(track, true);
}

}  // namespace causeway::control::relay
