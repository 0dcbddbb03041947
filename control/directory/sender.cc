#include "control/directory/sender.h"

#include <algorithm>
#include <array>
#include <utility>

namespace causeway::control::directory {
namespace {

// The budgets save up for so long: all of it for the bursts of a batch, repair's share for a peer that
// restarted and needs everything at once.
constexpr TimeUs kBurstUs = 100'000;
constexpr TimeUs kRepairBurstUs = 1'000'000;
// Between two turns of repair: many records a turn, few turns a second.
constexpr TimeUs kRepairTurnUs = 5'000;
constexpr unsigned kMaxRepairsPerTurn = 256;
// A digest may come this much earlier, so that nodes do not fall into step.
constexpr unsigned kJitterPercent = 25;
// Who seems unreachable gets one digest of so many: should that be wrong, its copy heals all the same.
constexpr unsigned kSlowDigests = 8;
// Between digests to those that ask, who may ask more often than makes sense.
constexpr TimeUs kAnswerUs = 20'000;

std::uint64_t next_random(std::uint64_t& state) {  // xorshift64*
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545f4914f6cdd1d;
}

}  // namespace

Sender::Sender(const config::DirectoryTimers& config, const Membership& membership, NodeId self,
               std::uint64_t seed, const Table& table, Outbox& outbox, Counters& counters, TimeUs now_us)
    : self_(self),
      batch_us_(from_ms(config.batch_ms)),
      digest_us_(from_ms(config.digest_ms)),
      table_(table),
      outbox_(outbox),
      counters_(counters),
      log_(config.log_entries),
      budget_(config.kbit_per_s, 100, kBurstUs, now_us),
      repair_budget_(config.kbit_per_s, config.repair_percent, kRepairBurstUs, now_us),
      random_(seed * 2 + 1),
      readers_(membership.nodes()) {
  for (std::size_t node = 0; node < membership.nodes(); ++node) {
    if (node != self) peers_.insert(static_cast<NodeId>(node));
  }
  schedule_digests(now_us);
}

void Sender::schedule_digests(TimeUs now_us) {
  const auto most_us = static_cast<std::uint64_t>(digest_us_) * kJitterPercent / 100;
  digest_at_us_ = now_us + digest_us_ - static_cast<TimeUs>(next_random(random_) % (most_us + 1));
}

void Sender::append(const Change& change, TimeUs now_us) {
  if (!has_unsent()) batch_at_us_ = now_us + batch_us_;
  log_.append(change);
}

void Sender::set_reachable(const NodeSet& reachable) {
  const NodeSet before = reachable_;
  reachable_ = reachable & peers_;
  reachable_.for_each([&](NodeId peer) {
    if (!before.contains(peer)) wants_digest_.insert(peer);
  });
}

void Sender::on_peer_boot(NodeId peer) {
  readers_[peer] = {};
  working_.erase(peer);
  wants_digest_.insert(peer);
}

void Sender::on_request(NodeId from, const Request& request) {
  Reader& reader = readers_[from];
  switch (request.what) {
    case Request::What::digest:
      wants_digest_.insert(from);
      return;
    case Request::What::log:
      if (request.from > log_.last()) {  // it was told of changes that there are not
        wants_digest_.insert(from);
        return;
      }
      if (request.from > sent_) return;  // they are about to be sent
      if (request.from < log_.oldest()) {
        reader.wants_hashes = true;
      } else {
        const Reader::Range range{request.from, request.to == 0 ? sent_ : std::min(request.to, sent_)};
        const bool is_behind = reader.missed.from != 0 && range.to < reader.missed.from;
        (is_behind ? reader.lost : reader.missed) = range;
      }
      break;
    case Request::What::hashes:
      reader.wants_hashes = true;
      break;
    case Request::What::buckets:
      if (reader.bucket == kBuckets && reader.buckets.none()) reader.next_key = first_key(0);
      reader.buckets |= request.buckets;
      break;
  }
  if (is_work_due(reader) || reader.wants_hashes) working_.insert(from);
}

// ---- sending

bool Sender::is_ready(TimeUs now_us) {
  budget_.refill(now_us);
  repair_budget_.refill(now_us);
  return budget_.is_ready();
}

void Sender::send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body) {
  outbox_.send(to, type, body);
  const std::size_t bytes = body.size() + kOverheadBytes;
  budget_.spend(bytes);
  counters_.bytes_sent += bytes;
}

