// One peer's log as it arrives here, datagram by datagram.
#include "control/directory/copy.h"

#include <initializer_list>

#include <gtest/gtest.h>

namespace causeway::control::directory::test {
namespace {

constexpr NodeId kOwner = 1;
constexpr TimeUs kRetryUs = 250'000;

struct Nobody final : Listener {
  void on_claims_changed(const TrackKey&) override {}
};

class DirectoryCopy : public testing::Test {
 protected:
  static TrackKey key(std::uint64_t number) { return {first_key(7).high, number}; }
  static Change put(std::uint64_t number, Stamp stamp) { return {key(number), stamp, false}; }
  static Change removal(std::uint64_t number) { return {key(number), 0, true}; }

  void delta(Sequence first, std::initializer_list<Change> changes) {
    Delta delta;
    delta.first = first;
    for (const Change& change : changes)
      delta.changes[delta.count++] = change;
    copy.on_delta(delta, now_us);
  }
  Digest digest_of(Sequence last, std::initializer_list<Entry> entries) const {
    Digest digest{.last = last, .oldest = last + 1};
    for (const Entry& entry : entries) {
      ++digest.tracks;
      digest.hash += entry_hash(entry.track, entry.stamp);
    }
    return digest;
  }
  void part(Sequence last, std::initializer_list<Entry> entries) {
    BucketPart part{.last = last, .from = first_key(7), .is_end = true};
    for (const Entry& entry : entries)
      part.entries[part.count++] = entry;
    copy.on_part(part, now_us);
  }
  // Bucket 7 is asked for, at that sequence.
  void begin_repair(Sequence last) {
    copy.on_digest({.last = last, .oldest = last + 1, .tracks = 5, .hash = 12345}, now_us);
    ASSERT_EQ(ask().what, Request::What::hashes);
    BucketHashes hashes{.last = last, .oldest = last + 1};
    const Summary& summary = table.summary(kOwner);
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket)
      hashes.hashes[bucket] = static_cast<std::uint32_t>(summary.buckets[bucket]) + (bucket == 7 ? 1 : 0);
    copy.on_hashes(hashes, now_us);
    const Request request = ask();
    ASSERT_EQ(request.what, Request::What::buckets);
    ASSERT_EQ(request.buckets, BucketSet().set(7));
  }
  Request ask() {
    EXPECT_TRUE(copy.is_asking());
    now_us = std::max(now_us, copy.ask_at_us());
    return copy.ask(now_us);
  }
  Stamp stamp_of(std::uint64_t number) const {
    Stamp found = 0;
    table.for_each_claim(key(number), [&](NodeId, Stamp stamp) { found = stamp; });
    return found;
  }

