// The node's own pauses: whatever they were, they convict nobody else.
#include "control/beat/stall.h"

#include <gtest/gtest.h>

#include "control/beat/detector.h"
#include "tests/unit/control/beat/fleet.h"

namespace causeway::control::beat {
namespace {

TEST(Stall, FreezesForTwiceThePause) {
  Stall stall(config::Heartbeat{}, 0);
  EXPECT_EQ(stall.turn(from_ms(200)), 0);
  EXPECT_EQ(stall.turn(from_ms(401)), from_ms(201));
  struct Case {
    TimeUs gap_ms;
    TimeUs frozen_ms;
  };
  const Case cases[] = {{201, 1800}, {900, 1800}, {1000, 2000}, {10'000, 20'000}, {3'600'000, 60'000}};
  for (const Case& c : cases)
    EXPECT_EQ(stall.freeze(from_ms(c.gap_ms)), from_ms(c.frozen_ms)) << c.gap_ms;
  EXPECT_EQ(stall.freeze(kNever), from_ms(60'000));
  EXPECT_EQ(stall.patience().resumed_us, from_ms(401));
  EXPECT_TRUE(stall.is_frozen());
  stall.turn(from_ms(60'401));
  EXPECT_FALSE(stall.is_frozen());
}

TEST(Stall, AClockThatStepsBackIsNone) {
  Stall stall(config::Heartbeat{}, from_ms(5000));
  EXPECT_EQ(stall.turn(from_ms(100)), 0);
  EXPECT_EQ(stall.now_us(), from_ms(5000));
  EXPECT_EQ(stall.turn(from_ms(5100)), 0);
}

class OwnStall : public ::testing::TestWithParam<TimeUs> {};

TEST_P(OwnStall, ConvictsAndSuspectsNobody) {
  const TimeUs stall_ms = GetParam();
  for (const bool lost : {false, true}) {
    Fleet fleet(4);
    fleet.run(from_ms(4000));
    fleet.forget();
    std::size_t convictions = 0;
    fleet.after_tick = [&](NodeId node) {
      const View view = fleet.view(node);
      for (NodeId peer = 0; peer < 4 && node == 0; ++peer)
        convictions += peer != 0 && view.peers[peer].probe == ProbeResult::silent ? 1 : 0;
    };
    fleet.stall(0, from_ms(stall_ms), lost);
    fleet.run(from_ms(stall_ms) + from_ms(110));
    EXPECT_EQ(fleet.events(0, EventKind::suspected).size(), 0U);
    EXPECT_EQ(fleet[0].is_frozen(), stall_ms > 200 || lost) << stall_ms;
    EXPECT_EQ(fleet.view(0).frozen, stall_ms > 200 || lost);
    EXPECT_EQ(fleet.entries(0, JournalKind::stalled), stall_ms > 200 || lost ? 1U : 0U);
    if (stall_ms > 200) {
      for (NodeId peer = 1; peer < 4; ++peer)
        EXPECT_TRUE(fleet.view(peer).peers[0].row.stalled) << "and says so";
      EXPECT_TRUE(fleet[1].hears(0, 2)) << "relays may go by it";
    }
    for (NodeId peer = 1; peer < 4; ++peer)
      EXPECT_TRUE(fleet[0].is_reachable(peer));
    fleet.run(from_ms(2 * stall_ms + 2000));
    EXPECT_FALSE(fleet[0].is_frozen());
    EXPECT_FALSE(fleet.view(1).peers[0].row.stalled);
    EXPECT_EQ(fleet.events(0, EventKind::suspected).size(), 0U) << stall_ms;
    EXPECT_EQ(fleet.events(0, EventKind::probed).size(), 0U);
    EXPECT_EQ(convictions, 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(Lengths, OwnStall, ::testing::Values(50, 150, 250, 500, 1000, 2000, 3500, 10'000));

TEST(OwnStallEntry, SaysHowLong) {
  Fleet fleet(3);
  fleet.run(from_ms(4000));
  fleet.forget();
  fleet.stall(0, from_ms(1200));
  fleet.run(from_ms(1300));
  ASSERT_EQ(fleet.entries(0, JournalKind::stalled), 1U);
  const JournalEntry& entry = fleet.journal(0)[0];
  ASSERT_EQ(entry.numbers.size(), 2U);
  EXPECT_EQ(entry.numbers[0].first, "gap_us");
  EXPECT_GE(entry.numbers[0].second, from_ms(1100));
  EXPECT_LE(entry.numbers[0].second, from_ms(1300));
  EXPECT_EQ(entry.numbers[1].second, std::max(2 * entry.numbers[0].second, from_ms(1800)));
}

TEST(OwnStallEntry, AnOverflowIsWrittenOnceWhileItLasts) {
  Fleet fleet(3);
  fleet.run(from_ms(4000));
  fleet.forget();
  for (int i = 0; i < 100; ++i) {
    fleet.give(0, [&](Detector& d, const Output& out) { d.on_overflow(fleet.now_us(), out); });
    fleet.run(from_ms(10));
  }
  EXPECT_EQ(fleet.entries(0, JournalKind::stalled), 1U);
  fleet.run(from_ms(1700));
  EXPECT_TRUE(fleet[0].is_frozen());
  fleet.run(from_ms(100));
  EXPECT_FALSE(fleet[0].is_frozen());
}

TEST(OwnStallEntry, AStepForwardOfTheClockIsAStall) {
  Fleet fleet(3);
  fleet.run(from_ms(4000));
  fleet.forget();
  fleet.give(0, [&](Detector& d, const Output& out) { d.tick(fleet.now_us() + from_ms(3'600'000), out); });
  EXPECT_TRUE(fleet[0].is_frozen());
  EXPECT_EQ(fleet.events(0, EventKind::suspected).size(), 0U);
  EXPECT_EQ(fleet.entries(0, JournalKind::stalled), 1U);
  EXPECT_TRUE(fleet[0].is_up(1));
}

TEST(OwnStallEntry, ASilenceThatBeganMeanwhileIsJudgedAfterwards) {
  Fleet fleet(5);
  fleet.run(from_ms(4000));
  fleet.forget();
  fleet.stall(0, from_ms(1000));
  fleet.kill(1);
  fleet.run(from_ms(1000));
  EXPECT_TRUE(fleet[0].is_reachable(1));
  fleet.run(from_ms(1000));
  EXPECT_FALSE(fleet[0].is_reachable(1)) << "relays need not wait for the end of the freeze";
  EXPECT_EQ(fleet[0].probe(1), ProbeResult::none);
  EXPECT_TRUE(fleet[0].is_frozen());
  fleet.run(from_ms(2200));
  EXPECT_FALSE(fleet[0].is_frozen());
  EXPECT_EQ(fleet[0].probe(1), ProbeResult::silent);
  EXPECT_FALSE(fleet[0].is_up(1));
}

TEST(OwnStallEntry, ARoundOfQuestionsThatItInterruptedIsNotConcluded) {
  Fleet fleet(5);
  fleet.run(from_ms(4000));
  fleet.kill(1);
  fleet.run(from_ms(2450));
  fleet.stall(0, from_ms(1000), true);  // the answers are lost
  fleet.run(from_ms(1200));
  EXPECT_EQ(fleet[0].probe(1), ProbeResult::none) << "it is not the helpers who were silent";
  fleet.run(from_ms(3000));
  EXPECT_EQ(fleet[0].probe(1), ProbeResult::silent);
}

}  // namespace
}  // namespace causeway::control::beat
