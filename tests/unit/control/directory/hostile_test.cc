// A peer that lies harms nobody but itself.
#include <gtest/gtest.h>

#include "tests/unit/control/directory/fleet.h"

namespace causeway::control::directory::test {
namespace {

constexpr TimeUs kSecond = 1'000'000;
constexpr NodeId kLiar = 2;
using wire::RecordType;

// Two honest nodes and one whose own directory says nothing.
class Hostile : public testing::Test {
 protected:
  explicit Hostile(const config::DirectoryTimers& config = {}) : fleet(3, config) {
    for (std::uint64_t i = 0; i < 100; ++i)
      fleet.put(static_cast<NodeId>(i % 2), key(i));
    fleet.run(3 * kSecond);
    fleet.pass = [](NodeId from, NodeId, RecordType) { return from != kLiar; };
  }
  ~Hostile() override { expect_honest_unharmed(); }
  Hostile(const Hostile&) = delete;
  Hostile& operator=(const Hostile&) = delete;

  RecordError lie(RecordType type, const auto& message) { return fleet.say(kLiar, 0, type, message); }
  static Delta put(Sequence first, const TrackKey& track, Stamp stamp) {
    Delta delta;
    delta.first = first;
    delta.count = 1;
    delta.changes[0] = {track, stamp, false};
    return delta;
  }

  void expect_honest_unharmed() {
    fleet.put(0, key(500));
    fleet.put(1, key(501));
    fleet.run(kSecond);
    for (const NodeId node : {NodeId{0}, NodeId{1}}) {
      for (const NodeId owner : {NodeId{0}, NodeId{1}}) {
        EXPECT_EQ(fleet.directory(node).summary(owner).hash, fleet.directory(owner).summary(owner).hash);
        for (const auto& [track, stamp] : fleet.own(owner))
          EXPECT_TRUE(fleet.knows(node, track, owner));
      }
    }
    EXPECT_TRUE(fleet.directory(0).is_synced(1));
    EXPECT_TRUE(fleet.directory(1).is_synced(0));
  }

