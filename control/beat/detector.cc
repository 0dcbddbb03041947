#include "control/beat/detector.h"

#include <algorithm>

namespace causeway::control::beat {

Detector::Detector(const config::Heartbeat& heartbeat, const Membership& membership,
                   const std::vector<std::string>& names, NodeId self, std::uint64_t seed, TimeUs now_us)
    : link_timers_(heartbeat),
      probe_timers_(heartbeat),
      jitter_us_(link_timers_.interval_us * std::min(heartbeat.jitter_percent, 50U) / 100),
      membership_(membership),
      self_(self),
      random_(seed),
      words_(names, link_timers_),
      stall_(heartbeat, now_us),
      started_us_(now_us),
      starts_until_us_(now_us + from_ms(heartbeat.startup_ms)),
      hearers_(membership.nodes()),
      desk_(membership.nodes()),
      next_beat_us_(now_us + static_cast<TimeUs>(random_.below(link_timers_.interval_us))),
      next_check_us_(now_us) {
  own_.load_percent = 100;
  peers_.reserve(membership.nodes());
  for (std::size_t node = 0; node < membership.nodes(); ++node) {
    peers_.push_back({Link(link_timers_, now_us), {}, now_us, {}});
    members_.insert(static_cast<NodeId>(node));
  }
}

void Detector::on_beat(NodeId from, std::uint8_t flow, const Beat& beat, TimeUs arrived_us, TimeUs now_us,
                       const Output& out) {
  turn(now_us, out);
  arrived_us = std::min(arrived_us, stall_.now_us());
  const Changes changes = peers_[from].link.on_beat(beat, flow, arrived_us, stall_.now_us());
  if (changes.has(Changes::kNewest)) take_row(from, beat, arrived_us, out);
  if (changes.any()) [[unlikely]] {
    apply(from, changes, out);
    note(from, changes, out);
  }
  if (desk_.is_awaited(from)) [[unlikely]] {
    desk_.settle(
        [&](const HelpDesk::Task& task) {
          return task.request.target == from && beat.echo.number >= task.beat;
        },
        [&](const HelpDesk::Task& task) { answer(task, ProbeAnswer::alive, out); });
  }
}

void Detector::on_media(NodeId from, TimeUs arrived_us, TimeUs now_us, const Output& out) {
  turn(now_us, out);
  arrived_us = std::min(arrived_us, stall_.now_us());
  const Changes changes = peers_[from].link.on_media(arrived_us, stall_.now_us());
  if (changes.any()) [[unlikely]] {
    apply(from, changes, out);
    note(from, changes, out);
  }
  if (desk_.is_awaited(from)) [[unlikely]] {
    desk_.settle(
        [&](const HelpDesk::Task& task) { return task.request.target == from && arrived_us > task.asked_us; },
        [&](const HelpDesk::Task& task) { answer(task, ProbeAnswer::alive, out); });
  }
}

void Detector::on_peer_boot(NodeId from, TimeUs now_us, const Output& out) {
  turn(now_us, out);
  Peer& peer = peers_[from];
  apply(from, peer.link.restart(stall_.now_us()), out);
  note_hearers(from, peer.row.heard, {});
  peer.row = {};  // what the old boot said
}

void Detector::on_local_media(TimeUs arrived_us) {
  local_media_at_us_ = std::max(local_media_at_us_, arrived_us);
}

void Detector::on_overflow(TimeUs now_us, const Output& out) {
  turn(now_us, out);
  if (stall_.is_frozen()) {  // the journal has it already
    stall_.freeze(0);
  } else {
    stalled(0, true, out);
  }
}

void Detector::tick(TimeUs now_us, const Output& out) {
  turn(now_us, out);
  if (stall_.now_us() >= next_check_us_) check_peers(out);
  if (stall_.now_us() >= next_beat_us_) send_beats(out);
}

void Detector::turn(TimeUs now_us, const Output& out) {
  const TimeUs gap_us = stall_.turn(now_us);
  if (gap_us != 0) [[unlikely]]
    stalled(gap_us, false, out);
}

void Detector::stalled(TimeUs gap_us, bool overflow, const Output& out) {
  const TimeUs frozen_us = stall_.freeze(gap_us);
  for (Peer& peer : peers_)
    peer.inquiry.abandon();
  desk_.clear();
  out.journal.push_back(words_.stalled(gap_us, frozen_us, overflow, stall_.now_us()));
  refresh_own_row(out);
}

void Detector::take_row(NodeId from, const Beat& beat, TimeUs arrived_us, const Output& out) {
  Row& row = peers_[from].row;
  const NodeSet heard = beat.row.heard & members_;
  const NodeSet two_way = beat.row.two_way & members_;
  const bool same = row.at_us != kNever && heard == row.heard && two_way == row.two_way &&
                    beat.row.drain == row.drain && beat.row.stalled == row.stalled &&
                    beat.row.local_media == row.local_media;
  if (!same) [[unlikely]] {
    note_hearers(from, row.heard, heard);
    out.events.push_back({from, EventKind::matrix_changed});
  }
  row = beat.row;
  row.heard = heard;
  row.two_way = two_way;
  row.hear_us = row.hear_us & members_;
  row.at_us = arrived_us;
}

// The matrix by columns, so that a beat need not look at every row.
void Detector::note_hearers(NodeId from, const NodeSet& before, const NodeSet& now) {
  before.for_each([&](NodeId node) { hearers_[node].erase(from); });
  now.for_each([&](NodeId node) { hearers_[node].insert(from); });
}

NodeSet Detector::rows_that_count() const {
  NodeSet counting;
  for (std::size_t node = 0; node < peers_.size(); ++node) {
    const auto id = static_cast<NodeId>(node);
    if (is_row_fresh(id) && !peers_[id].row.stalled) counting.insert(id);
  }
  return counting;
}

// Events, and what follows from a change. A silent peer's deadlines are far away: they must come nearer.
void Detector::apply(NodeId id, const Changes& changes, const Output& out) {
  struct Kind {
    unsigned bit;
    EventKind event;
  };
  static constexpr Kind kKinds[] = {
      {Changes::kHeard, EventKind::heard_again}, {Changes::kSuspected, EventKind::suspected},
      {Changes::kDown, EventKind::down},         {Changes::kUp, EventKind::up},
      {Changes::kSettled, EventKind::settled},
  };
  for (const Kind& kind : kKinds) {
    if (changes.has(kind.bit)) out.events.push_back({id, kind.event});
  }
  Peer& peer = peers_[id];
  if (changes.has(Changes::kHeard)) peer.inquiry.reset();
  if (changes.has(Changes::kHeard | Changes::kSuspected | Changes::kTwoWay)) update_own_row(id, out);
  peer.wake_us = std::min(peer.wake_us, peer.link.wake_us(stall_.patience()));
  next_check_us_ = std::min(next_check_us_, peer.wake_us);
}

void Detector::note(NodeId id, const Changes& changes, const Output& out) const {
  const Link& link = peers_[id].link;
  const TimeUs now_us = stall_.now_us();
  if (changes.has(Changes::kSuspected)) out.journal.push_back(words_.suspected(id, link, now_us));
  if (changes.has(Changes::kDown)) out.journal.push_back(words_.down(id, link, now_us));
  if (changes.has(Changes::kUp)) out.journal.push_back(words_.up(id, link, now_us));
  if (changes.has(Changes::kSettled)) out.journal.push_back(words_.settled(id, link, now_us));
  if (changes.has(Changes::kFlowMended))
    out.journal.push_back(words_.flow_mended(id, changes.mended_flow, now_us));
  if (!changes.has(Changes::kFlowBroken)) return;
  const std::uint8_t flow = changes.broken_flow;
  out.journal.push_back(words_.flow_broken(id, flow, now_us - link.flows().arrived_us(flow),
                                           link.flows().by_others(flow), now_us));
}

void Detector::update_own_row(NodeId id, const Output& out) {
  const Row before = own_;
  const Link& link = peers_[id].link;
  own_.heard.erase(id);
  own_.two_way.erase(id);
  if (link.is_reachable()) own_.heard.insert(id);
  if (link.is_two_way()) own_.two_way.insert(id);
  if (own_.heard == before.heard && own_.two_way == before.two_way) return;
  out.events.push_back({self_, EventKind::matrix_changed});
}

void Detector::refresh_own_row(const Output& out) {
  const bool is_stalled = stall_.is_frozen();
  const bool has_local_media = is_local_media();
  const bool same = own_.stalled == is_stalled && own_.local_media == has_local_media;
  own_.stalled = is_stalled;
  own_.local_media = has_local_media;
  if (!same) out.events.push_back({self_, EventKind::matrix_changed});
}

// Beats only ever move a deadline away. So nothing is re-armed when one arrives: a peer is looked at when it
// would have been silent for long enough, had nothing come.
void Detector::check_peers(const Output& out) {
  const TimeUs now_us = stall_.now_us();
  end_tasks(out);
  TimeUs next_us = desk_.next_due_us();
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    const auto id = static_cast<NodeId>(i);
    if (id == self_) continue;
    Peer& peer = peers_[id];
    if (now_us >= peer.wake_us) {
      const Changes changes = peer.link.expire(now_us, stall_.patience());
      if (changes.any()) {
        apply(id, changes, out);
        note(id, changes, out);
      }
      peer.wake_us = peer.link.wake_us(stall_.patience());
      if (!peer.link.is_reachable()) peer.wake_us = std::min(peer.wake_us, inquire(id, out));
    }
    next_us = std::min(next_us, peer.wake_us);
  }
  next_check_us_ = next_us;
}

