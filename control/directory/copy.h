// This node's copy of one peer's log, and what it must ask the peer for.
//
// The copy is right when all changes up to `applied` are in it. What came before is proved by the digest's
// hash; if it differs, hashes of buckets say where, and those buckets are asked for. Each part of a bucket is
// true by itself at the sequence that it names, so a lost one costs only another question. Changes behind
// that sequence go on top of it: those that come later are applied in order, those that came earlier stay.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "control/directory/counters.h"
#include "control/directory/message.h"
#include "control/directory/missing.h"
#include "control/directory/stamps.h"
#include "control/directory/table.h"

namespace causeway::control::directory {

// Shared by all copies of a node.
struct CopyContext {
  Table& table;
  Stamps& stamps;
  Counters& counters;
  TimeUs retry_us = 0;   // until an unanswered question is asked again, doubled each time
  TimeUs digest_us = 0;  // between two digests
};

// What a peer said that cannot be true.
enum class Lie : std::uint8_t { none, stamp, went_back };

class Copy {
 public:
  // The context outlives it.
  Copy(NodeId owner, const CopyContext& context) : owner_(owner), context_(&context) {}

  // The owner started again, with an empty log. What it claimed before is kept as a hint until the new log is
  // known: it is mostly published again, and a wrong hint costs one NACK.
  void restart(TimeUs now_us);
  void wake(TimeUs now_us);  // the owner is heard again: ask at once

  Lie on_delta(const Delta& delta, TimeUs now_us);
  Lie on_digest(const Digest& digest, TimeUs now_us);
  void on_hashes(const BucketHashes& hashes, TimeUs now_us);
  Lie on_part(const BucketPart& part, TimeUs now_us);

  bool is_asking() const { return question_ != Question::none; }
  TimeUs ask_at_us() const { return is_asking() ? ask_at_us_ : kNever; }
  // What to ask now. Only if is_asking().
  Request ask(TimeUs now_us);

  Sequence applied() const { return applied_; }
  // Proved by a digest, and nothing is known to be missing since.
  bool is_synced() const { return is_proved_ && applied_ >= known_; }

 private:
  enum class Question : std::uint8_t { none, log, hashes, buckets, digest };
  struct Early {
    Sequence first = 1;
    std::vector<Change> changes;
    Sequence last() const { return first + changes.size() - 1; }
  };

  struct Recent {
    Sequence sequence = 0;
    TrackKey track;
  };

  void apply(const Change& change);
  void apply_from(Sequence first, std::span<const Change> changes);
  void remember(Sequence sequence, const TrackKey& track);
  void keep_early(const Delta& delta);
  void take_early();
  void jump_to(Sequence applied);
  bool is_contradiction(const Digest& digest, TimeUs now_us);
  bool is_replay_worse(const Digest& digest) const;
  void compare(const Digest& digest, TimeUs now_us);
  void begin_repair(std::uint32_t tracks, TimeUs now_us);
  void want(const BucketSet& buckets);
  bool is_changed_since(Sequence sequence, const TrackKey& track) const;
  void apply_part(const BucketPart& part);
  Question next_question() const;
  bool has_new_gap() const;
  TimeUs patience_us(bool is_new) const;
  void settle(Question answered, TimeUs now_us);
  Lie take_lie();

  NodeId owner_;
  const CopyContext* context_;

  Sequence applied_ = 0;
  Sequence known_ = 0;        // the log goes at least this far
  std::vector<Early> early_;  // ascending; applied already, and once more when what is missing came
  bool is_proved_ = false;    // what is applied is the owner's log, from its beginning
  // What was applied so long ago that no digest can be that late, and digests in a row behind even that.
  Sequence long_applied_ = 0;
  Sequence marked_ = 0;
  TimeUs marked_us_ = -kNever;
  unsigned backwards_ = 0;

  bool wants_digest_ = false;
  bool wants_hashes_ = false;
  unsigned stale_hashes_ = 0;  // answers in a row that were of another moment than the copy
  Missing missing_;
  // While something is missing: the changes behind recent_after_ that were applied, for parts that are older.
  std::vector<Recent> recent_;
  Sequence recent_after_ = 0;
  bool has_asked_missing_ = false;
  bool is_pass_over_ = false;  // the last of it came, but not all before it

  Question question_ = Question::none;
  Sequence asked_from_ = 0;  // of the log, by the last question
  Sequence asked_to_ = 0;    // by any
  unsigned tries_ = 0;
  TimeUs ask_at_us_ = kNever;
  TimeUs asked_us_ = -kNever;
  unsigned repairs_ = 0;        // since it was proved right
  bool is_incomplete_ = false;  // tracks were refused since then
  TimeUs no_repair_before_us_ = -kNever;
  bool has_lied_ = false;
};

}  // namespace causeway::control::directory
