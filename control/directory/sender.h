// What a node says of its own log: its changes in batches to all peers, a digest now and then, and to who
// missed something what it asks for. All within one budget; changes come first, and repair has a share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "config/timers.h"
#include "control/directory/budget.h"
#include "control/directory/counters.h"
#include "control/directory/log.h"
#include "control/directory/message.h"
#include "control/directory/table.h"
#include "control/wire/ids.h"
#include "control/wire/membership.h"
#include "control/wire/outbox.h"

namespace causeway::control::directory {

// What a record costs beyond its body, at most: its own header, and those of a frame in UDP over IPv6.
inline constexpr std::size_t kOverheadBytes =
    wire::kRecordHeaderBytes + wire::kHeaderBytes + wire::kTagBytes + 48;

class Sender {
 public:
  Sender(const config::DirectoryTimers& config, const Membership& membership, NodeId self, std::uint64_t seed,
         const Table& table, Outbox& outbox, Counters& counters, TimeUs now_us);

  void append(const Change& change, TimeUs now_us);
  void set_reachable(const NodeSet& reachable);
  void on_peer_boot(NodeId peer);  // what it asked for before is void
  void on_request(NodeId from, const Request& request);

  // In this order, and only if is_ready(). The budget is looked at again between them only where there may be
  // much to send, so that nothing starves while it is overdrawn.
  bool is_ready(TimeUs now_us);
  void send_changes(TimeUs now_us);
  void send_request(NodeId to, const Request& request);
  void send_digests(TimeUs now_us);
  void send_repairs(TimeUs now_us);

  // ask_at_us: when send_request() is wanted.
  TimeUs next_due_us(TimeUs ask_at_us) const;
  const NodeSet& reachable() const { return reachable_; }
  const Log& log() const { return log_; }

 private:
  // What a peer asked for and did not get yet.
  struct Reader {
    struct Range {
      Sequence from = 0;  // 0: nothing
      Sequence to = 0;
    };
    Range lost;    // of what was sent again
    Range missed;  // what is being sent again
    bool wants_hashes = false;
    BucketSet buckets;
    std::size_t bucket = kBuckets;  // that is being sent
    TrackKey next_key;              // of it
  };

  bool has_unsent() const { return sent_ < log_.last(); }
  bool is_work_due(const Reader& reader) const;
  bool may_send_hashes() const { return !has_unsent() || is_backlogged_; }
  void send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body);
  void send_to_reachable(const Delta& delta);
  void repair_one(NodeId peer);
  void resend(NodeId peer, Reader& reader, Reader::Range& range);
  void send_hashes(NodeId peer);
  void send_part(NodeId peer, Reader& reader);
  void schedule_digests(TimeUs now_us);
  template <class Message>
  void send_message(NodeId to, wire::RecordType type, const Message& message);

  const NodeId self_;
  const TimeUs batch_us_;
  const TimeUs digest_us_;
  const Table& table_;
  Outbox& outbox_;
  Counters& counters_;
  NodeSet peers_;
  NodeSet reachable_;
  Log log_;
  Budget budget_;
  Budget repair_budget_;
  std::uint64_t random_;

  Sequence sent_ = 0;             // to all who were reachable then
  bool is_backlogged_ = false;    // the last batch left something, for want of budget
  TimeUs batch_at_us_ = kNever;   // the first unsent change waits until then
  TimeUs tail_at_us_ = kNever;    // when those who lost the last delta are told that there was one
  TimeUs digest_at_us_ = kNever;  // to all
  unsigned digests_ = 0;
  NodeSet wants_digest_;     // at once
  TimeUs answer_at_us_ = 0;  // but not before

  std::vector<Reader> readers_;  // by node
  NodeSet working_;              // readers that want something
  NodeId served_ = 0;            // the last one
  TimeUs repair_at_us_ = 0;      // not before
};

}  // namespace causeway::control::directory