template <class Message>
void Sender::send_message(NodeId to, wire::RecordType type, const Message& message) {
  std::array<std::uint8_t, wire::kMaxRecordBytes> bytes;
  wire::Writer writer(bytes);
  write(writer, message);
  send(to, type, writer.written());
}

void Sender::send_request(NodeId to, const Request& request) {
  send_message(to, wire::RecordType::directory_request, request);
}

// Encoded once.
void Sender::send_to_reachable(const Delta& delta) {
  std::array<std::uint8_t, wire::kMaxRecordBytes> bytes;
  wire::Writer writer(bytes);
  write(writer, delta);
  reachable_.for_each([&](NodeId peer) {
    send(peer, wire::RecordType::directory_delta, writer.written());
    ++counters_.deltas_sent;
  });
}

void Sender::send_changes(TimeUs now_us) {
  if (!has_unsent()) {
    if (now_us < tail_at_us_) return;
    tail_at_us_ = kNever;
    Delta end;
    end.first = log_.last() + 1;
    send_to_reachable(end);
    return;
  }
  if (now_us < batch_at_us_) return;
  tail_at_us_ = now_us + batch_us_;
  if (reachable_.empty()) sent_ = log_.last();
  Delta delta;
  while (has_unsent() && budget_.is_ready()) {
    if (sent_ + 1 < log_.oldest()) {
      counters_.skipped += log_.oldest() - 1 - sent_;
      sent_ = log_.oldest() - 1;
    }
    log_.fill(sent_ + 1, log_.last(), delta);
    send_to_reachable(delta);
    sent_ = delta.last();
  }
  // What is left waits for the budget, and gathers more meanwhile.
  is_backlogged_ = has_unsent();
  if (!is_backlogged_) batch_at_us_ = kNever;
}

// Only when all changes are sent: then whoever got them compares at once.
void Sender::send_digests(TimeUs now_us) {
  if (has_unsent()) return;
  NodeSet to;
  if (now_us >= answer_at_us_ && !wants_digest_.empty()) {
    to = std::exchange(wants_digest_, {});
    answer_at_us_ = now_us + kAnswerUs;
  }
  if (now_us >= digest_at_us_) {
    to = to | (++digests_ % kSlowDigests == 0 ? peers_ : reachable_);
    schedule_digests(now_us);
  }
  if (to.empty()) return;
  const Summary& summary = table_.summary(self_);
  const Digest digest{log_.last(), log_.oldest(), summary.tracks, summary.hash};
  to.for_each([&](NodeId peer) {
    send_message(peer, wire::RecordType::directory_digest, digest);
    ++counters_.digests_sent;
  });
}

// ---- repair

bool Sender::is_work_due(const Reader& reader) const {
  return reader.lost.from != 0 || reader.missed.from != 0 || reader.bucket != kBuckets ||
         reader.buckets.any() || (reader.wants_hashes && may_send_hashes());
}

