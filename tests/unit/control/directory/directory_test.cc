// Several nodes and a network between them.
#include "control/directory/directory.h"

#include <gtest/gtest.h>

#include "tests/unit/control/directory/fleet.h"

namespace causeway::control::directory::test {
namespace {

constexpr TimeUs kSecond = 1'000'000;

TEST(Directory, AChangeIsKnownEverywhereAfterABatchAndOneWay) {
  Fleet fleet(4);
  fleet.run(kSecond);
  fleet.put(0, key(1));
  EXPECT_TRUE(fleet.knows(0, key(1), 0));
  fleet.run(from_ms(fleet.config.batch_ms) + fleet.weather.delay_us + fleet.weather.jitter_us);
  EXPECT_EQ(fleet.difference(), "");
  for (NodeId node = 0; node < 4; ++node)
    EXPECT_TRUE(fleet.knows(node, key(1), 0));
  fleet.remove(0, key(1));
  fleet.run(from_ms(fleet.config.batch_ms) + fleet.weather.delay_us + fleet.weather.jitter_us);
  for (NodeId node = 0; node < 4; ++node)
    EXPECT_TRUE(fleet.claims(node, key(1)).empty());
}

TEST(Directory, ClaimsComeTheBestFirst) {
  Fleet fleet(5);
  fleet.put(0, key(1), 7);
  fleet.put(1, key(1), 9);
  fleet.put(2, key(1), 8);
  fleet.put(3, key(1), 9);
  ASSERT_NE(fleet.run_until_equal(kSecond), kNever);
  const auto claims = fleet.claims(4, key(1));
  ASSERT_EQ(claims.size(), 4U);
  EXPECT_EQ(claims[0].origin, 3);
  EXPECT_EQ(claims[1].origin, 1);
  EXPECT_EQ(claims[2].stamp, 8U);
  EXPECT_EQ(claims[3].stamp, 7U);
  std::array<Claim, 2> best;
  ASSERT_EQ(fleet.directory(4).claims(key(1), std::span<Claim>(best)), 2U);
  EXPECT_EQ(best[0].origin, 3);
  EXPECT_EQ(best[1].origin, 1);
  EXPECT_EQ(fleet.directory(4).claims(key(1), std::span<Claim>()), 0U);
  EXPECT_EQ(fleet.directory(4).highest_stamp(), 9U);
}

TEST(Directory, TellsItsListenerOnceForEachChange) {
  Fleet fleet(2);
  fleet.put(0, key(1), 5);
  fleet.put(0, key(1), 5);
  fleet.put(0, key(1), 6);
  fleet.remove(0, key(1));
  fleet.remove(0, key(1));
  EXPECT_EQ(fleet.changes(0), 3U);
  fleet.run(2 * kSecond);
  EXPECT_EQ(fleet.changes(1), 3U);
}

TEST(Directory, ALostDeltaIsSentAgainWithinARoundTrip) {
  Fleet fleet(3);
  fleet.run(kSecond);
  int lost = 0;
  fleet.pass = [&](NodeId, NodeId to, wire::RecordType type) {
    return to != 2 || type != wire::RecordType::directory_delta || lost++ > 0;
  };
  const std::uint64_t asked = fleet.directory(2).counters().requests_sent;
  fleet.put(0, key(1));
  // No change follows: it is the empty delta after it that tells.
  fleet.run(from_ms(2 * fleet.config.batch_ms) + 3 * (fleet.weather.delay_us + fleet.weather.jitter_us) +
            from_ms(1));
  EXPECT_EQ(fleet.difference(), "");
  EXPECT_EQ(fleet.directory(0).counters().changes_resent, 1U);
  EXPECT_EQ(fleet.directory(2).counters().requests_sent, asked + 1);
}

TEST(Directory, AChangeBehindALostOneCountsAtOnce) {
  Fleet fleet(2);
  fleet.run(kSecond);
  int lost = 0;
  fleet.pass = [&](NodeId from, NodeId, wire::RecordType type) {
    return from != 0 || type != wire::RecordType::directory_delta || lost++ > 0;
  };
  fleet.put(0, key(1));
  fleet.put(0, key(2));
  fleet.run(from_ms(fleet.config.batch_ms));
  fleet.remove(0, key(2));
  fleet.put(0, key(3));
  fleet.run(from_ms(fleet.config.batch_ms) + fleet.weather.delay_us + fleet.weather.jitter_us);
  EXPECT_TRUE(fleet.knows(1, key(3), 0));
  EXPECT_FALSE(fleet.knows(1, key(1), 0));
  EXPECT_FALSE(fleet.directory(1).is_synced(0));
  fleet.run(3 * (fleet.weather.delay_us + fleet.weather.jitter_us));
  // The lost one put track 2, and came after its removal.
  EXPECT_FALSE(fleet.knows(1, key(2), 0));
  EXPECT_EQ(fleet.difference(), "");
  EXPECT_TRUE(fleet.directory(1).is_synced(0));
}

TEST(Directory, WhatIsTooOldForTheLogIsRepairedByBuckets) {
  config::DirectoryTimers config;
  config.log_entries = 64;
  Fleet fleet(3, config);
  for (std::uint64_t i = 0; i < 500; ++i)
    fleet.put(0, key(i));
  ASSERT_NE(fleet.run_until_equal(3 * kSecond), kNever);
  fleet.cut(2, true);
  for (std::uint64_t i = 0; i < 200; ++i) {
    fleet.remove(0, key(i));
    fleet.put(0, key(1000 + i));
    fleet.run(10'000);
  }
  fleet.cut(2, false);
  EXPECT_NE(fleet.run_until_equal(2 * kSecond), kNever) << fleet.difference();
  EXPECT_GT(fleet.directory(2).counters().parts_applied, 0U);
  EXPECT_FALSE(fleet.knows(2, key(0), 0));
}

TEST(Directory, AFewMissedChangesCostNoBuckets) {
  Fleet fleet(2);
  for (std::uint64_t i = 0; i < 500; ++i)
    fleet.put(0, key(i));
  ASSERT_NE(fleet.run_until_equal(3 * kSecond), kNever);
  fleet.cut(1, true);
  for (std::uint64_t i = 0; i < 100; ++i)
    fleet.put(0, key(i));
  fleet.run(5 * kSecond);
  fleet.cut(1, false);
  EXPECT_LE(fleet.run_until_equal(2 * kSecond), from_ms(1300));
  EXPECT_EQ(fleet.directory(0).counters().parts_sent, 0U);
}

// A change that the owner never made stands where a true one should.
TEST(Directory, ACopyThatIsWrongHeals) {
  Fleet fleet(3);
  for (std::uint64_t i = 0; i < 300; ++i)
    fleet.put(0, key(i));
  ASSERT_NE(fleet.run_until_equal(3 * kSecond), kNever);
  fleet.run(2 * kSecond);
  Delta forged;
  forged.first = 301;
  forged.count = 2;
  forged.changes[0] = {key(7), 0, true};
  forged.changes[1] = {key(9999), 1, false};
  EXPECT_EQ(fleet.say(0, 1, wire::RecordType::directory_delta, forged), RecordError::none);
  fleet.put(0, key(400));
  fleet.put(0, key(401));
  fleet.run(from_ms(100));
  EXPECT_FALSE(fleet.knows(1, key(400), 0));
  EXPECT_LE(fleet.run_until_equal(3 * kSecond), from_ms(1500)) << fleet.difference();
  fleet.run(kSecond);
  EXPECT_TRUE(fleet.directory(1).is_synced(0));
  EXPECT_EQ(fleet.directory(1).counters().repairs, 1U);
  EXPECT_LE(fleet.directory(0).counters().parts_sent, 4U);  // only the buckets that differed
}

TEST(Directory, ANodeThatRestartsIsWholeAgainWithinASecondAndAHalf) {
  Fleet fleet(6);
  fleet.weather.loss_percent = 1;
  for (std::uint64_t i = 0; i < 12000; ++i)
    fleet.put(static_cast<NodeId>(i % 5), key(i));
  ASSERT_NE(fleet.run_until_equal(20 * kSecond), kNever) << fleet.difference();
  fleet.run(2 * kSecond);
  fleet.start(5);
  const TimeUs took_us = fleet.run_until_equal(5 * kSecond);
  EXPECT_LE(took_us, from_ms(1500)) << fleet.difference();
}

TEST(Directory, ClaimsOfAnOlderBootGoOnceTheNewLogIsKnown) {
  Fleet fleet(3);
  for (std::uint64_t i = 0; i < 100; ++i)
    fleet.put(0, key(i));
  ASSERT_NE(fleet.run_until_equal(kSecond), kNever);
  fleet.start(0);
  for (std::uint64_t i = 0; i < 50; ++i)
    fleet.put(0, key(i));
  fleet.run(from_ms(10));
  EXPECT_TRUE(fleet.knows(1, key(80), 0));  // still a hint
  EXPECT_LE(fleet.run_until_equal(3 * kSecond), from_ms(1500)) << fleet.difference();
  EXPECT_FALSE(fleet.knows(1, key(80), 0));
}

TEST(Directory, ClaimsOfANodeThatComesBackWithoutTracksGo) {
  Fleet fleet(2);
  for (std::uint64_t i = 0; i < 100; ++i)
    fleet.put(0, key(i));
  ASSERT_NE(fleet.run_until_equal(kSecond), kNever);
  fleet.start(0);
  EXPECT_LE(fleet.run_until_equal(2 * kSecond), from_ms(200));
}

TEST(Directory, ANodeThatForgotItsPeersAsksThem) {
  Fleet fleet(4);
  for (std::uint64_t i = 0; i < 400; ++i)
    fleet.put(static_cast<NodeId>(i % 4), key(i));
  ASSERT_NE(fleet.run_until_equal(2 * kSecond), kNever);
  fleet.directory(3).forget_peers(fleet.now_us);
  EXPECT_EQ(fleet.directory(3).tracks(), 100U);
  EXPECT_LE(fleet.run_until_equal(2 * kSecond), from_ms(300)) << fleet.difference();
}

TEST(Directory, SendsNoChangesToWhoCannotBeReachedAndADigestWhenItCan) {
  Fleet fleet(3);
  fleet.run(2 * kSecond);
  NodeSet others = fleet.all();
  others.erase(2);
  fleet.directory(0).set_reachable(others, fleet.now_us);
  fleet.records_sent = true;
  bool was_sent = false;
  fleet.pass = [&](NodeId from, NodeId to, wire::RecordType type) {
    was_sent = was_sent || (from == 0 && to == 2 && type == wire::RecordType::directory_delta);
    return true;
  };
  fleet.put(0, key(1));
  fleet.run(from_ms(500));
  EXPECT_TRUE(fleet.knows(1, key(1), 0));
  EXPECT_FALSE(fleet.knows(2, key(1), 0));
  EXPECT_FALSE(was_sent);
  fleet.directory(0).set_reachable(fleet.all(), fleet.now_us);
  fleet.run(3 * (fleet.weather.delay_us + fleet.weather.jitter_us) + from_ms(5));
  EXPECT_TRUE(fleet.knows(2, key(1), 0));
}

TEST(Directory, WhoIsWronglyTakenForUnreachableHealsInTheEnd) {
  Fleet fleet(2);
  fleet.directory(0).set_reachable({}, fleet.now_us);
  fleet.put(0, key(1));
  EXPECT_NE(fleet.run_until_equal(10 * kSecond), kNever);
}

TEST(Directory, AnIdleFleetSaysLittleAndSeldomWakes) {
  Fleet fleet(8);
  fleet.run(2 * kSecond);
  fleet.records_sent = true;
  fleet.turns = 0;
  fleet.run(10 * kSecond);
  // Digests to seven peers each second, a quarter more for the jitter.
  EXPECT_LE(fleet.sent.size(), 8U * 7 * 14);
  EXPECT_LE(fleet.turns, 8U * (8 * 14 + fleet.sent.size()));
}

}  // namespace
}  // namespace causeway::control::directory::test