void Detector::send_beats(const Output& out) {
  refresh_own_row(out);
  counting_ = rows_that_count();
  for (std::size_t node = 0; node < peers_.size(); ++node) {
    if (node != self_) send_beat(static_cast<NodeId>(node), out);
  }
  const TimeUs step_us = link_timers_.interval_us -
                         static_cast<TimeUs>(random_.below(static_cast<std::uint64_t>(jitter_us_) + 1));
  // A turn that is a little late does not slow the beats down, and one that is very late does not bunch them.
  const TimeUs next_us = next_beat_us_ + step_us;
  next_beat_us_ = next_us > stall_.now_us() ? next_us : stall_.now_us() + step_us;
}

void Detector::send_beat(NodeId id, const Output& out) {
  Beat beat;
  beat.row = own_;
  beat.row.hear_us = hearers_[id] & counting_ & own_.heard;
  beat.clock = clock_;
  peers_[id].link.next_beat(beat, stall_.now_us());
  std::array<std::uint8_t, kBeatBytes> body;
  wire::Writer writer(body);
  write(writer, beat);
  out.outbox.send(id, wire::RecordType::beat, writer.written(),
                  static_cast<std::uint8_t>(beat.number % link_timers_.flows));
}

void Detector::fill(View& view, TimeUs now_us) const {
  now_us = std::max(now_us, stall_.now_us());
  view.self = self_;
  view.membership = &membership_;
  view.started_us = started_us_;
  view.frozen = now_us < stall_.patience().frozen_until_us;
  view.starting = now_us < starts_until_us_;
  view.local_media = is_local_media();
  view.load_percent = own_.load_percent;
  view.peers.resize(peers_.size());
  for (std::size_t node = 0; node < peers_.size(); ++node) {
    if (node == self_) continue;
    const Peer& peer = peers_[node];
    PeerView& to = view.peers[node];
    to.beats_heard = peer.link.hears_beats();
    to.beats_two_way = peer.link.is_two_way();
    to.media_heard = peer.link.hears_media();
    to.silent_since_us = peer.link.silent_since_us();
    to.probe = peer.inquiry.result();
    to.link_up = peer.link.is_up();
    to.row = peer.row;
  }
}

bool Detector::is_local_media() const {
  return stall_.now_us() - local_media_at_us_ < link_timers_.detect_us;
}

bool Detector::is_row_fresh(NodeId node) const {
  if (!is_peer(node) || peers_[node].row.at_us == kNever) return false;
  return stall_.now_us() - peers_[node].row.at_us < link_timers_.detect_us;
}

bool Detector::hears(NodeId node, NodeId other) const {
  if (node == self_) return is_two_way(other);
  return is_row_fresh(node) && peers_[node].row.two_way.contains(other);
}

}  // namespace causeway::control::beat