// One record for each reader in turn, so that none is served at the others' cost. Hashes wait until all
// changes are sent: only then can the copy that they are compared with be of the same moment.
void Sender::send_repairs(TimeUs now_us) {
  if (working_.empty() || now_us < repair_at_us_) return;
  repair_at_us_ = now_us + kRepairTurnUs;
  unsigned idle = 0;
  for (unsigned sent = 0; sent < kMaxRepairsPerTurn && !working_.empty() && idle < kMaxNodes;) {
    if (!repair_budget_.is_ready() || (sent > 0 && !budget_.is_ready())) return;
    served_ = static_cast<NodeId>((served_ + 1U) % kMaxNodes);
    if (!working_.contains(served_) || !is_work_due(readers_[served_])) {
      ++idle;
      continue;
    }
    idle = 0;
    ++sent;
    const std::uint64_t before = counters_.bytes_sent;
    repair_one(served_);
    const std::uint64_t bytes = counters_.bytes_sent - before;
    repair_budget_.spend(bytes);
    counters_.repair_bytes_sent += bytes;
  }
}

void Sender::repair_one(NodeId peer) {
  Reader& reader = readers_[peer];
  if (reader.wants_hashes && may_send_hashes()) {
    reader.wants_hashes = false;
    send_hashes(peer);
  } else if (reader.lost.from != 0) {
    resend(peer, reader, reader.lost);
  } else if (reader.missed.from != 0) {
    resend(peer, reader, reader.missed);
  } else {
    send_part(peer, reader);
  }
  if (!reader.wants_hashes && !is_work_due(reader)) working_.erase(peer);
}

void Sender::resend(NodeId peer, Reader& reader, Reader::Range& range) {
  if (range.from < log_.oldest()) {  // it went out of the log meanwhile
    reader.lost = reader.missed = {};
    reader.wants_hashes = true;
    return;
  }
  Delta delta;
  log_.fill(range.from, range.to, delta);
  send_message(peer, wire::RecordType::directory_delta, delta);
  counters_.changes_resent += delta.count;
  range.from = delta.last() < range.to ? delta.last() + 1 : 0;
}

void Sender::send_hashes(NodeId peer) {
  BucketHashes hashes{.last = log_.last(), .oldest = log_.oldest()};
  const Summary& summary = table_.summary(self_);
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket)
    hashes.hashes[bucket] = static_cast<std::uint32_t>(summary.buckets[bucket]);
  send_message(peer, wire::RecordType::directory_bucket_hashes, hashes);
}

// The next part of the bucket in hand, or the first of the next one, in their order and round.
void Sender::send_part(NodeId peer, Reader& reader) {
  if (reader.bucket == kBuckets) {
    std::size_t next = bucket_of(reader.next_key);
    while (!reader.buckets[next])
      next = (next + 1) % kBuckets;
    reader.buckets.reset(next);
    reader.bucket = next;
    reader.next_key = first_key(next);
  }
  BucketPart part;
  part.last = log_.last();
  part.from = reader.next_key;
  // One more than fits, to see whether it is the end.
  std::array<Entry, BucketPart::kMaxEntries + 1> entries;
  const std::size_t found = table_.collect(self_, part.from, last_key(reader.bucket), entries);
  part.count = fits(std::span(entries).first(found));
  part.is_end = part.count == found;
  std::copy_n(entries.begin(), part.count, part.entries.begin());
  send_message(peer, wire::RecordType::directory_bucket, part);
  ++counters_.parts_sent;
  if (part.is_end) {
    reader.bucket = kBuckets;
  } else {
    reader.next_key = successor(part.to());
  }
}

// ---- time

TimeUs Sender::next_due_us(TimeUs ask_at_us) const {
  TimeUs due_us = ask_at_us;
  if (has_unsent()) {
    due_us = std::min(due_us, batch_at_us_);
  } else {
    due_us = std::min({due_us, tail_at_us_, digest_at_us_});
    if (!wants_digest_.empty()) due_us = std::min(due_us, answer_at_us_);
  }
  bool has_work = false;
  working_.for_each([&](NodeId peer) { has_work = has_work || is_work_due(readers_[peer]); });
  if (has_work) due_us = std::min(due_us, std::max(repair_at_us_, repair_budget_.ready_at_us()));
  return due_us == kNever ? kNever : std::max(due_us, budget_.ready_at_us());
}

}  // namespace causeway::control::directory
