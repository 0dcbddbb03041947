#include "control/verdict/peers.h"

#include <algorithm>

#include "control/verdict/matrix.h"

namespace causeway::control::verdict {
namespace {

// Suspicion is the detector's to tell (link_suspected): it concludes nothing.
constexpr bool is_told(Verdict verdict) {
  return verdict != Verdict::none && verdict != Verdict::suspect;
}

}  // namespace

void Peers::turn(const View& view, TimeUs now_us, Output& output) {
  if (view.starting) return reset(now_us, output);
  if (view.frozen) {
    for (State& state : states_)
      state.candidate = state.verdict;
    is_quiet_ = false;
    return;
  }
  is_quiet_ = true;
  const NodeSet heard = heard_here(view, fleet_);
  if (heard.empty()) alone_us_ = now_us;
  if (without(heard, own_site()).empty()) islanded_us_ = now_us;
  for (std::size_t n = 0; n < fleet_.nodes; ++n) {
    if (n != self_) look(view, static_cast<NodeId>(n), heard, now_us, output);
  }
}

void Peers::look(const View& view, NodeId id, const NodeSet& heard, TimeUs now_us, Output& output) {
  const PeerView& peer = view.peers[id];
  State& state = states_[id];
  const bool is_silent = !heard.contains(id);
  if (is_silent && peer.probe == ProbeResult::alive) state.alive_us = now_us;
  if (!is_silent || peer.probe == ProbeResult::silent) state.alive_us = kLongAgo;
  Evidence evidence;
  if (is_silent) evidence = gather(view, id, heard, now_us);
  const Verdict found = is_silent ? judge_silent(state, evidence, now_us) : judge_heard(peer, now_us);

  // A verdict on a peer that falls silent is kept until it can be told what the silence is.
  const bool is_too_early = is_silent && evidence.silent_us < timers_.settle_us && is_told(state.verdict);
  if (found == state.verdict || is_too_early) {
    state.candidate = state.verdict;
  } else if (found != state.candidate) {
    state.candidate = found;
    state.candidate_since_us = now_us;
  }
  const TimeUs found_for_us = now_us - state.candidate_since_us;
  if (state.candidate != state.verdict && found_for_us >= patience_us(state.verdict, found)) {
    evidence.one_way_us = found_for_us;
    change(id, found, evidence, now_us, output);
  }
  is_quiet_ = is_quiet_ && state.verdict == Verdict::none && state.candidate == Verdict::none;
}

Evidence Peers::gather(const View& view, NodeId id, const NodeSet& heard, TimeUs now_us) const {
  Evidence evidence;
  const PeerView& peer = view.peers[id];
  evidence.is_silent = true;
  evidence.silent_us = std::max<TimeUs>(now_us - peer.silent_since_us, 0);
  evidence.probe = peer.probe;
  const TimeUs settled_us = peer.silent_since_us + timers_.settle_us;
  heard.for_each([&](NodeId other) {
    const Row& row = view.peers[other].row;
    if (!counts(row, timers_.down_us, now_us) || row.at_us < settled_us) return;
    if (row.two_way.contains(id)) evidence.connected.insert(other);
    if (!row.heard.contains(id)) evidence.deaf.insert(other);
    if (row.hear_us.contains(id)) evidence.say_hears_us.insert(other);
  });
  const bool is_own_site = fleet_.site_of[id] == fleet_.site_of[self_];
  // Who comes back from an island hears some before others, and what helpers said is of the time before.
  evidence.outside_heard = now_us - (is_own_site ? alone_us_ : islanded_us_) >= timers_.settle_us;
  return evidence;
}

NodeSet Peers::own_site() const {
  return fleet_.nodes_of[fleet_.site_of[self_] % kMaxSites];
}

Verdict Peers::judge_heard(const PeerView& peer, TimeUs now_us) const {
  // Beats are what has an echo. A peer that stalled echoes nothing, and one whose row is not there has just
  // started.
  const bool is_one_way = peer.beats_heard && !peer.beats_two_way;
  if (!is_one_way || !counts(peer.row, timers_.down_us, now_us)) return Verdict::none;
  return peer.row.heard.contains(self_) ? Verdict::none : Verdict::half_open_out;
}

// In the order of what is known best: that it lives and hears us, that it lives, that it does not.
Verdict Peers::judge_silent(const State& state, const Evidence& evidence, TimeUs now_us) const {
  if (evidence.silent_us < timers_.settle_us) return Verdict::suspect;
  if (!evidence.say_hears_us.empty()) return Verdict::half_open_in;
  if (!evidence.connected.empty()) return Verdict::path_broken;
  // The detector asks again and again: its result is open in between.
  if (now_us - state.alive_us <= timers_.down_us) return Verdict::path_broken;
  // Who was convicted stays so until it is heard, or somebody knows better. Missing answers say nothing.
  if (state.verdict == Verdict::peer_gone) return Verdict::peer_gone;
  const bool is_confirmed = evidence.probe == ProbeResult::silent && evidence.outside_heard;
  return evidence.silent_us >= timers_.down_us && is_confirmed ? Verdict::peer_gone : Verdict::suspect;
}

// How long something else has to be found before it replaces the present verdict, so that none flaps.
TimeUs Peers::patience_us(Verdict from, Verdict to) const {
  if (to == Verdict::none) return from == Verdict::suspect ? 0 : timers_.suspect_us;
  if (to == Verdict::half_open_out) return timers_.row_way_us;
  return is_told(from) ? timers_.row_way_us : 0;  // silence has its own waits
}

void Peers::change(NodeId id, Verdict to, const Evidence& evidence, TimeUs now_us, Output& output) {
  State& state = states_[id];
  const Verdict from = state.verdict;
  if (is_told(to)) {
    output.journal.push_back(words_.concluded(id, to, evidence, now_us));
  } else if (is_told(from)) {
    output.journal.push_back(words_.cleared(id, from, now_us - state.since_us, evidence, now_us));
  }
  output.peers.push_back({id, from, to});
  state.verdict = state.candidate = to;
  state.since_us = now_us;
  ++times_[static_cast<std::size_t>(to)];
  convicted_.erase(id);
  if (to == Verdict::peer_gone) convicted_.insert(id);
}

void Peers::reset(TimeUs now_us, Output& output) {
  for (std::size_t n = 0; n < fleet_.nodes; ++n) {
    State& state = states_[n];
    if (state.verdict != Verdict::none) change(static_cast<NodeId>(n), Verdict::none, {}, now_us, output);
    state = {};
  }
  is_quiet_ = true;
}

}  // namespace causeway::control::verdict