  Nobody nobody;
  Counters counters;
  Stamps stamps;
  Table table{{.tracks = 1000, .own_tracks = 1000}, 2, 0, nobody, counters};
  CopyContext context{table, stamps, counters, kRetryUs, 1'000'000};
  Copy copy{kOwner, context};
  TimeUs now_us = 1'000'000;
};

TEST_F(DirectoryCopy, AppliesEachChangeOnceAndInOrder) {
  delta(1, {put(1, 5), put(2, 6)});
  delta(3, {removal(1)});
  delta(1, {put(1, 5), put(2, 6)});              // late
  delta(2, {put(2, 6), removal(1), put(3, 7)});  // partly known
  EXPECT_EQ(copy.applied(), 4U);
  EXPECT_EQ(stamp_of(1), 0U);
  EXPECT_EQ(stamp_of(3), 7U);
  EXPECT_FALSE(copy.is_asking());
  EXPECT_FALSE(copy.is_synced());
  copy.on_digest(digest_of(4, {{key(2), 6}, {key(3), 7}}), now_us);
  EXPECT_TRUE(copy.is_synced());
}

TEST_F(DirectoryCopy, AsksForAGapAtOnceThenEverMoreSeldom) {
  delta(1, {put(1, 5)});
  delta(3, {put(3, 7)});
  EXPECT_LE(copy.ask_at_us(), now_us);
  Request request = ask();
  EXPECT_EQ(request.what, Request::What::log);
  EXPECT_EQ(request.from, 2U);
  EXPECT_EQ(request.to, 2U);
  TimeUs wait_us = kRetryUs;
  for (int i = 0; i < 5; ++i, wait_us *= 2) {
    EXPECT_EQ(copy.ask_at_us(), now_us + wait_us);
    request = ask();
  }
  copy.on_digest({.last = 3, .oldest = 1, .tracks = 3, .hash = 1}, now_us);  // the owner is there
  EXPECT_LE(copy.ask_at_us(), now_us + 10'000);
  ask();
  ask();
  copy.wake(now_us);
  EXPECT_LE(copy.ask_at_us(), now_us + 10'000);
  delta(2, {put(2, 6)});
  EXPECT_EQ(copy.applied(), 3U);
  EXPECT_EQ(stamp_of(3), 7U);
}

TEST_F(DirectoryCopy, AsksForASecondGapInTheAnswer) {
  delta(20, {put(20, 20)});
  EXPECT_EQ(ask().to, 19U);
  for (Sequence sequence = 1; sequence < 20; ++sequence) {
    if (sequence != 7) delta(sequence, {put(sequence, sequence)});
  }
  EXPECT_LE(copy.ask_at_us(), now_us + 10'000);
  const Request request = ask();
  EXPECT_EQ(request.from, 7U);
  EXPECT_EQ(request.to, 7U);
  delta(7, {put(7, 7)});
  EXPECT_EQ(copy.applied(), 20U);
}

TEST_F(DirectoryCopy, KeepsNoMoreThanSoMuchBehindAGap) {
  for (Sequence sequence = 100; sequence < 400; sequence += 2)
    delta(sequence, {put(sequence, 1)});
  EXPECT_LE(table.size(), 32U);
  EXPECT_EQ(copy.applied(), 0U);
}

TEST_F(DirectoryCopy, APartThatChangesOvertookBringsNothingBack) {
  delta(1, {put(1, 5), put(2, 6)});
  begin_repair(9);
  delta(10, {removal(1), put(4, 11), put(2, 12)});
  part(9, {{key(1), 5}, {key(2), 6}, {key(3), 8}});
  EXPECT_EQ(stamp_of(1), 0U);
  EXPECT_EQ(stamp_of(2), 12U);
  EXPECT_EQ(stamp_of(3), 8U);
  EXPECT_EQ(stamp_of(4), 11U);
  EXPECT_EQ(ask().what, Request::What::digest);
  copy.on_digest(digest_of(12, {{key(2), 12}, {key(3), 8}, {key(4), 11}}), now_us);
  EXPECT_TRUE(copy.is_synced());
}

TEST_F(DirectoryCopy, APartFromBeforeTheRepairIsNotUsed) {
  begin_repair(9);
  part(8, {{key(1), 5}});
  EXPECT_EQ(stamp_of(1), 0U);
  EXPECT_EQ(counters.parts_ignored, 1U);
  EXPECT_EQ(ask().what, Request::What::buckets);
}

TEST_F(DirectoryCopy, APartOvertakenByMoreThanIsRememberedIsAskedForAgain) {
  begin_repair(9);
  for (Sequence sequence = 10; sequence < 600; ++sequence)
    delta(sequence, {put(1 + sequence % 2, sequence)});
  part(9, {{key(1), 5}});
  EXPECT_EQ(counters.parts_ignored, 1U);
  part(500, {{key(1), 499}, {key(2), 500}, {key(3), 7}});
  EXPECT_EQ(stamp_of(1), 598U);
  EXPECT_EQ(stamp_of(2), 599U);
  EXPECT_EQ(stamp_of(3), 7U);
}

TEST_F(DirectoryCopy, APartAheadOfTheLogIsCaughtUpWith) {
  begin_repair(9);
  part(12, {{key(1), 5}, {key(3), 8}});
  delta(10, {put(1, 4), put(2, 6)});  // then 1 was put again and 2 removed
  delta(12, {put(1, 5)});
  EXPECT_EQ(stamp_of(1), 5U);
  EXPECT_EQ(stamp_of(2), 6U);
  delta(13, {removal(2)});
  EXPECT_EQ(stamp_of(2), 0U);
  EXPECT_EQ(stamp_of(3), 8U);
}

TEST_F(DirectoryCopy, QuestionsAreNeverCloserThanTenMilliseconds) {
  int asked = 0;
  const TimeUs end_us = now_us + 1'000'000;
  for (Sequence sequence = 10; now_us < end_us; now_us += 1'000, sequence += 1'000) {
    delta(sequence, {put(1, 1)});
    copy.on_digest({.last = sequence + 500, .oldest = sequence + 501, .tracks = 1, .hash = sequence}, now_us);
    if (copy.ask_at_us() > now_us) continue;
    copy.ask(now_us);
    ++asked;
  }
  EXPECT_LE(asked, 100);
  EXPECT_GE(asked, 3);
}

}  // namespace
}  // namespace causeway::control::directory::test
