// One incident after the other, each as it should end.
#include "control/relay/relay.h"

#include <gtest/gtest.h>

#include "tests/unit/control/relay/fleet.h"

namespace causeway::control::relay::test {
namespace {

constexpr NodeId kEast = 0, kWest = 1, kGermany = 2, kFrance = 3;

TEST(Relay, TakesATrackFromItsOrigin) {
  Fleet fleet(4);
  fleet.publish(kEast);
  fleet.want(kGermany);
  fleet.run(300'000);
  EXPECT_TRUE(fleet.is_fed(kGermany));
  EXPECT_EQ(fleet.upstream(kGermany), kEast);
  EXPECT_EQ(fleet.view(kEast).legs, std::vector<NodeId>{kGermany});
  EXPECT_EQ(fleet.view(kGermany).label.depth, 1);
}

TEST(Relay, IsNotUpBeforeThePacketsCome) {
  Fleet fleet(2);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.deliver_all();
  EXPECT_TRUE(fleet.view(kWest).pending && fleet.view(kWest).pending->acknowledged);
  EXPECT_FALSE(fleet.view(kWest).active);
  EXPECT_FALSE(fleet.is_fed(kWest));
  fleet.send_media();
  fleet.deliver_all();
  EXPECT_TRUE(fleet.is_fed(kWest));
}

TEST(Relay, WantsEndWithTheLastSubscriber) {
  Fleet fleet(2);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.run(300'000);
  fleet.relay(kWest).unwant(fleet.track, fleet.now_us);
  fleet.deliver_all();
  EXPECT_TRUE(fleet.view(kEast).legs.empty());
  EXPECT_FALSE(fleet.view(kWest).active);
}

// The incident: France once had the track, and Germany asks it. There is an answer, and it is no.
TEST(Relay, WhoDoesNotHaveTheTrackSaysSoAtOnce) {
  Fleet fleet(4);
  fleet.publish(kEast);
  fleet.want(kFrance);
  fleet.run(300'000);
  ASSERT_TRUE(fleet.is_fed(kFrance));
  fleet.unpublish(kEast);
  fleet.run(1'000'000);
  ASSERT_FALSE(fleet.is_fed(kFrance));

  fleet.claims[kFrance] = 99;  // a stale claim
  const auto before = fleet.relay(kFrance).counters().nacks_sent;
  fleet.want(kGermany);
  fleet.deliver_all();
  const auto after = fleet.relay(kFrance).counters().nacks_sent;
  EXPECT_GT(after[static_cast<int>(NackReason::not_fed)] + after[static_cast<int>(NackReason::no_track)],
            before[static_cast<int>(NackReason::not_fed)] + before[static_cast<int>(NackReason::no_track)]);
  EXPECT_FALSE(fleet.view(kGermany).active);
  fleet.run(3'000'000);
  EXPECT_EQ(fleet.violation(), "");

  fleet.publish(kWest);
  fleet.run(1'000'000);
  EXPECT_TRUE(fleet.is_fed(kGermany));
  EXPECT_TRUE(fleet.is_fed(kFrance));
}

TEST(Relay, FollowsAPublisherThatMoves) {
  Fleet fleet(4);
  for (const NodeId node : {kGermany, kFrance})
    fleet.want(node);
  fleet.publish(kEast);
  fleet.run(500'000);
  fleet.unpublish(kEast);
  fleet.publish(kWest);
  fleet.run(300'000);
  EXPECT_EQ(fleet.upstream(kGermany), kWest);
  EXPECT_EQ(fleet.upstream(kFrance), kWest);
  EXPECT_TRUE(fleet.is_fed(kGermany) && fleet.is_fed(kFrance));
}

// The old origin has not noticed that its publisher is gone: the higher claim counts, make before break.
TEST(Relay, AHigherClaimIsFollowedWhileTheOldOneStillFeeds) {
  Fleet fleet(3);
  fleet.publish(kEast);
  fleet.want(kGermany);
  fleet.run(500'000);
  fleet.relay(kWest).see(fleet.relay(kEast).clock());
  fleet.publish(kWest);
  fleet.run(500'000);
  EXPECT_EQ(fleet.upstream(kGermany), kWest);
  EXPECT_TRUE(fleet.view(kEast).legs.empty());
}

// Both took the track from the origin, so neither has a better label than the other held.
TEST(Relay, AnEqualLabelNeedsANewStamp) {
  Fleet fleet(3);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.want(kGermany);
  fleet.run(500'000);
  fleet.cut(kEast, kGermany);
  fleet.run(1'500'000);
  EXPECT_EQ(fleet.upstream(kGermany), kWest);
  EXPECT_TRUE(fleet.is_fed(kGermany));
  EXPECT_GT(fleet.relay(kWest).counters().stamp_requests, 0U);
}

TEST(Relay, ACutThatHealsCostsNoHandshake) {
  Fleet fleet(2);
  fleet.publish(kEast);
  fleet.want(kGermany - 1);
  fleet.run(500'000);
  const std::uint64_t acks = fleet.relay(kEast).counters().acks;
  fleet.cut(kEast, kWest);
  fleet.run(14'900'000);
  EXPECT_FALSE(fleet.is_fed(kWest));
  fleet.nodes[kEast]->reachable.insert(kWest);
  fleet.nodes[kWest]->reachable.insert(kEast);
  fleet.send_media();
  for (std::size_t i = 0; i < fleet.bag.size(); ++i) {
    if (fleet.bag[i].is_media) fleet.deliver(i);
  }
  EXPECT_TRUE(fleet.is_fed(kWest)) << "the leg is still there";
  EXPECT_EQ(fleet.relay(kEast).counters().acks, acks);
}

TEST(Relay, ABlackHoleIsLeftForAnotherUpstream) {
  Fleet fleet(3);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.want(kGermany);
  fleet.run(500'000);
  // Messages pass between east and germany, packets do not.
  for (int i = 0; i < 150; ++i) {
    fleet.now_us += 10'000;
    for (auto& node : fleet.nodes)
      fleet.write_disk(node->id);
    if (i % 10 == 0) fleet.send_media();
    std::erase_if(fleet.bag, [](const Letter& letter) {
      return letter.is_media && letter.from == kEast && letter.to == kGermany;
    });
    fleet.deliver_all();
    fleet.tick();
    fleet.deliver_all();
  }
  EXPECT_EQ(fleet.upstream(kGermany), kWest);
  EXPECT_TRUE(fleet.is_fed(kGermany));
}

TEST(Relay, ARestartedUpstreamIsAskedAnew) {
  Fleet fleet(2);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.run(500'000);
  fleet.restart(kEast);
  fleet.publish(kEast);
  fleet.run(1'500'000);
  EXPECT_TRUE(fleet.is_fed(kWest));
  EXPECT_GT(fleet.view(kWest).label.stamp, 4096U) << "above the watermark";
}

TEST(Relay, ARestartedSubscriberGetsANewStampInTheSameRoundTrip) {
  Fleet fleet(2);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.run(500'000);
  fleet.restart(kWest);
  for (auto& node : fleet.nodes)
    fleet.write_disk(node->id);
  fleet.deliver_all();
  for (auto& node : fleet.nodes)
    fleet.write_disk(node->id);
  fleet.run(500'000);
  EXPECT_TRUE(fleet.is_fed(kWest));
}

TEST(Relay, NothingIsIssuedBeforeItIsOnDisk) {
  Fleet fleet(2);
  fleet.restart(kEast);
  fleet.publish(kEast);
  EXPECT_FALSE(fleet.is_fed(kEast));
  EXPECT_FALSE(fleet.claims[kEast]);
  fleet.write_disk(kEast);
  EXPECT_TRUE(fleet.is_fed(kEast));
  EXPECT_TRUE(fleet.claims[kEast]);
}

TEST(Relay, AForgottenTrackNeedsANewerStamp) {
  Fleet fleet(2);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.run(500'000);
  const Label held = fleet.view(kWest).label;
  fleet.relay(kWest).unwant(fleet.track, fleet.now_us);
  fleet.run(61'000'000);
  EXPECT_EQ(fleet.relay(kWest).tracks(), 0U);
  EXPECT_EQ(fleet.view(kWest).label.stamp, held.stamp) << "the floor";
  fleet.want(kWest);
  fleet.run(500'000);
  EXPECT_TRUE(fleet.is_fed(kWest));
  EXPECT_GT(fleet.view(kWest).label.stamp, held.stamp);
}

// Two nodes of one site: the track crosses the distance once, also after the node that takes it was away.
TEST(Relay, ASiteOfSeveralNodesTakesATrackOnce) {
  Fleet fleet(4, {}, 2);
  for (const NodeId node : {NodeId{2}, NodeId{3}})
    fleet.want(node);
  fleet.publish(0);
  fleet.run(12'000'000);  // at first from wherever it is to be had
  const NodeId first = fleet.upstream(2) == NodeId{0} ? 2 : 3;
  const NodeId second = first == 2 ? 3 : 2;
  EXPECT_EQ(fleet.upstream(first), 0);
  EXPECT_EQ(fleet.upstream(second), first);

  fleet.cut(first, second);
  fleet.run(2'000'000);
  EXPECT_EQ(fleet.upstream(second), 0);
  EXPECT_TRUE(fleet.is_fed(second));

  fleet.heal(first, second);
  fleet.run(12'000'000);
  EXPECT_EQ(fleet.upstream(second), first);
  EXPECT_TRUE(fleet.is_fed(second));
  EXPECT_EQ(fleet.view(0).legs, std::vector<NodeId>{first});
  EXPECT_EQ(fleet.violation(), "");
}

TEST(Relay, AnOldQuestionThatArrivesAgainMakesNoLegToTheUpstream) {
  Fleet fleet(3);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.deliver_all();
  fleet.cut(kEast, kGermany);
  fleet.want(kGermany);  // by way of west
  std::vector<Letter> old = fleet.bag;
  fleet.run(1'000'000);
  ASSERT_EQ(fleet.upstream(kGermany), kWest);
  // West loses east and goes by way of germany.
  fleet.heal(kEast, kGermany);
  fleet.cut(kEast, kWest);
  fleet.run(3'000'000);
  ASSERT_EQ(fleet.upstream(kWest), kGermany);
  for (const Letter& letter : old) {
    fleet.bag.push_back(letter);
    fleet.deliver(fleet.bag.size() - 1);
    EXPECT_EQ(fleet.violation(), "");
  }
}

TEST(Relay, AnAlarmIsRaisedOnceAndEnds) {
  Fleet fleet(2);
  fleet.want(kWest);
  fleet.run(8'000'000);
  const auto count = [&](JournalKind kind) {
    return std::ranges::count(fleet.nodes[kWest]->journal, kind, &JournalEntry::kind);
  };
  EXPECT_EQ(count(JournalKind::starvation), 1);
  fleet.publish(kEast);
  fleet.run(500'000);
  EXPECT_EQ(count(JournalKind::starvation_ended), 1);
}

TEST(Relay, AFullTableSaysSo) {
  config::Relaying config;
  config.max_tracks = 16;
  Fleet fleet(2, config);
  for (int i = 0; i < 16; ++i)
    EXPECT_TRUE(fleet.relay(kEast).want(track_key(std::to_string(i)), fleet.now_us));
  EXPECT_FALSE(fleet.relay(kEast).want(track_key("one more"), fleet.now_us));
  fleet.relay(kEast).unwant(track_key("7"), fleet.now_us);
  EXPECT_TRUE(fleet.relay(kEast).want(track_key("one more"), fleet.now_us)) << "an unused one makes room";
}

TEST(Relay, AStampThatCannotBeTrueIsRefused) {
  Fleet fleet(2);
  fleet.publish(kEast);
  Subscribe lie{fleet.track, {Stamp{1} << 60, 5, 0}, 1, Path(kWest)};
  fleet.relay(kEast).on_subscribe(kWest, lie, fleet.now_us);
  EXPECT_EQ(fleet.relay(kEast).counters().nacks_sent[static_cast<int>(NackReason::implausible)], 1U);
  EXPECT_LT(fleet.relay(kEast).clock(), Stamp{1} << 40);
}

}  // namespace
}  // namespace causeway::control::relay::test
