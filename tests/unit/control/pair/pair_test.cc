#include "control/pair/pair.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/unit/control/pair/world.h"

namespace causeway::control::pair {
namespace {

constexpr int kGermany = World::kGermany;
constexpr int kFrance = World::kFrance;

TEST(Pair, BothNodesGetTheSameKeyInThreeRoundTrips) {
  World world;
  world.start_both();
  const TimeUs from_us = world.now_us;
  ASSERT_TRUE(world.run_until_keyed(from_ms(2000)));
  // Six flights, and at most the time that spreads starts.
  EXPECT_LE(world.now_us - from_us, 6 * from_ms(40) + from_ms(100));
  EXPECT_EQ(
      world.last(kGermany, JournalKind::pair_keyed),
      "france and this node have a new key (ECDHE-ECDSA-AES128-GCM-SHA256); its certificate is valid until "
      "2027-04-15");
  EXPECT_EQ(world.written(kFrance, JournalKind::pair_keyed), 1);
  EXPECT_EQ(world.changes[kFrance], (KeyChanges{{KeyUse::accept, 1}, {KeyUse::send, 1}}));
  for (const Datagram& datagram : world.seen) {
    EXPECT_TRUE(is_dtls(datagram));
    EXPECT_LE(datagram.size(), kMaxDatagramBytes);
  }
  world.run(world.now_us + from_ms(60000));
  EXPECT_EQ(world.frames_lost[kGermany] + world.frames_lost[kFrance], 0);
}

// Flights of several datagrams.
std::array<Means, 2> long_chains() {
  static const Authority middle = fleet().issue({.common_name = "site CA", .authority = true, .rsa = true});
  const auto make = [](const std::string& name) {
    Wish wish = named(name);
    wish.rsa = true;
    wish.usage = "serverAuth,clientAuth";
    return context_of(texts(middle.issue(wish), fleet().certificate(), middle.certificate()));
  };
  static const std::array<Means, 2> made{make("germany"), make("france")};
  return made;
}

TEST(Pair, ALongChainOfRsaCertificatesIsCutIntoDatagrams) {
  World world;
  world.means = long_chains();
  world.start_both();
  ASSERT_TRUE(world.run_until_keyed(from_ms(2000)));
  std::size_t longest = 0;
  for (const Datagram& datagram : world.seen)
    longest = std::max(longest, datagram.size());
  EXPECT_LE(longest, kMaxDatagramBytes);
  EXPECT_GT(longest, 1000U);
}

// A ChangeCipherSpec that overtakes is dropped by OpenSSL, and marked as received.
TEST(Pair, WhatIsOvertakenCostsAResendAndNotAnAttempt) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    world.means = long_chains();
    world.network = {.delay_us = from_ms(5), .jitter_us = from_ms(60)};
    world.start_both();
    EXPECT_TRUE(world.run_until_keyed(from_ms(2500)));
  }
}

TEST(Pair, GetsItsKeyOverABadNetwork) {
  const char* wanted = std::getenv("CAUSEWAY_SEED");
  const std::uint64_t first = wanted == nullptr ? 1 : std::strtoull(wanted, nullptr, 10);
  TimeUs longest_us = 0;
  for (std::uint64_t seed = first; seed < first + (wanted == nullptr ? 60 : 1); ++seed) {
    SCOPED_TRACE("CAUSEWAY_SEED=" + std::to_string(seed));
    World world(seed);
    world.network = {
        .delay_us = from_ms(20), .jitter_us = from_ms(80), .loss_percent = 25, .double_percent = 20};
    world.start_both();
    const TimeUs from_us = world.now_us;
    ASSERT_TRUE(world.run_until_keyed(from_ms(60000)));
    longest_us = std::max(longest_us, world.now_us - from_us);
    World again(seed);
    again.network = world.network;
    again.start_both();
    EXPECT_TRUE(again.run_until_keyed(from_ms(60000)));
    EXPECT_EQ(again.now_us, world.now_us) << "time is an argument: nothing depends on a clock";
    EXPECT_EQ(again.seen.size(), world.seen.size());
  }
  RecordProperty("longest_ms", static_cast<int>(longest_us / 1000));
  EXPECT_LT(longest_us, from_ms(20000));
}