  Fleet fleet;
};

TEST_F(Hostile, AnImpossibleStampIsRefusedAndNoted) {
  const Stamp highest = fleet.directory(0).highest_stamp();
  EXPECT_EQ(lie(RecordType::directory_delta, put(1, key(1), ~Stamp{0})), RecordError::lie);
  EXPECT_EQ(lie(RecordType::directory_delta, put(2, key(2), highest + kMaxStampJump + 1)), RecordError::lie);
  EXPECT_FALSE(fleet.knows(0, key(1), kLiar));
  EXPECT_EQ(fleet.directory(0).highest_stamp(), highest);
  EXPECT_EQ(fleet.directory(0).counters().refused_stamps, 2U);
  ASSERT_EQ(fleet.directory(0).journal().size(), 1U);  // not one for each
  EXPECT_EQ(fleet.directory(0).journal()[0].kind, JournalKind::lie);
  EXPECT_EQ(fleet.directory(0).journal()[0].peer, kLiar);
  EXPECT_EQ(lie(RecordType::directory_delta, put(3, key(3), highest + kMaxStampJump)), RecordError::none);
  EXPECT_TRUE(fleet.knows(0, key(3), kLiar));
}

TEST_F(Hostile, AStampIsPossibleIfTheClockSaysSo) {
  fleet.directory(0).set_clock(Stamp{1} << 50);
  EXPECT_EQ(lie(RecordType::directory_delta, put(1, key(1), (Stamp{1} << 50) + 5)), RecordError::none);
}

TEST_F(Hostile, OwnClaimsAreNotChanged) {
  BucketPart part;
  part.is_end = true;
  lie(RecordType::directory_digest, Digest{9, 9, 5000, 1});
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    part.from = first_key(bucket);
    part.last = 9;
    lie(RecordType::directory_bucket, part);
  }
  Delta removals;
  for (std::size_t i = 0; i < 40; ++i)
    removals.changes[removals.count++] = {key(i), 0, true};
  lie(RecordType::directory_delta, removals);
  EXPECT_EQ(fleet.directory(0).summary(0).tracks, 50U);
}

TEST_F(Hostile, SequencesFromNowhereDoNotKeepItFromHealing) {
  lie(RecordType::directory_delta, put(kMaxSequence, key(1), 5));
  lie(RecordType::directory_delta, put(kMaxSequence - 500, key(2), 5));
  Delta empty;
  empty.first = kMaxSequence;
  lie(RecordType::directory_delta, empty);
  fleet.run(5 * kSecond);
  // It comes to its senses: what its own directory says is true again.
  fleet.pass = nullptr;
  fleet.put(kLiar, key(777));
  EXPECT_NE(fleet.run_until_equal(5 * kSecond), kNever) << fleet.difference();
}

TEST_F(Hostile, ALogThatGoesBackIsReadAnew) {
  lie(RecordType::directory_digest, Digest{1000, 1000, 0, 0});
  EXPECT_EQ(lie(RecordType::directory_delta, put(1001, key(1), 5)), RecordError::none);
  // For a while it may be a late datagram.
  RecordError error = RecordError::none;
  int digests = 0;
  for (; error == RecordError::none && digests < 20; ++digests) {
    EXPECT_TRUE(fleet.knows(0, key(1), kLiar));
    error = lie(RecordType::directory_digest, Digest{7, 7, 0, 0});
    fleet.run(kSecond);
  }
  EXPECT_EQ(error, RecordError::lie);
  EXPECT_GT(digests, 5);
  EXPECT_FALSE(fleet.knows(0, key(1), kLiar));
  EXPECT_EQ(fleet.directory(0).counters().contradictions, 1U);
  EXPECT_EQ(lie(RecordType::directory_delta, put(8, key(2), 5)), RecordError::none);
  EXPECT_TRUE(fleet.knows(0, key(2), kLiar));
}

// Its buckets never are what its digests say.
TEST_F(Hostile, ContradictionsAreRepairedEverMoreSeldom) {
  const std::uint64_t before = fleet.directory(0).counters().requests_sent;
  BucketHashes hashes{.last = 50, .oldest = 40};
  BucketPart part;
  part.is_end = true;
  part.last = 50;
  for (int second = 0; second < 60; ++second) {
    for (std::uint32_t& hash : hashes.hashes)
      hash = static_cast<std::uint32_t>(fleet.random());
    lie(RecordType::directory_digest, Digest{50, 40, 17, fleet.random()});
    fleet.run(kSecond / 4);
    lie(RecordType::directory_bucket_hashes, hashes);
    fleet.run(kSecond / 4);
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      part.from = first_key(bucket);
      lie(RecordType::directory_bucket, part);
    }
    fleet.run(kSecond / 2);
  }
  EXPECT_LE(fleet.directory(0).counters().repairs, 12U);
  EXPECT_LE(fleet.directory(0).counters().requests_sent - before, 240U);
}

