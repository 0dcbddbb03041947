// What keeps relays as they are: leases, limits, patience; and peers that lie or ask too much.
#include <gtest/gtest.h>

#include "control/relay/relay.h"
#include "tests/unit/control/relay/fleet.h"

namespace causeway::control::relay::test {
namespace {

constexpr NodeId kEast = 0, kWest = 1, kGermany = 2, kFrance = 3;

std::uint64_t nacks(Fleet& fleet, NodeId node, NackReason reason) {
  return fleet.relay(node).counters().nacks_sent[static_cast<std::size_t>(reason)];
}

// Silent for a moment, and asked anew: now the upstream knows two questions.
void ask_anew(Fleet& fleet) {
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.run(300'000);
  fleet.now_us += 450'000;
  fleet.tick();
  ASSERT_FALSE(fleet.is_fed(kWest));
  fleet.deliver_all();
  fleet.send_media();
  fleet.deliver_all();
  ASSERT_TRUE(fleet.is_fed(kWest));
}

TEST(Upkeep, WhoWasAskedAnewIsLeftForGood) {
  Fleet fleet(2);
  ask_anew(fleet);
  fleet.relay(kWest).unwant(fleet.track, fleet.now_us);
  fleet.deliver_all();
  EXPECT_TRUE(fleet.view(kEast).legs.empty());
}

TEST(Upkeep, AndSoItIsByWhoBecomesTheOrigin) {
  Fleet fleet(2);
  ask_anew(fleet);
  fleet.publish(kWest);
  fleet.deliver_all();
  EXPECT_TRUE(fleet.view(kEast).legs.empty());
}

TEST(Upkeep, ANodeWithoutRoomForMoreLegsKeepsThoseThatItHas) {
  config::Relaying config;
  config.max_legs = 1;
  config.lease_ms = 12'000;
  Fleet fleet(2, config);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.run(60'000'000);
  EXPECT_EQ(nacks(fleet, kEast, NackReason::full), 0U);
  EXPECT_EQ(fleet.relay(kWest).counters().feeds_lost, 0U);
}

// How many questions west asks in a step of 100 ms. None of them arrives if they are lost.
unsigned questions(Fleet& fleet, bool are_lost) {
  fleet.now_us += 100'000;
  fleet.send_media();
  fleet.deliver_all();
  fleet.tick();
  const auto is_question = [](const Letter& letter) { return letter.type == wire::RecordType::subscribe; };
  const auto count = static_cast<unsigned>(std::ranges::count_if(fleet.bag, is_question));
  if (are_lost) std::erase_if(fleet.bag, is_question);
  fleet.deliver_all();
  return count;
}

TEST(Upkeep, ALostRefreshIsRepeatedSoonAndAnAnsweredOneIsNot) {
  const config::Relaying config;
  Fleet fleet(2, config);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.run(300'000);
  unsigned steps = 0;
  while (questions(fleet, true) == 0)
    ASSERT_LE(++steps, config.refresh_ms / 100 + 1);
  steps = 0;
  while (questions(fleet, false) == 0)
    ASSERT_LE(++steps, config.retry_max_ms / 100 + 1);
  steps = 0;
  while (questions(fleet, false) == 0)
    ++steps;
  EXPECT_GE(steps, config.refresh_ms / 100 - 2);
  EXPECT_TRUE(fleet.is_fed(kWest));
}

// West stands still. When it goes on, its queue holds a question of germany's, and behind it the media that
// came meanwhile.
TEST(Upkeep, TheOwnStallIsNotTakenForTheUpstreamsSilence) {
  Fleet fleet(3);
  fleet.publish(kEast);
  fleet.cut(kEast, kGermany);
  fleet.want(kWest);
  fleet.want(kGermany);
  fleet.run(2'000'000);
  ASSERT_EQ(fleet.upstream(kGermany), kWest);
  Relay& west = fleet.relay(kWest);
  const std::uint64_t before = west.counters().feeds_lost;
  fleet.now_us += 1'000'000;
  const Subscribe refresh{fleet.track, fleet.view(kGermany).label, 1000, Path(kGermany), kEast};
  west.on_subscribe(kGermany, refresh, fleet.now_us);
  west.on_media(fleet.track, kEast, fleet.view(kEast).label, fleet.now_us - 20'000, fleet.now_us);
  west.tick(fleet.now_us);
  EXPECT_TRUE(fleet.is_fed(kWest));
  EXPECT_EQ(west.counters().feeds_lost, before);
  EXPECT_TRUE(std::ranges::none_of(
      fleet.bag, [](const Letter& letter) { return letter.type == wire::RecordType::withdraw; }));
}

// Two stamp requests that lie, before anybody else hears of the first one.
TEST(Upkeep, ALieAboutStampsPartsNobodyFromTheOthers) {
  Fleet fleet(4);
  fleet.publish(kEast);
  fleet.run(200'000);
  for (int i = 0; i < 2; ++i) {
    const Stamp above = fleet.relay(kEast).clock() + kMaxStampJump;
    fleet.relay(kEast).on_stamp_request(kFrance, {fleet.track, above, 1}, fleet.now_us);
    fleet.run(5'000);
  }
  fleet.unpublish(kEast);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.want(kGermany);
  for (int beats = 0; beats < 4; ++beats) {
    fleet.run(500'000);
    for (auto& node : fleet.nodes)
      node->relay->see(fleet.relay(kEast).clock());
  }
  EXPECT_TRUE(fleet.is_fed(kWest) && fleet.is_fed(kGermany)) << fleet.describe();
}

TEST(Upkeep, APeersQuestionsLeaveRoomForOwnPublishersAndSubscribers) {
  config::Relaying config;
  config.max_tracks = 100;
  Fleet fleet(3, config);
  for (std::uint32_t i = 1; i <= 200; ++i) {
    const Subscribe question{track_key("t" + std::to_string(i)), {}, i, Path(kGermany), kWest};
    fleet.relay(kEast).on_subscribe(kGermany, question, fleet.now_us);
  }
  EXPECT_EQ(fleet.relay(kEast).tracks(), 100U);
  EXPECT_EQ(nacks(fleet, kEast, NackReason::full), 100U);
  EXPECT_TRUE(fleet.relay(kEast).publish(fleet.track, fleet.now_us));
  EXPECT_TRUE(fleet.relay(kEast).want(track_key("another"), fleet.now_us));
  EXPECT_EQ(fleet.relay(kEast).tracks(), 100U);
}

TEST(Upkeep, WhoIsAskedAsTheOriginAndIsNotSaysSo) {
  Fleet fleet(4);
  fleet.claims[kEast] = 7;  // out of date
  fleet.nodes[kEast]->is_blind = true;
  fleet.cut(kEast, kFrance);
  fleet.want(kGermany);
  fleet.deliver_all();
  EXPECT_GT(nacks(fleet, kEast, NackReason::no_track), 0U);
  EXPECT_EQ(nacks(fleet, kEast, NackReason::not_fed), 0U);
  EXPECT_EQ(fleet.relay(kEast).tracks(), 0U);
}

// The claim draws it to who claims falsely, who takes the track from its origin.
TEST(Upkeep, AFalseClaimKeepsNobodyFarFromTheOrigin) {
  Fleet fleet(4);
  fleet.publish(kEast);
  fleet.want(kWest);
  fleet.cut(kEast, kFrance);
  fleet.want(kFrance);
  fleet.run(5'000'000);
  ASSERT_EQ(fleet.view(kFrance).label.depth, 2);
  fleet.claims[kGermany] = 999'999;
  fleet.heal(kEast, kFrance);
  fleet.run(60'000'000);
  EXPECT_EQ(fleet.upstream(kFrance), kEast);
}

// East may be asked on behalf of nobody but itself: there is nothing to do until it asks again.
TEST(Upkeep, WhoIsPressedAndCanAskNobodyWaits) {
  Fleet fleet(5);
  for (NodeId a = 0; a < 5; ++a) {
    for (NodeId b = a + 1; b < 5; ++b)
      fleet.cut(a, b);
  }
  for (const auto& [a, b] : {std::pair{0, 1}, {1, 2}, {2, 3}})
    fleet.heal(static_cast<NodeId>(a), static_cast<NodeId>(b));
  fleet.publish(0);
  fleet.want(3);
  fleet.run(5'000'000);
  ASSERT_EQ(fleet.view(3).label.depth, 3);
  fleet.heal(3, 4);
  fleet.heal(0, 4);
  fleet.relay(3).unwant(fleet.track, fleet.now_us);
  fleet.relay(3).on_subscribe(4, {fleet.track, {}, 1, Path(4), 0}, fleet.now_us);
  int turns = 0;
  const TimeUs until_us = fleet.now_us + 300'000;
  while (fleet.now_us < until_us) {
    fleet.now_us = std::min(until_us, std::max(fleet.relay(3).next_due_us(), fleet.now_us + 1));
    fleet.relay(3).tick(fleet.now_us);
    ++turns;
  }
  EXPECT_LT(turns, 10);
}

TEST(Upkeep, AFedNodeThatLooksForABetterWayFillsNoJournal) {
  bool is_tested = false;
  for (const NodeId other : {kEast, kWest}) {
    const auto gateway = static_cast<NodeId>(1 - other);
    Fleet fleet(4, {}, 2);
    fleet.publish(2);
    fleet.want(other);
    fleet.run(40'000'000);
    if (fleet.upstream(other) != gateway) continue;
    is_tested = true;
    fleet.cut(gateway, 2);
    fleet.cut(gateway, 3);
    fleet.run(10'000'000);
    ASSERT_TRUE(fleet.is_fed(other));
    const std::size_t lines = fleet.nodes[other]->journal.size();
    fleet.run(120'000'000);
    EXPECT_EQ(fleet.nodes[other]->journal.size(), lines);
  }
  EXPECT_TRUE(is_tested);
}

}  // namespace
}  // namespace causeway::control::relay::test
