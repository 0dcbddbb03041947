#include "tools/sim/recorder.h"

#include <algorithm>

namespace causeway::sim {

using control::JournalKind;
using control::kNever;

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
}

void Recorder::on_question(NodeId node, NodeId to, std::uint32_t nonce, TimeUs now_us) {
  questions_[place(node, to, nonce)] = {node, to, nonce, now_us};
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

void Recorder::end_outage(NodeId node, TrackIndex track, TimeUs before_us, TimeUs now_us) {
  const Presence* want = Facts::find(facts_.wants[track], node);
  if (want == nullptr || Facts::find(facts_.publishers[track], node) != nullptr) return;
  TimeUs published_us = control::kLongAgo;
  for (const Presence& publisher : facts_.publishers[track])
    published_us = std::max(published_us, publisher.since_us);
  const Outage outage{node, track, before_us, want->since_us, published_us, healed_us_, now_us};
  const TimeUs began_us = outage.began_us();
  if (now_us - began_us <= feed_us_ && began_us == before_us) return;
  ++measures_.outages;
  const bool is_first = want->since_us > before_us;
  if (published_us > before_us && published_us >= want->since_us && !is_first) {
    measures_.moved.add(now_us - published_us);
  } else if (is_first) {
    measures_.first_media.add(now_us - began_us);
  } else if (healed_us_ > began_us) {
    measures_.back_after_heal.add(now_us - healed_us_);
  } else if (mended_us_ < began_us) {
    measures_.rerouted.add(now_us - before_us);
  }
  if (outages_.size() < kMostOutages) outages_.push_back(outage);
}

void Recorder::on_journal(NodeId node, const control::JournalEntry& entry, TimeUs packet_us, TimeUs now_us) {
  if (control::severity(entry.kind) == control::Severity::alarm) ++measures_.alarms;
  if (entry.kind == JournalKind::link_suspected && entry.peer < nodes_) {
    const TimeUs heard_us = heard_us_[node * nodes_ + entry.peer];
    if (heard_us != control::kLongAgo) measures_.suspected.add(now_us - heard_us);
  }
  if (entry.kind == JournalKind::relay_starved && packet_us != control::kLongAgo)
    measures_.feed_loss_noticed.add(now_us - packet_us);
  if (journal_.size() < most_kept_) journal_.push_back({now_us, node, entry});
}

void Recorder::on_convicted(NodeId node, NodeId peer, bool is_wrong, TimeUs now_us) {
  ++measures_.convictions;
  measures_.wrong_convictions += is_wrong;
  const TimeUs heard_us = heard_us_[node * nodes_ + peer];
  if (heard_us != control::kLongAgo) measures_.convicted.add(now_us - heard_us);
}

void Recorder::on_drain(control::DrainState drain) {
  measures_.soft_drains += drain == control::DrainState::soft;
  measures_.hard_drains += drain == control::DrainState::hard;
}

}  // namespace causeway::sim
