// What a node says and decides, looked at from outside; and the arbiter.
#include <algorithm>

#include "control/relay/message.h"
#include "tools/sim/world.h"

namespace causeway::sim {

using control::kNever;
using control::wire::RecordType;

namespace {

constexpr TimeUs kArbiterUs = 30'000;  // one way

}  // namespace

// Looks into a frame that leaves a node.
void World::inspect(Node& node, NodeId to, std::span<const std::uint8_t> frame, const Fate& fate) {
  control::wire::FrameHeader header;
  std::span<const std::uint8_t> records;
  checker_.count_check();
  if (control::wire::read_frame(frame, header, records) != control::wire::FrameError::none ||
      frame.size() > control::wire::kMaxPlainBytes) {
    checker_.report(Invariant::size, node.id, UINT32_MAX,
                    checker_.name(node.id) + " sent a frame that is none", now_us_);
    return;
  }
  while (const auto record = control::wire::next(records)) {
    coverage_.on_record(record->type);
    if (record->type >= RecordType::subscribe && record->type <= RecordType::advert)
      inspect_relay(node, to, *record, fate);
    if (record->type == RecordType::directory_digest || record->type == RecordType::directory_delta)
      learn_log(node, *record);
  }
}

void World::inspect_relay(const Node& node, NodeId to, const control::wire::Record& record,
                          const Fate& fate) {
  namespace relay = control::relay;
  const TimeUs arrives_us = fate.copies > 0 ? now_us_ + fate.after_us[0] : kNever;
  if (record.type == RecordType::subscribe) {
    relay::Subscribe message;
    if (relay::read(record.body, message)) recorder_.on_question(node.id, to, message.nonce, now_us_);
  } else if (record.type == RecordType::ack) {
    relay::Ack message;
    if (!relay::read(record.body, message)) return;
    recorder_.on_answer(node.id, to, message.nonce, arrives_us, round_trip_us(node.id, to), false);
    if (const auto track = tracks_.find(message.track); track != tracks_.end()) {
      checker_.on_acknowledge(node.id, track->second, node.mind->relay(message.track).is_fed, now_us_);
    }
  } else if (record.type == RecordType::nack) {
    relay::Nack message;
    if (!relay::read(record.body, message)) return;
    coverage_.on_nack(message.reason);
    recorder_.on_answer(node.id, to, message.nonce, arrives_us, round_trip_us(node.id, to), true);
  } else if (record.type == RecordType::withdraw) {
    relay::Withdraw message;
    if (relay::read(record.body, message)) coverage_.on_withdraw(message.reason);
  }
}

void World::notice_journal(Node& node) {
  for (const control::JournalEntry& entry : effects_.journal) {
    hash_.add(static_cast<std::uint64_t>(entry.kind) << 8 | entry.peer);
    coverage_.on_journal(entry.kind);
    const auto track = tracks_.find(entry.track);
    const TrackIndex index = track == tracks_.end() ? UINT32_MAX : track->second;
    const Table* table = track == tracks_.end() ? nullptr : node.data_plane.find(index);
    // It is fed by a packet of the upstream that it asks, too.
    const TimeUs packet_us =
        table == nullptr ? control::kLongAgo : std::max(table->packet_us, table->promised_us);
    recorder_.on_journal(node.id, entry, index, packet_us, now_us_);
    checker_.count_check();
    if (entry.kind == control::JournalKind::gate_refused) {
      checker_.report(Invariant::gate, node.id, UINT32_MAX, checker_.name(node.id) + ": " + entry.text,
                      now_us_);
    }
  }
  notice_convicted(node);
}

// A verdict is never without a line in the journal.
void World::notice_convicted(Node& node) {
  const control::NodeSet convicted = node.mind->convicted();
  if (convicted == node.convicted) return;
  convicted.for_each([&](NodeId peer) {
    if (node.convicted.contains(peer) || peer >= nodes_.size()) return;
    // What it says must have had the time to come here.
    const TimeUs well_us =
        std::max(backbone_.heard_since_us(peer, node.id), facts_.nodes[peer].able_since_us);
    const bool is_wrong = well_us != kNever && now_us_ - well_us > 1'000'000;
    coverage_.on(is_wrong ? WorldPath::convicted_wrongly : WorldPath::convicted);
    recorder_.on_convicted(node.id, peer, is_wrong, now_us_);
  });
  node.convicted = convicted;
}

void World::notice_drain(Node& node, control::DrainState drain) {
  node.drain = drain;
  hash_.add(static_cast<std::uint64_t>(drain) << 8 | node.id);
  recorder_.on_drain(drain);
  checker_.on_drain(node.id, drain, now_us_);
}

void World::ask_arbiter(Node& node) {
  if (effects_.release_token) schedule(now_us_ + kArbiterUs, EventKind::token_freed, node);
  if (effects_.ask_token) schedule(now_us_ + kArbiterUs, EventKind::token_asked, node);
  if (effects_.report_islanded) schedule(now_us_ + kArbiterUs, EventKind::reported, node);
}

// What a node says reaches the arbiter, whatever became of the node meanwhile.
void World::at_arbiter(const Node& node, EventKind kind) {
  if (!is_arbiter_up_) return coverage_.on(WorldPath::token_unanswered);
  if (kind == EventKind::token_freed) return arbiter_.release(node.id, now_us_);
  if (kind == EventKind::token_asked) {
    const bool is_granted = arbiter_.ask(node.id, now_us_) == control::verdict::ArbiterAnswer::granted;
    coverage_.on(is_granted ? WorldPath::token_granted : WorldPath::token_withheld);
    schedule(now_us_ + kArbiterUs, EventKind::token_answer, node, is_granted ? 1 : 0);
  }
  const bool is_common = arbiter_.report(node.id, now_us_);
  if (is_common) coverage_.on(WorldPath::common_mode);
  schedule(now_us_ + kArbiterUs, EventKind::common_mode, node, is_common ? 1 : 0);
  if (is_common == was_common_mode_) return;
  was_common_mode_ = is_common;
  for (const Node& other : nodes_) {
    if (other.id != node.id) schedule(now_us_ + kArbiterUs, EventKind::common_mode, other, is_common ? 1 : 0);
  }
}

void World::from_arbiter(Node& node, EventKind kind, bool word) {
  command(node, [kind, word](Mind& mind, TimeUs own_us, Effects& effects) {
    if (kind == EventKind::common_mode) return mind.on_common_mode(word, own_us, effects);
    mind.on_token(word ? control::TokenAnswer::granted : control::TokenAnswer::refused, own_us, effects);
  });
}

}  // namespace causeway::sim