TEST(Pair, EachLostDatagramIsSentAgain) {
  for (std::size_t lost = 0; lost < 6; ++lost) {
    SCOPED_TRACE(lost);
    World world;
    world.start_both();
    ASSERT_TRUE(world.run(world.now_us + from_ms(5000), [&] { return world.seen.size() > lost; }));
    world.network.loss_percent = 100;  // what is sent in this turn was sent: the next is lost
    const std::size_t sent = world.seen.size();
    world.run(world.now_us + from_ms(5000), [&] { return world.seen.size() > sent; });
    world.network.loss_percent = 0;
    EXPECT_TRUE(world.run_until_keyed(from_ms(10000)));
  }
}

TEST(Pair, OneThatStartsLaterIsFoundAtOnce) {
  for (const int late : {kGermany, kFrance}) {
    World world;
    world.start(1 - late);
    world.run(world.now_us + from_ms(30000));
    world.start(late);
    EXPECT_TRUE(world.run_until_keyed(from_ms(500))) << late;
  }
}

TEST(Pair, APeerThatRestartedGetsAKeyWithoutWaitingForSilence) {
  for (const int who : {kGermany, kFrance}) {
    World world;
    world.start_both();
    ASSERT_TRUE(world.run_until_keyed(from_ms(2000)));
    world.run(world.now_us + from_ms(5000));
    const wire::PairKey old = *world.sending_key(1 - who);
    world.start(who);
    ASSERT_TRUE(world.run_until_keyed(from_ms(2000))) << who;
    EXPECT_NE(*world.sending_key(who), old);
    world.run(world.now_us + from_ms(31000));
    EXPECT_EQ(world.pair(1 - who).key(1), nullptr) << "the old key is forgotten";
  }
}

TEST(Pair, BothRestartAtOnce) {
  World world;
  for (int round = 0; round < 5; ++round) {
    world.start_both();
    EXPECT_TRUE(world.run_until_keyed(from_ms(3000)));
    world.run(world.now_us + from_ms(137) * round);
  }
}

TEST(Pair, ARekeyLosesNoFrame) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    World world(seed);
    world.timers.rekey_us = from_ms(20000);
    world.timers.grace_us = from_ms(5000);
    world.network = {.delay_us = from_ms(30), .jitter_us = from_ms(100)};
    world.start_both();
    ASSERT_TRUE(world.run_until_keyed(from_ms(2000)));
    world.run(world.now_us + from_ms(1000));
    world.frames_lost = {};
    const TimeUs until_us = world.now_us + from_ms(120000);
    world.run(until_us);
    EXPECT_GE(world.written(kGermany, JournalKind::pair_keyed), 6);
    EXPECT_LE(world.written(kGermany, JournalKind::pair_keyed), 9);
    EXPECT_GT(world.frames_sent[kGermany] + world.frames_sent[kFrance], 2000);
    EXPECT_EQ(world.frames_lost[kGermany], 0);
    EXPECT_EQ(world.frames_lost[kFrance], 0);
    EXPECT_TRUE(world.is_keyed());
  }
}

TEST(Pair, TheServerSendsWithTheNewKeyOnlyWhenTheClientHasUsedIt) {
  World world;
  world.timers.rekey_us = from_ms(20000);
  world.start_both();
  ASSERT_TRUE(world.run_until_keyed(from_ms(2000)));
  world.frames = false;
  const Generation before = world.pair(kFrance).sending();
  ASSERT_TRUE(
      world.run(world.now_us + from_ms(30000), [&] { return world.pair(kGermany).sending() == before + 1; }));
  world.run(world.now_us + from_ms(1000));
  EXPECT_EQ(world.pair(kFrance).sending(), before);
  EXPECT_NE(world.pair(kFrance).key(before + 1), nullptr);
  EXPECT_NE(world.pair(kGermany).key(before), nullptr) << "still accepted";
  world.give(kFrance,
             [&](PairOutput& out) { world.pair(kFrance).on_authentic(before + 1, world.now(), out); });
  EXPECT_EQ(world.pair(kFrance).sending(), before + 1);
  world.give(kFrance, [&](PairOutput& out) { world.pair(kFrance).on_authentic(before, world.now(), out); });
  EXPECT_EQ(world.pair(kFrance).sending(), before + 1) << "a late frame takes nothing back";
}

