#include "control/directory/copy.h"

#include <algorithm>
#include <utility>

namespace causeway::control::directory {
namespace {

// Deltas behind a gap that are kept until it is filled: those of a round trip and more.
constexpr std::size_t kMaxEarly = 32;
// Questions to one peer are at least this far apart, so that nobody makes this node flood it.
constexpr TimeUs kAskUs = 10'000;
constexpr unsigned kMaxDoublings = 5;
// For what overtook others on the way: what seems to be lost may only be late.
constexpr TimeUs kLateUs = 20'000;
// A digest that is behind the copy is late, but not by so much, and not so many in a row.
constexpr TimeUs kMaxLateUs = 3'000'000;
constexpr unsigned kMaxBackwards = 3;
// Changes that parts which they overtook must not undo; who changes more in that time asks again.
constexpr std::size_t kMaxRecent = 256;
// Answers of another moment that are not used.
constexpr unsigned kMaxStaleHashes = 3;
// Repairs that may follow each other at once, and the longest wait between later ones, in doubled digest_ms.
constexpr unsigned kQuickRepairs = 3;
constexpr unsigned kMaxRepairDoublings = 6;
// From so many tracks on, an empty copy asks for everything at once, and saves a round trip.
constexpr std::uint32_t kManyTracks = 1024;
// A short log is replayed, however few tracks are left of it.
constexpr Sequence kShortLog = 256;

}  // namespace

// ---- changes of the owner's life

void Copy::restart(TimeUs now_us) {
  const TimeUs asked_us = asked_us_;
  *this = Copy(owner_, *context_);
  asked_us_ = asked_us;
  wants_digest_ = true;
  settle(Question::none, now_us);
}

void Copy::wake(TimeUs now_us) {
  if (!is_asking()) return;
  tries_ = 0;
  ask_at_us_ = std::max(now_us, asked_us_ + kAskUs);
}

// ---- the log

void Copy::apply(const Change& change) {
  ++context_->counters.changes_applied;
  if (change.is_removal) {
    context_->table.remove(owner_, change.track);
  } else if (!context_->stamps.see(change.stamp)) {
    ++context_->counters.refused_stamps;
    is_incomplete_ = has_lied_ = true;
  } else if (context_->table.put(owner_, change.track, change.stamp) == Stored::refused) {
    ++context_->counters.refused_full;
    is_incomplete_ = true;
  }
}

// Those of the changes that are not applied yet. None is missing before them.
void Copy::apply_from(Sequence first, std::span<const Change> changes) {
  for (std::size_t i = applied_ + 1 - first; i < changes.size(); ++i) {
    apply(changes[i]);
    if (!missing_.empty()) remember(first + i, changes[i].track);
  }
  applied_ = std::max(applied_, first + changes.size() - 1);
}

void Copy::remember(Sequence sequence, const TrackKey& track) {
  if (recent_.size() == kMaxRecent) {
    const auto half = recent_.begin() + kMaxRecent / 2;
    recent_after_ = (half - 1)->sequence;
    recent_.erase(recent_.begin(), half);
  }
  recent_.push_back({sequence, track});
}

Lie Copy::on_delta(const Delta& delta, TimeUs now_us) {
  known_ = std::max(known_, delta.last());
  const Sequence before = applied_;
  if (delta.last() <= applied_) {
    if (delta.count > 0) ++context_->counters.deltas_late;
  } else if (delta.count > 0 && delta.first <= applied_ + 1) {
    apply_from(delta.first, delta.all());
    take_early();
  } else if (delta.count > 0) {
    keep_early(delta);
  }
  settle(applied_ == before ? Question::none : Question::log, now_us);
  return take_lie();
}

// A change behind a gap is a better hint than none, so it counts at once; and again in its turn, when the
// gap is filled, since what fills it may be about the same track.
void Copy::keep_early(const Delta& delta) {
  ++context_->counters.deltas_early;
  const auto at = std::ranges::lower_bound(early_, delta.first, {}, &Early::first);
  if (early_.size() == kMaxEarly || (at != early_.end() && at->first == delta.first)) return;
  early_.insert(at, {delta.first, {delta.all().begin(), delta.all().end()}});
  for (const Change& change : delta.all())
    apply(change);
}

void Copy::take_early() {
  auto early = early_.begin();
  for (; early != early_.end() && early->first <= applied_ + 1; ++early) {
    if (early->last() > applied_) apply_from(early->first, early->changes);
  }
  early_.erase(early_.begin(), early);
}

// What is before it will come by buckets.
void Copy::jump_to(Sequence applied) {
  applied_ = known_ = applied;
  marked_ = long_applied_ = std::min(long_applied_, applied);
  recent_.clear();
  recent_after_ = applied;
  asked_from_ = asked_to_ = 0;
  is_proved_ = false;
  take_early();
  if (!early_.empty()) known_ = std::max(known_, early_.back().last());
}

// ---- repair

Lie Copy::on_digest(const Digest& digest, TimeUs now_us) {
  const bool went_back = is_contradiction(digest, now_us);
  if (digest.last < applied_ && !went_back) return Lie::none;
  backwards_ = 0;
  wants_digest_ = false;
  // What is behind the end is either known again soon, or never was.
  std::erase_if(early_, [&](const Early& early) { return early.first > digest.last; });
  known_ = early_.empty() ? digest.last : std::max(digest.last, early_.back().last());
  if (went_back || is_replay_worse(digest)) jump_to(digest.last);
  if (digest.last == applied_) compare(digest, now_us);
  settle(Question::none, now_us);
  if (tries_ > 1) wake(now_us);  // the owner is there: it was not the silence for which questions wait longer
  return went_back ? Lie::went_back : take_lie();
}

// Not even late datagrams explain it. Whatever went wrong, the owner knows best what its log is.
bool Copy::is_contradiction(const Digest& digest, TimeUs now_us) {
  if (now_us >= marked_us_ + std::max(kMaxLateUs, 2 * context_->digest_us)) {
    long_applied_ = std::exchange(marked_, applied_);
    marked_us_ = now_us;
  }
  if (digest.last >= long_applied_ || ++backwards_ < kMaxBackwards) return false;
  ++context_->counters.contradictions;
  return true;
}

// Than buckets: the owner has the changes no more, or they are more than its tracks.
bool Copy::is_replay_worse(const Digest& digest) const {
  if (digest.last <= applied_) return false;
  const Sequence missing = digest.last - applied_;
  return digest.oldest > applied_ + 1 || missing > std::max<Sequence>(digest.tracks, kShortLog);
}

// At the digest's sequence.
void Copy::compare(const Digest& digest, TimeUs now_us) {
  if (!early_.empty()) return;  // the table is ahead of it
  const Summary& summary = context_->table.summary(owner_);
  is_proved_ = summary.hash == digest.hash && summary.tracks == digest.tracks;
  if (is_proved_) {
    wants_hashes_ = is_incomplete_ = false;
    missing_.clear();
    repairs_ = 0;
  } else if (!wants_hashes_ && missing_.empty() && now_us >= no_repair_before_us_) {
    begin_repair(digest.tracks, now_us);
  }
}

void Copy::begin_repair(std::uint32_t tracks, TimeUs now_us) {
  ++context_->counters.repairs;
  if (is_incomplete_) repairs_ = std::max(repairs_, kQuickRepairs);
  if (++repairs_ > kQuickRepairs) {
    const unsigned doublings = std::min(repairs_ - kQuickRepairs, kMaxRepairDoublings);
    no_repair_before_us_ = now_us + (context_->digest_us << doublings);
  }
  is_incomplete_ = false;
  if (tracks == 0) {
    context_->table.clear(owner_);
    is_proved_ = true;
  } else if (context_->table.summary(owner_).tracks == 0 && tracks >= kManyTracks) {
    want(BucketSet().set());
  } else {
    wants_hashes_ = true;
  }
}

void Copy::want(const BucketSet& buckets) {
  missing_.set(buckets);
  recent_.clear();
  recent_after_ = applied_;
  has_asked_missing_ = is_pass_over_ = false;
}

void Copy::on_hashes(const BucketHashes& hashes, TimeUs now_us) {
  const bool is_gap_for_ever = hashes.last > applied_ && hashes.oldest > applied_ + 1;
  if (is_gap_for_ever && question_ == Question::log) {
    jump_to(hashes.last);
    wants_hashes_ = true;
  }
  if (!wants_hashes_) return;
  // Of another moment: buckets would seem to differ that do not. If changes are that frequent, so be it.
  if (hashes.last != applied_ && ++stale_hashes_ <= kMaxStaleHashes) {
    known_ = std::max(known_, hashes.last);
    settle(Question::hashes, now_us);
    return;
  }
  const Summary& summary = context_->table.summary(owner_);
  BucketSet differ;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket)
    differ[bucket] = static_cast<std::uint32_t>(summary.buckets[bucket]) != hashes.hashes[bucket];
  want(differ);
  wants_hashes_ = false;
  stale_hashes_ = 0;
  settle(Question::none, now_us);
}

