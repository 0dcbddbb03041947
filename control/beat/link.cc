#include "control/beat/link.h"

#include <algorithm>
#include <limits>

namespace causeway::control::beat {
namespace {

constexpr std::uint64_t kWindowBeats = 64;
// A path that takes longer carries no conversation. The bound keeps a peer's word from making nonsense.
constexpr TimeUs kMostRoundTripUs = from_ms(10000);
constexpr TimeUs kMostHeldUs = std::numeric_limits<std::uint32_t>::max();
constexpr unsigned kLeastFlowMisses = 3;

constexpr TimeUs kHoldGrowth = 12;  // 2.4, in fifths
constexpr TimeUs kHoldGrowthUnit = 5;

}  // namespace

LinkState next_state(LinkState local, LinkState remote, bool may_be_up) {
  const LinkState up = may_be_up ? LinkState::up : LinkState::init;
  switch (local) {
    case LinkState::down:
      if (remote == LinkState::down) return LinkState::init;
      return remote == LinkState::init ? up : LinkState::down;
    case LinkState::init:
      return remote == LinkState::down ? LinkState::init : up;
    case LinkState::up:
      return remote == LinkState::down ? LinkState::down : LinkState::up;
  }
  return LinkState::down;
}

LinkTimers::LinkTimers(const config::Heartbeat& heartbeat)
    : interval_us(from_ms(heartbeat.interval_ms)),
      suspect_us(from_ms(heartbeat.suspect_ms)),
      detect_us(from_ms(heartbeat.down_ms) + interval_us),
      hold_min_us(from_ms(heartbeat.hold_min_ms)),
      hold_max_us(from_ms(heartbeat.hold_max_ms)),
      flap_forget_us(from_ms(heartbeat.flap_forget_ms)),
      up_beats(heartbeat.up_beats),
      flows(std::clamp(heartbeat.flows, 1U, static_cast<unsigned>(wire::kMaxFlows))) {
  const TimeUs turn_us = std::max<TimeUs>(interval_us * flows, 1);  // between two beats of one flow
  flow_misses = std::max(kLeastFlowMisses, static_cast<unsigned>((suspect_us + turn_us - 1) / turn_us));
}

TimeUs hold_us(const LinkTimers& timers, unsigned flaps) {
  TimeUs hold_us = std::min(timers.hold_min_us, timers.hold_max_us);
  for (unsigned flap = 1; flap < flaps && hold_us > 0 && hold_us < timers.hold_max_us; ++flap) {
    hold_us = std::min(hold_us * kHoldGrowth / kHoldGrowthUnit, timers.hold_max_us);
  }
  return hold_us;
}

Link::Link(const LinkTimers& timers, TimeUs now_us)
    : timers_(timers),
      beats_{now_us},
      media_{now_us},
      echoes_{now_us},
      flows_(timers.flows, timers.flow_misses, now_us),
      phi_(timers.interval_us) {}

Changes Link::on_beat(const Beat& beat, std::uint8_t flow, TimeUs arrived_us, TimeUs now_us) {
  Changes changes;
  const std::uint64_t missing = newest_ == 0 || beat.number <= newest_ ? 0 : beat.number - newest_ - 1;
  const Order order = take_number(beat.number);
  if (order == Order::seen) {
    ++doubled_;
    return changes;
  }
  ++received_;
  const bool was_reachable = is_reachable();
  const bool was_two_way = is_two_way();
  const TimeUs apart_us = arrived_us - beats_.at_us;
  hear(beats_, arrived_us, now_us);
  if (flows_.on_beat(flow, arrived_us)) {
    changes.bits |= Changes::kFlowMended;
    changes.mended_flow = flow;
  }
  if (flows_.look(arrived_us, timers_.suspect_us)) {
    changes.bits |= Changes::kFlowBroken;
    changes.broken_flow = flows_.looked_at();
  }
  if (order == Order::newest) {
    changes.bits |= Changes::kNewest;
    if (apart_us >= 0 && apart_us < timers_.suspect_us) phi_.add(apart_us);
    if (apart_us >= timers_.suspect_us) clean_ = 0;
    newest_sent_us_ = beat.sent_us;
    newest_arrived_us_ = arrived_us;
    lost_in_.add(newest_, received_);
    broken_there_ = beat.broken_flows;
    take_echo(beat, arrived_us, now_us);
    step(beat, missing, now_us, changes);
  }
  note_changes(was_reachable, was_two_way, changes);
  return changes;
}

Changes Link::on_media(TimeUs arrived_us, TimeUs now_us) {
  Changes changes;
  const bool was_reachable = is_reachable();
  hear(media_, arrived_us, now_us);
  note_changes(was_reachable, is_two_way(), changes);
  return changes;
}

// Each beat counts once, whatever the network does to it; how far behind it is makes no difference to that.
Link::Order Link::take_number(std::uint64_t number) {
  if (number > newest_) {
    const std::uint64_t ahead = number - newest_;
    window_ = (ahead < kWindowBeats ? window_ << ahead : 0) | 1;
    newest_ = number;
    return Order::newest;
  }
  const std::uint64_t behind = newest_ - number;
  if (behind >= kWindowBeats || (window_ >> behind & 1) != 0) return Order::seen;
  window_ |= std::uint64_t{1} << behind;
  return Order::late;
}

// What waited in a queue while the node stood still proves nothing of now, but keeps nobody from being heard.
void Link::hear(Evidence& evidence, TimeUs arrived_us, TimeUs now_us) const {
  evidence.at_us = std::max(evidence.at_us, arrived_us);
  if (now_us - evidence.at_us < timers_.suspect_us) evidence.fresh = true;
}

void Link::take_echo(const Beat& beat, TimeUs arrived_us, TimeUs now_us) {
  const Echo& echo = beat.echo;
  if (echo.number > sent_) {
    ++implausible_;
    return;
  }
  if (echo.number <= echoed_) return;  // nothing new arrived there
  echoed_ = echo.number;
  hear(echoes_, arrived_us, now_us);
  lost_out_.add(echo.number, beat.received);
  const TimeUs earliest_us = arrived_us - kMostHeldUs - kMostRoundTripUs;
  if (echo.sent_us > arrived_us || echo.sent_us < earliest_us) {
    ++implausible_;
    return;
  }
  const TimeUs round_trip_us = arrived_us - echo.sent_us - static_cast<TimeUs>(echo.held_us);
  if (round_trip_us >= 0 && round_trip_us <= kMostRoundTripUs) round_trip_.add(round_trip_us, arrived_us);
}

void Link::step(const Beat& beat, std::uint64_t missing, TimeUs now_us, Changes& changes) {
  remote_ = beat.state;
  // One bad path among several takes single beats out. It is a gap when each flow missed one.
  if (missing >= timers_.flows || !is_two_way()) clean_ = 0;
  if (is_two_way() && clean_ < timers_.up_beats) ++clean_;
  const bool may_be_up = is_two_way() && (!needs_clean_ || clean_ >= timers_.up_beats);
  const LinkState next = next_state(state_, remote_, may_be_up);
  if (next == state_) return;
  if (next == LinkState::down) return go_down(now_us, changes);
  state_ = next;
  if (next != LinkState::up) return;
  if (now_us - flap_at_us_ >= timers_.flap_forget_us) flaps_ = 0;
  needs_clean_ = false;
  up_at_us_ = now_us;
  changes.bits |= Changes::kUp;
}

void Link::go_down(TimeUs now_us, Changes& changes) {
  clean_ = 0;
  settled_ = false;
  if (state_ == LinkState::up) {
    if (now_us - flap_at_us_ >= timers_.flap_forget_us) flaps_ = 0;
    ++flaps_;
    flap_at_us_ = now_us;
    needs_clean_ = true;
    changes.bits |= Changes::kDown;
  }
  state_ = LinkState::down;
}

Changes Link::expire(TimeUs now_us, const Patience& patience) {
  Changes changes;
  const bool was_reachable = is_reachable();
  const bool was_two_way = is_two_way();
  for (Evidence* evidence : {&beats_, &media_, &echoes_}) {
    const TimeUs since_us = std::max(evidence->at_us, patience.resumed_us);
    if (now_us - since_us >= timers_.suspect_us) evidence->fresh = false;
  }
  note_changes(was_reachable, was_two_way, changes);
  const bool detected = now_us >= patience.frozen_until_us && now_us - beats_.at_us >= timers_.detect_us;
  if (state_ != LinkState::down && detected) {
    go_down(now_us, changes);
    remote_ = LinkState::down;  // RFC 5880, 6.8.1: bfd.RemoteSessionState
  }
  if (is_up() && !settled_ && now_us - up_at_us_ >= hold_us()) {
    settled_ = true;
    changes.bits |= Changes::kSettled;
  }
  return changes;
}

TimeUs Link::wake_us(const Patience& patience) const {
  TimeUs wake_us = kNever;
  for (const Evidence* evidence : {&beats_, &media_, &echoes_}) {
    if (!evidence->fresh) continue;
    wake_us = std::min(wake_us, std::max(evidence->at_us, patience.resumed_us) + timers_.suspect_us);
  }
  if (state_ != LinkState::down) {
    wake_us = std::min(wake_us, std::max(beats_.at_us + timers_.detect_us, patience.frozen_until_us));
  }
  if (is_up() && !settled_) wake_us = std::min(wake_us, up_at_us_ + hold_us());
  return wake_us;
}

Changes Link::restart(TimeUs now_us) {
  Changes changes;
  const bool was_two_way = is_two_way();
  if (is_up()) changes.bits |= Changes::kDown;
  state_ = remote_ = LinkState::down;
  settled_ = false;
  clean_ = 0;
  echoes_.fresh = false;
  echoed_ = newest_ = window_ = 0;
  received_ = 0;
  flows_.restart(now_us);
  broken_there_ = 0;
  lost_in_.clear();
  lost_out_.clear();
  note_changes(is_reachable(), was_two_way, changes);
  return changes;
}

void Link::next_beat(Beat& beat, TimeUs now_us) {
  beat.number = ++sent_;
  beat.sent_us = now_us;
  beat.echo = {};
  if (newest_ != 0) {
    const TimeUs held_us = std::clamp<TimeUs>(now_us - newest_arrived_us_, 0, kMostHeldUs);
    beat.echo = {newest_, newest_sent_us_, static_cast<std::uint32_t>(held_us)};
  }
  beat.received = received_;
  beat.state = state_;
  beat.broken_flows = flows_.broken();
}

void Link::note_changes(bool was_reachable, bool was_two_way, Changes& changes) const {
  if (is_reachable() && !was_reachable) changes.bits |= Changes::kHeard;
  if (!is_reachable() && was_reachable) changes.bits |= Changes::kSuspected;
  if (is_two_way() != was_two_way) changes.bits |= Changes::kTwoWay;
}

}  // namespace causeway::control::beat