TEST(Pair, ACutLeavesTheKeysAlone) {
  World world;
  world.start_both();
  ASSERT_TRUE(world.run_until_keyed(from_ms(2000)));
  const wire::PairKey key = *world.sending_key(kGermany);
  world.run(world.now_us + from_ms(1000));
  world.cut = true;
  for (const int node : {kGermany, kFrance})
    world.give(node, [&](PairOutput& out) { world.pair(node).on_unheard(world.now(), out); });
  EXPECT_TRUE(world.pair(kGermany).is_shaking_hands());
  const std::size_t sent = world.seen.size();
  world.run(world.now_us + from_ms(600'000));
  EXPECT_LT(world.seen.size() - sent, 1000U) << "a datagram or so in a second";
  EXPECT_EQ(*world.sending_key(kFrance), key);
  world.cut = false;
  world.run(world.now_us + from_ms(3000));
  EXPECT_TRUE(world.is_keyed());
  EXPECT_FALSE(world.pair(kGermany).is_shaking_hands());
  EXPECT_EQ(world.written(kGermany, JournalKind::pair_refused), 0);
}

TEST(Pair, ANewCertificateIsUsedAtOnce) {
  World world;
  world.start_both();
  ASSERT_TRUE(world.run_until_keyed(from_ms(2000)));
  world.run(world.now_us + from_ms(1000));
  Wish longer = named("germany");
  longer.ends_s = kWallS + 1000 * kDay;
  world.give(kGermany,
             [&](PairOutput& out) { world.pair(kGermany).renew(context_of(longer), world.now(), out); });
  world.run(world.now_us + from_ms(1000));
  EXPECT_TRUE(world.is_keyed());
  EXPECT_NE(world.last(kFrance, JournalKind::pair_keyed).find("2029-10-11"), std::string::npos)
      << world.last(kFrance, JournalKind::pair_keyed);
}

TEST(Pair, AServerGetsANewCertificateInTheMidstOfAHandshake) {
  World world;
  world.start_both();
  ASSERT_TRUE(
      world.run(world.now_us + from_ms(2000), [&] { return world.pair(kFrance).is_shaking_hands(); }));
  world.means[kFrance] = context_of(named("france"));
  world.give(kFrance, [&](PairOutput& out) {
    world.pair(kFrance).renew(context_of(named("france")), world.now(), out);
  });
  EXPECT_TRUE(world.run_until_keyed(from_ms(2000)));
  const Generation before = world.pair(kGermany).sending();
  world.run(world.now_us + from_ms(1000));
  world.give(kFrance, [&](PairOutput& out) {
    world.pair(kFrance).renew(context_of(named("france")), world.now(), out);
  });
  world.run(world.now_us + from_ms(5000));
  EXPECT_TRUE(world.is_keyed());
  EXPECT_GE(world.pair(kGermany).sending(), before);
}

TEST(Pair, AFleetKeyNeedsNoHandshake) {
  World world;
  std::array<std::uint8_t, FleetKey::kBytes> bytes{1, 2, 3};
  const FleetKey fleet_key(bytes);
  world.means = {fleet_key.pair_key("germany", "france"), fleet_key.pair_key("france", "germany")};
  world.start_both();
  EXPECT_TRUE(world.is_keyed());
  EXPECT_TRUE(world.seen.empty());
  EXPECT_EQ(world.pair(kGermany).next_due_us(), kNever);
  for (const int node : {kGermany, kFrance})
    world.give(node, [&](PairOutput& out) { world.pair(node).on_unheard(world.now(), out); });
  world.inject(kFrance, hello_request(1));
  world.run(world.now_us + from_ms(5000));
  EXPECT_TRUE(world.seen.empty());
  EXPECT_EQ(world.frames_lost[kGermany] + world.frames_lost[kFrance], 0);
  EXPECT_EQ(world.last(kFrance, JournalKind::pair_keyed), "germany and this node use the fleet's key");
}

}  // namespace
}  // namespace causeway::control::pair