Lie Copy::on_part(const BucketPart& part, TimeUs now_us) {
  if (part.last < recent_after_ || !missing_.is_any_in(part.from, part.to())) {
    ++context_->counters.parts_ignored;
    return Lie::none;
  }
  ++context_->counters.parts_applied;
  apply_part(part);
  missing_.take(part.from, part.to());
  if (missing_.empty()) {
    wants_digest_ = true;  // is it right now?
  } else if (part.is_end && !missing_.is_any_behind(part.to())) {
    is_pass_over_ = true;  // buckets come in their order: what is missing still was lost, or is late
  }
  settle(Question::buckets, now_us);
  return take_lie();
}

bool Copy::is_changed_since(Sequence sequence, const TrackKey& track) const {
  return std::ranges::any_of(
      recent_, [&](const Recent& recent) { return recent.sequence > sequence && recent.track == track; });
}

// Changes that overtook it know better: what they removed must not come back.
void Copy::apply_part(const BucketPart& part) {
  std::array<Entry, BucketPart::kMaxEntries + kMaxRecent> keep;
  std::size_t kept = part.count;
  std::ranges::copy(part.all(), keep.begin());
  for (const Recent& recent : recent_) {
    if (recent.sequence > part.last) keep[kept++].track = recent.track;
  }
  const auto all = std::span(keep).first(kept);
  if (kept > part.count) std::ranges::sort(all, {}, &Entry::track);
  context_->table.remove_others(owner_, part.from, part.to(), all);
  for (const Entry& entry : part.all()) {
    if (kept == part.count || !is_changed_since(part.last, entry.track)) apply({entry.track, entry.stamp});
  }
}

