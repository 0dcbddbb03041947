#include "tools/sim/recorder.h"

#include <algorithm>

namespace causeway::sim {

using control::JournalKind;
using control::kNever;

namespace {

std::int64_t number_of(const control::JournalEntry& entry, std::string_view what) {
  const auto at = std::ranges::find(entry.numbers, what, [](const auto& number) { return number.first; });
  return at == entry.numbers.end() ? 0 : at->second;
}

// The journal has no word for a verdict, but its evidence tells: who is not silent can only be half open
// outwards, and who is, and is known to hear this node, inwards.
bool says_half_open_in(const control::JournalEntry& entry) {
  return number_of(entry, "silent_ms") > 0 && number_of(entry, "witnesses") > 0;
}
bool says_half_open_out(const control::JournalEntry& entry) {
  return number_of(entry, "silent_ms") == 0 && number_of(entry, "one_way_ms") > 0;
}

}  // namespace

void Measures::add(const Measures& other) {
#define CAUSEWAY_ADD(name, help) name.add(other.name);
  CAUSEWAY_TIMES(CAUSEWAY_ADD)
#undef CAUSEWAY_ADD
  convictions += other.convictions;
  wrong_convictions += other.wrong_convictions;
  soft_drains += other.soft_drains;
  hard_drains += other.hard_drains;
  alarms += other.alarms;
  nacks += other.nacks;
  outages += other.outages;
  inside_outages += other.inside_outages;
  missing += other.missing;
  unanswered += other.unanswered;
}

Recorder::Recorder(const Facts& facts, const Plan& plan, std::size_t tracks)
    : facts_(facts),
      nodes_(plan.sites.size() * plan.nodes_per_site),
      nodes_per_site_(plan.nodes_per_site),
      feed_us_(control::from_ms(plan.relay.feed_window_ms + plan.relay.feed_jitter_ms)),
      startup_us_(control::from_ms(plan.heartbeat.startup_ms)),
      heard_us_(nodes_ * nodes_, control::kLongAgo),
      publishers_(tracks, 0),
      left_us_(tracks * nodes_, control::kLongAgo),
      fooled_us_(tracks * nodes_, control::kLongAgo),
      suspicions_(nodes_, control::from_ms(2 * plan.heartbeat.down_ms)),
      convictions_(nodes_, control::from_ms(2 * plan.heartbeat.down_ms)),
      half_open_in_(nodes_, control::from_ms(2 * plan.heartbeat.down_ms)),
      half_open_out_(nodes_, control::from_ms(2 * plan.heartbeat.down_ms)) {}

void Recorder::on_question(NodeId node, NodeId to, std::uint32_t nonce, TimeUs now_us) {
  Question& question = questions_[place(node, to, nonce)];
  forget(question, now_us);
  question = {node, to, nonce, now_us};
}

// Its place is needed for another one, or the run is over.
void Recorder::forget(Question& question, TimeUs now_us) {
  const bool is_asked = question.node != control::kNoNode;
  measures_.unanswered += is_asked && now_us - question.asked_us > kAnswerUs;
}

void Recorder::on_answer(NodeId node, NodeId to, std::uint32_t nonce, TimeUs arrives_us, TimeUs round_trip_us,
                         bool is_nack) {
  measures_.nacks += is_nack;
  Question& question = questions_[place(to, node, nonce)];
  if (question.node != to || question.to != node || question.nonce != nonce || arrives_us == kNever) return;
  Times& times = is_nack ? measures_.nack_beyond_round_trip : measures_.ack_beyond_round_trip;
  times.add(arrives_us - question.asked_us - round_trip_us);
  question = {};  // a doubled question is answered twice
}

TimeUs Recorder::published_us(TrackIndex track) const {
  TimeUs since_us = control::kLongAgo;
  for (const Presence& publisher : facts_.publishers[track])
    since_us = std::max(since_us, publisher.since_us);
  return since_us;
}

// The first packet after a pause, or the first one of another origin.
void Recorder::on_gap(NodeId node, TrackIndex track, NodeId maker, const Made& before, TimeUs now_us) {
  const Presence* want = Facts::find(facts_.wants[track], node);
  const Presence* publisher = Facts::find(facts_.publishers[track], maker);
  // Of an origin that has gone meanwhile: it ends nothing.
  if (want == nullptr || publisher == nullptr || Facts::find(facts_.publishers[track], node) != nullptr)
    return;
  const bool is_outage = now_us - before.at_us > feed_us_;
  const bool is_new = maker != before.by || publisher->since_us > before.at_us;  // it may be back
  const bool is_moved = is_new && publishers_[track] > 1 && publisher->since_us >= want->since_us &&
                        publisher->since_us == published_us(track);
  measures_.outages += is_outage;
  if (is_moved) {
    measures_.moved.add(now_us - publisher->since_us);
  } else if (is_outage) {
    end_outage(*want, track, before.at_us, now_us);
  }
  const TimeUs began_us = std::max({before.at_us, want->since_us, published_us(track)});
  if (is_outage && fooled_us_[track * nodes_ + node] > began_us && has_source(track, began_us))
    measures_.past_black_hole.add(now_us - began_us);
  if (!is_outage || want->since_us > before.at_us) return;
  measures_.relay_loss.add(now_us - std::max({before.at_us, published_us(track), healed_us_}));
  note_frozen(track, before.at_us, now_us);
  const auto site = node / nodes_per_site_;
  measures_.inside_outages += std::ranges::any_of(
      facts_.publishers[track], [&](const Presence& each) { return each.node / nodes_per_site_ == site; });
}

void Recorder::end_outage(const Presence& want, TrackIndex track, TimeUs before_us, TimeUs now_us) {
  const TimeUs began_us = std::max({before_us, want.since_us, published_us(track)});
  if (want.since_us > before_us) {
    measures_.first_media.add(now_us - began_us);
  } else if (booted_us_ + kSettleUs > began_us) {
    measures_.back_after_restart.add(now_us - booted_us_);
  } else if (healed_us_ > began_us) {
    measures_.back_after_heal.add(now_us - healed_us_);
  } else if (mended_us_ < began_us) {
    measures_.rerouted.add(now_us - before_us);
  }
}

// The data plane of its origin has sent ever since.
bool Recorder::has_source(TrackIndex track, TimeUs since_us) const {
  return std::ranges::any_of(facts_.publishers[track], [&](const Presence& each) {
    return facts_.nodes[each.node].sends_since_us <= since_us;
  });
}

// Whatever brought the media back: who waited until the data plane sent again counts, too. If the origin's
// own is frozen, there is nothing to be found.
void Recorder::note_frozen(TrackIndex track, TimeUs before_us, TimeUs now_us) {
  const bool was_thawed = thawed_us_ > frozen_us_ && thawed_us_ < before_us;
  const bool is_by_it = before_us + feed_us_ > frozen_us_ && published_us(track) < frozen_us_ && !was_thawed;
  if (is_by_it && frozen_us_ != control::kLongAgo && has_source(track, before_us))
    measures_.around_frozen.add(now_us - before_us);
}

void Recorder::note_missing(const Presence& want, TrackIndex track, TimeUs packet_us, TimeUs now_us) {
  const bool has_source = !facts_.publishers[track].empty();
  if (packet_us == kNever || !has_source || Facts::find(facts_.publishers[track], want.node) != nullptr)
    return;
  measures_.missing += now_us - std::max({packet_us, want.since_us, published_us(track)}) > feed_us_;
}

// It was up and had judged others for long enough when it had to find something out.
bool Recorder::is_settled(NodeId node, TimeUs now_us) const {
  const TimeUs able_us = facts_.nodes[node].able_since_us;
  return able_us != kNever && now_us - able_us >= startup_us_;
}

void Recorder::on_death(NodeId node, TimeUs now_us) {
  for (Awaited* each : {&suspicions_, &convictions_, &half_open_in_, &half_open_out_})
    each->drop(node);
  for (NodeId other = 0; other < node_count(); ++other) {
    if (other == node || !is_settled(other, now_us)) continue;
    suspicions_.begin(other, node, now_us);
    convictions_.begin(other, node, now_us);
  }
}

void Recorder::on_boot(NodeId node, TimeUs now_us) {
  mended_us_ = booted_us_ = now_us;
  for (NodeId other = 0; other < node_count(); ++other) {
    suspicions_.over(other, node, now_us, measures_.death_suspected);
    convictions_.over(other, node, now_us, measures_.death_convicted);
  }
}

void Recorder::on_cut_one_way(NodeId from, NodeId to, TimeUs now_us) {
  if (!is_settled(from, now_us) || !is_settled(to, now_us)) return;
  half_open_in_.begin(to, from, now_us);
  half_open_out_.begin(from, to, now_us);
}

void Recorder::on_heal_one_way(NodeId from, NodeId to, TimeUs now_us) {
  half_open_in_.over(to, from, now_us, measures_.half_open_told);
  half_open_out_.over(from, to, now_us, measures_.half_open_told);
}

void Recorder::end_awaited(TimeUs now_us) {
  for (NodeId a = 0; a < node_count(); ++a) {
    for (NodeId b = 0; b < node_count(); ++b) {
      suspicions_.over(a, b, now_us, measures_.death_suspected);
      convictions_.over(a, b, now_us, measures_.death_convicted);
      on_heal_one_way(a, b, now_us);
    }
  }
  for (Question& question : questions_)
    forget(question, now_us);
}

void Recorder::on_journal(NodeId node, const control::JournalEntry& entry, TrackIndex track, TimeUs packet_us,
                          TimeUs now_us) {
  if (control::severity(entry.kind) == control::Severity::alarm) ++measures_.alarms;
  if (entry.kind == JournalKind::link_suspected && entry.peer < nodes_) {
    const TimeUs heard_us = heard_us_[node * nodes_ + entry.peer];
    if (heard_us != control::kLongAgo) measures_.suspected.add(now_us - heard_us);
    suspicions_.found(node, entry.peer, now_us, measures_.death_suspected);
  }
  if (entry.kind == JournalKind::verdict && entry.peer < nodes_) {
    if (says_half_open_in(entry)) half_open_in_.found(node, entry.peer, now_us, measures_.half_open_told);
    if (says_half_open_out(entry)) half_open_out_.found(node, entry.peer, now_us, measures_.half_open_told);
  }
  // Who was the origin itself loses no feed when it no longer is.
  const bool had_feed = track < publishers_.size() && packet_us > left_us_[track * nodes_ + node];
  if (entry.kind == JournalKind::relay_starved && had_feed)
    measures_.feed_loss_noticed.add(now_us - packet_us);
  if (entry.kind == JournalKind::black_hole && track < publishers_.size())
    fooled_us_[track * nodes_ + node] = now_us;
  if (journal_.size() < most_kept_) journal_.push_back({now_us, node, entry});
}

void Recorder::on_convicted(NodeId node, NodeId peer, bool is_wrong, TimeUs now_us) {
  ++measures_.convictions;
  measures_.wrong_convictions += is_wrong;
  const TimeUs heard_us = heard_us_[node * nodes_ + peer];
  if (heard_us != control::kLongAgo) measures_.convicted.add(now_us - heard_us);
  convictions_.found(node, peer, now_us, measures_.death_convicted);
}

void Recorder::on_drain(control::DrainState drain) {
  measures_.soft_drains += drain == control::DrainState::soft;
  measures_.hard_drains += drain == control::DrainState::hard;
}

}  // namespace causeway::sim
