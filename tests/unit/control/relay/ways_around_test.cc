// Where the straight way is cut: by way of others, near and far.
#include <utility>

#include <gtest/gtest.h>

#include "control/relay/relay.h"
#include "tests/unit/control/relay/fleet.h"

namespace causeway::control::relay::test {
namespace {

constexpr NodeId kEast = 0, kWest = 1, kGermany = 2, kFrance = 3, kOrigin = 4;

TEST(WaysAround, GoesRoundABrokenPair) {
  Fleet fleet(3);
  fleet.publish(kEast);
  fleet.cut(kEast, kGermany);
  fleet.want(kGermany);
  fleet.run(1'000'000);
  EXPECT_EQ(fleet.upstream(kGermany), kWest);
  EXPECT_EQ(fleet.upstream(kWest), kEast);
  EXPECT_EQ(fleet.view(kGermany).label.depth, 2);

  // And back when it is whole again.
  fleet.heal(kEast, kGermany);
  fleet.run(11'000'000);
  EXPECT_EQ(fleet.upstream(kGermany), kEast);
  EXPECT_TRUE(fleet.view(kWest).legs.empty());
  EXPECT_FALSE(fleet.view(kWest).active) << "nobody needs it there any more";
}

// Germany hears only west, west only east and germany, and the directory never came to west.
TEST(WaysAround, WhoAsksSaysWhereTheTrackIs) {
  Fleet fleet(4);
  fleet.nodes[kWest]->is_blind = true;
  fleet.cut(kGermany, kEast);
  fleet.cut(kGermany, kFrance);
  fleet.cut(kWest, kFrance);
  fleet.publish(kFrance);
  fleet.want(kGermany);
  fleet.run(2'000'000);
  EXPECT_EQ(fleet.upstream(kGermany), kWest);
  EXPECT_EQ(fleet.upstream(kWest), kEast);
  EXPECT_TRUE(fleet.is_fed(kGermany));
}

// Two nodes that know the track's origin from one another only do not go on for ever.
TEST(WaysAround, WhatOnlyPeersKnowEndsWithTheirQuestions) {
  Fleet fleet(6);
  fleet.publish(kFrance);
  fleet.nodes[kEast]->is_blind = fleet.nodes[kWest]->is_blind = true;
  for (const NodeId node : {kEast, kWest, kGermany})
    fleet.cut(node, kFrance);
  // Each of east and west hears somebody whom the others do not.
  for (const auto& [a, b] :
       {std::pair{kGermany, NodeId{4}}, {kGermany, NodeId{5}}, {kWest, NodeId{4}}, {kEast, NodeId{5}}})
    fleet.cut(a, b);
  fleet.want(kGermany);
  fleet.run(3'000'000);
  EXPECT_GT(fleet.relay(kEast).counters().subscribes, 0U) << "on behalf of germany";
  EXPECT_GT(fleet.relay(kWest).counters().subscribes, 0U);
  fleet.relay(kGermany).unwant(fleet.track, fleet.now_us);
  fleet.run(6'000'000);
  const auto asked = [&] {
    return fleet.relay(kEast).counters().subscribes + fleet.relay(kWest).counters().subscribes;
  };
  const std::uint64_t before = asked();
  fleet.run(10'000'000);
  EXPECT_EQ(asked(), before);
}

TEST(WaysAround, AsksOnceMoreBeforeAQuestionCountsAsLost) {
  Fleet fleet(2);
  fleet.publish(kEast);
  fleet.want(kWest);
  ASSERT_EQ(fleet.bag.size(), 1U);
  fleet.bag.clear();
  fleet.run(100'000);
  EXPECT_TRUE(fleet.is_fed(kWest));
  EXPECT_EQ(fleet.relay(kWest).counters().subscribes, 2U);
  EXPECT_EQ(fleet.relay(kWest).counters().unanswered, 0U);
}

// East takes the track by way of france and west. Germany, behind it, would be too far from the origin.
void take_the_long_way(Fleet& fleet) {
  for (const auto& [a, b] : {std::pair{kEast, kOrigin}, {kEast, kWest}, {kFrance, kOrigin}})
    fleet.cut(a, b);
  for (const NodeId node : {kWest, kFrance, kOrigin})
    fleet.cut(kGermany, node);
  fleet.publish(kOrigin);
  fleet.want(kEast);
  fleet.run(2'000'000);
  ASSERT_EQ(fleet.upstream(kEast), kFrance);
  ASSERT_EQ(fleet.view(kEast).label.depth, 3);
}

// East finds a shorter way for germany while it is fed by the long one.
TEST(WaysAround, WhoIsTooFarAwayPressesThoseBeforeItForAShorterWay) {
  Fleet fleet(5);
  take_the_long_way(fleet);
  fleet.heal(kEast, kWest);
  fleet.want(kGermany);
  fleet.run(1'000'000);
  EXPECT_EQ(fleet.upstream(kEast), kWest);
  EXPECT_EQ(fleet.upstream(kGermany), kEast);
  EXPECT_TRUE(fleet.is_fed(kGermany));
  EXPECT_EQ(fleet.relay(kEast).counters().feeds_lost, 0U) << "make before break";
}

// East cannot come nearer to the origin itself, but france can, from which it takes the track.
TEST(WaysAround, WhoIsPressedPressesThoseBeforeIt) {
  Fleet fleet(5);
  take_the_long_way(fleet);
  fleet.heal(kFrance, kOrigin);
  fleet.want(kGermany);
  fleet.run(1'000'000);
  EXPECT_EQ(fleet.upstream(kFrance), kOrigin);
  EXPECT_EQ(fleet.upstream(kEast), kFrance);
  EXPECT_EQ(fleet.upstream(kGermany), kEast);
  EXPECT_TRUE(fleet.is_fed(kGermany));
}

TEST(WaysAround, AnOriginIsTakenStraightAgainWhenItsLinkIsSettled) {
  Fleet fleet(3);
  fleet.publish(kEast);
  fleet.cut(kEast, kGermany);
  fleet.want(kGermany);
  fleet.run(1'000'000);
  ASSERT_EQ(fleet.upstream(kGermany), kWest);
  fleet.heal(kEast, kGermany);
  fleet.run(1'000'000);
  EXPECT_EQ(fleet.upstream(kGermany), kWest) << "not yet";
  fleet.relay(kGermany).on_settled(kEast, fleet.now_us);
  fleet.run(1'000'000);
  EXPECT_EQ(fleet.upstream(kGermany), kEast);
}

// But not again and again: it could keep the node from ever asking others.
TEST(WaysAround, WhoSaysThatItIsFedIsAskedBeforeOthersOnceInARound) {
  Fleet fleet(4);
  fleet.publish(kEast);
  fleet.want(kGermany);
  ASSERT_EQ(fleet.view(kGermany).pending->upstream, kEast);
  Relay& germany = fleet.relay(kGermany);
  const Advert advert{fleet.track, {100, kEast, 1}, Path(kWest)};
  germany.on_advert(kWest, advert, fleet.now_us);
  ASSERT_EQ(fleet.view(kGermany).pending->upstream, kWest);
  germany.on_advert(kFrance, {fleet.track, {100, kEast, 1}, Path(kFrance)}, fleet.now_us);
  EXPECT_EQ(fleet.view(kGermany).pending->upstream, kWest) << "who was invited first is heard out";

  Subscribe question;
  ASSERT_TRUE(read(fleet.bag.back().body, question));
  germany.on_nack(kWest, {fleet.track, question.nonce, NackReason::not_fed, {}}, fleet.now_us);
  const NodeId next = fleet.view(kGermany).pending->upstream;
  EXPECT_NE(next, kWest);
  germany.on_advert(kWest, advert, fleet.now_us);
  EXPECT_EQ(fleet.view(kGermany).pending->upstream, next);
}

// West's control thread stands still while its workers go on with the label that they have. France needs a
// newer stamp, which cannot come down by west, however often it is asked for.
TEST(WaysAround, ARelayThatStandsStillIsLeftWhenANewStampDoesNotComeByIt) {
  Fleet fleet(5);
  fleet.publish(kEast);
  for (const NodeId node : {kWest, kFrance})
    fleet.want(node);
  fleet.run(500'000);
  fleet.cut(kEast, kGermany);
  fleet.want(kGermany);
  fleet.run(1'000'000);
  ASSERT_EQ(fleet.upstream(kGermany), kWest);
  fleet.heal(kEast, kGermany);
  for (const NodeId node : {kEast, kWest, kFrance})
    fleet.cut(4, node);
  for (const NodeId node : {kEast, kWest})
    fleet.cut(kFrance, node);
  for (int i = 0; i < 400; ++i) {
    fleet.now_us += 10'000;
    for (auto& node : fleet.nodes)
      fleet.write_disk(node->id);
    if (i % 10 == 0) fleet.send_media();
    if (i % 30 == 0) {  // somebody else asks as well
      const Subscribe question{fleet.track, fleet.view(kFrance).label, static_cast<std::uint32_t>(i + 1),
                               Path(4), kEast};
      fleet.relay(kGermany).on_subscribe(4, question, fleet.now_us);
    }
    fleet.tick(kWest);
    std::erase_if(fleet.bag, [](const Letter& letter) { return letter.to == kWest; });
    fleet.deliver_all();
  }
  EXPECT_EQ(fleet.upstream(kGermany), kEast);
  EXPECT_EQ(fleet.upstream(kFrance), kGermany);
  EXPECT_TRUE(fleet.is_fed(kFrance)) << fleet.describe();
}

// West gets media of east, but what it sends there is lost, and germany needs a newer stamp.
TEST(WaysAround, AStampIsAskedForAroundAHalfOpenPath) {
  Fleet fleet(4);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.want(kGermany);
  fleet.run(500'000);
  fleet.cut(kEast, kGermany);
  fleet.nodes[kEast]->reachable.erase(kWest);  // east hears west no longer; west hears east
  fleet.cut(kGermany, kFrance);
  for (int i = 0; i < 150; ++i) {
    fleet.now_us += 10'000;
    for (auto& node : fleet.nodes)
      fleet.write_disk(node->id);
    if (i % 10 == 0) fleet.send_media();
    // The fleet knows cuts in both directions only.
    fleet.nodes[kEast]->reachable.insert(kWest);
    std::erase_if(fleet.bag, [](const Letter& letter) { return letter.from == kWest && letter.to == kEast; });
    fleet.deliver_all();
    fleet.nodes[kEast]->reachable.erase(kWest);
    fleet.tick();
  }
  EXPECT_EQ(fleet.upstream(kWest), kEast);
  EXPECT_EQ(fleet.upstream(kGermany), kWest);
  EXPECT_TRUE(fleet.is_fed(kGermany));
}

}  // namespace
}  // namespace causeway::control::relay::test