// ---- questions

// Changes first: they are few, and answers about buckets are true only for a copy that has them.
Copy::Question Copy::next_question() const {
  if (applied_ < known_) return Question::log;
  if (wants_hashes_) return Question::hashes;
  if (!missing_.empty()) return Question::buckets;
  return wants_digest_ ? Question::digest : Question::none;
}

// Something is missing in what the owner was asked to send again: not only late, for later changes came.
bool Copy::has_new_gap() const {
  return question_ == Question::log && applied_ < known_ && !early_.empty() &&
         early_.front().first <= asked_to_ && asked_from_ != applied_ + 1;
}

// For how long an answer to the question, which is asked already, is still awaited.
TimeUs Copy::patience_us(bool is_new) const {
  if (question_ == Question::buckets && is_pass_over_) return kLateUs;
  const bool is_asked = question_ == Question::buckets ? has_asked_missing_ : !is_new;
  return is_asked && !has_new_gap() ? context_->retry_us : 0;
}

// `answered`: a question that got an answer now, perhaps not yet all of it.
void Copy::settle(Question answered, TimeUs now_us) {
  // The log is complete, but what came before its first change is not proved yet.
  if (question_ == Question::log && applied_ >= known_ && !is_proved_) wants_digest_ = true;
  const Question question = next_question();
  const bool is_new = question != question_;
  if (!is_new && question != answered && !has_new_gap()) return;
  question_ = question;
  if (question == Question::none) return;
  ask_at_us_ = std::max(now_us + patience_us(is_new), asked_us_ + kAskUs);
  tries_ = 0;
}

Request Copy::ask(TimeUs now_us) {
  Request request;
  switch (question_) {
    case Question::log:
      request.what = Request::What::log;
      request.from = asked_from_ = applied_ + 1;
      request.to = early_.empty() ? 0 : early_.front().first - 1;
      asked_to_ = std::max(asked_to_, request.to == 0 ? known_ : request.to);
      break;
    case Question::hashes:
      request.what = Request::What::hashes;
      break;
    case Question::buckets:
      request.what = Request::What::buckets;
      request.buckets = missing_.buckets();
      has_asked_missing_ = true;
      is_pass_over_ = false;
      break;
    default:
      break;
  }
  ++context_->counters.requests_sent;
  asked_us_ = now_us;
  ask_at_us_ = now_us + (context_->retry_us << std::min(tries_, kMaxDoublings));
  ++tries_;
  return request;
}

Lie Copy::take_lie() {
  const Lie lie = has_lied_ ? Lie::stamp : Lie::none;
  has_lied_ = false;
  return lie;
}

}  // namespace causeway::control::directory