TEST_F(Hostile, WhatItAsksForIsBoundedAndServedInTurn) {
  fleet.records_sent = true;
  BucketSet all;
  all.set();
  fleet.start(1);  // needs everything, too
  for (int i = 0; i < 2000; ++i) {
    lie(RecordType::directory_request, Request{.what = Request::What::buckets, .buckets = all});
    lie(RecordType::directory_request, Request{.what = Request::What::hashes});
    lie(RecordType::directory_request, Request{.what = Request::What::digest});
    lie(RecordType::directory_request, Request{.what = Request::What::log, .from = 1});
    lie(RecordType::directory_request, Request{.what = Request::What::log, .from = 1 << 30});
    fleet.run(1'000);
  }
  std::uint64_t bytes = 0;
  for (const Fleet::Sent& sent : fleet.sent)
    bytes += sent.from == 0 ? sent.bytes : 0;
  // Repair's share for the two seconds, what it saved up, and digests.
  EXPECT_LE(bytes, fleet.config.kbit_per_s * 125 * 3 * fleet.config.repair_percent / 100 + 40'000);
}

TEST_F(Hostile, PartsThatNobodyAskedForAreIgnored) {
  BucketPart part;
  part.from = first_key(3);
  part.is_end = true;
  part.count = 1;
  part.entries[0] = {first_key(3), 4};
  EXPECT_EQ(lie(RecordType::directory_bucket, part), RecordError::none);
  lie(RecordType::directory_bucket_hashes, BucketHashes{.last = 4, .oldest = 1});
  EXPECT_FALSE(fleet.knows(0, first_key(3), kLiar));
}

TEST_F(Hostile, WhatIsNotOfTheDirectoryOrOfNobodyIsRefused) {
  Directory& directory = fleet.directory(0);
  const std::vector<std::uint8_t> none;
  EXPECT_EQ(directory.on_record(kLiar, RecordType::beat, none, fleet.now_us), RecordError::type);
  EXPECT_EQ(directory.on_record(0, RecordType::directory_digest, none, fleet.now_us), RecordError::sender);
  EXPECT_EQ(directory.on_record(3, RecordType::directory_digest, none, fleet.now_us), RecordError::sender);
  EXPECT_EQ(directory.on_record(kNoNode, RecordType::directory_digest, none, fleet.now_us),
            RecordError::sender);
  for (const auto type :
       {RecordType::directory_delta, RecordType::directory_digest, RecordType::directory_request,
        RecordType::directory_bucket_hashes, RecordType::directory_bucket}) {
    EXPECT_EQ(directory.on_record(kLiar, type, none, fleet.now_us), RecordError::malformed);
  }
  EXPECT_EQ(directory.counters().malformed, 5U);
}

class HostileCrowd : public Hostile {
 protected:
  static config::DirectoryTimers limits() {
    config::DirectoryTimers config;
    config.max_tracks = 300;
    config.max_own_tracks = 280;
    return config;
  }
  HostileCrowd() : Hostile(limits()) {}
};

TEST_F(HostileCrowd, WhoAnnouncesTooMuchLosesOnlyItsOwn) {
  for (Sequence sequence = 1; sequence <= 5000; ++sequence)
    lie(RecordType::directory_delta, put(sequence, key(10000 + sequence), 5));
  EXPECT_EQ(fleet.directory(0).tracks(), 300U);
  EXPECT_EQ(fleet.directory(0).summary(kLiar).tracks, 200U);
  // Others still get their share, and the node itself what it wants.
  for (std::uint64_t i = 0; i < 30; ++i)
    fleet.put(1, key(200 + i));
  for (std::uint64_t i = 0; i < 80; ++i)
    fleet.put(0, key(300 + i));
  fleet.run(kSecond);
  EXPECT_EQ(fleet.directory(0).summary(1).tracks, 80U);
  EXPECT_EQ(fleet.directory(0).summary(0).tracks, 130U);
  EXPECT_EQ(fleet.directory(0).tracks(), 300U);
  EXPECT_GT(fleet.directory(0).counters().refused_full, 4000U);
}

TEST(DirectoryLimits, TheNodeItselfAnnouncesNoMoreThanItMay) {
  config::DirectoryTimers config;
  config.max_own_tracks = 20;
  Fleet fleet(2, config);
  for (std::uint64_t i = 0; i < 30; ++i)
    EXPECT_EQ(fleet.directory(0).put(key(i), 1, fleet.now_us), i < 20);
  EXPECT_EQ(fleet.directory(0).counters().refused_own, 10U);
  EXPECT_FALSE(fleet.directory(0).put(key(0), 1, fleet.now_us));  // as it is already
  EXPECT_FALSE(fleet.directory(0).remove(key(25), fleet.now_us));
  EXPECT_TRUE(fleet.directory(0).remove(key(5), fleet.now_us));
  EXPECT_TRUE(fleet.directory(0).put(key(25), 1, fleet.now_us));
  EXPECT_NE(fleet.run_until_equal(kSecond), kNever);
}

}  // namespace
}  // namespace causeway::control::directory::test
