#include <gtest/gtest.h>

#include "tests/unit/tools/sim/support.h"
#include "tools/sim/awaited.h"
#include "tools/sim/core_mind.h"
#include "tools/sim/run.h"

namespace causeway::sim::test {
namespace {

TimeUs ms(TimeUs value) {
  return value * 1000;
}

TEST(Awaited, MeasuresFromTheFaultToItsDiscovery) {
  Awaited awaited(3, 2 * kSecond);
  Times times;
  awaited.begin(0, 1, kSecond);
  awaited.begin(0, 1, 2 * kSecond);  // the same fault still
  awaited.found(0, 2, 3 * kSecond, times);
  EXPECT_EQ(times.count(), 0U);
  awaited.found(0, 1, 3 * kSecond, times);
  awaited.found(0, 1, 4 * kSecond, times);
  EXPECT_EQ(times.count(), 1U);
  EXPECT_EQ(times.most_us(), 2 * kSecond);
}

TEST(Awaited, CountsWhoNeverFindsOutUnlessTheFaultWasShort) {
  Awaited awaited(2, 2 * kSecond);
  Times times;
  awaited.begin(0, 1, 0);
  awaited.over(0, 1, kSecond, times);
  EXPECT_EQ(times.count(), 0U);
  awaited.begin(0, 1, 0);
  awaited.over(0, 1, 9 * kSecond, times);
  EXPECT_EQ(times.most_us(), 9 * kSecond);
  awaited.begin(0, 1, 0);
  awaited.drop(0);
  awaited.over(0, 1, 20 * kSecond, times);
  EXPECT_EQ(times.count(), 1U);
}

Measures measured(Plan plan) {
  return run_plan(plan, core_minds()).measures;
}

TEST(Recorder, MeasuresADeathAtEachOtherNode) {
  Plan plan = quiet_plan(4, 120 * kSecond);
  plan.actions.push_back(at(70 * kSecond, ActionKind::restart, 2, -1, 30'000));
  const Measures measures = measured(plan);
  EXPECT_EQ(measures.death_suspected.count(), 3U);
  EXPECT_EQ(measures.death_convicted.count(), 3U);
  EXPECT_LT(measures.death_suspected.most_us(), kSecond);
  EXPECT_LT(measures.death_convicted.most_us(), ms(3500));
}

// Nobody is judged in the first minute: that is no failure to find out.
TEST(Recorder, AsksNobodyToJudgeWhoHasJustStarted) {
  Plan plan = quiet_plan(4, 60 * kSecond);
  plan.actions.push_back(at(10 * kSecond, ActionKind::restart, 2, -1, 30'000));
  EXPECT_EQ(measured(plan).death_convicted.count(), 0U);
}

TEST(Recorder, MeasuresAtBothEndsOfAOneWayCut) {
  Plan plan = quiet_plan(4, 100 * kSecond);
  plan.actions.push_back(at(70 * kSecond, ActionKind::cut_one_way, 0, 1));
  const Measures measures = measured(plan);
  EXPECT_EQ(measures.half_open_told.count(), 2U);
  EXPECT_LT(measures.half_open_told.most_us(), 2 * kSecond);
}

// The old origin's last packets arrive after the publisher has; they do not make the subscriber fed.
TEST(Recorder, MeasuresAMoveUntilTheNewOriginsMedia) {
  Plan plan = quiet_plan(4, 30 * kSecond);
  plan.actions = {
      at(0, ActionKind::publish, 0, -1, 0, "talk"), at(0, ActionKind::subscribe, 1, -1, 0, "talk"),
      at(0, ActionKind::subscribe, 2, -1, 0, "talk"), at(10 * kSecond, ActionKind::move, 3, -1, 0, "talk")};
  const Measures measures = measured(plan);
  EXPECT_EQ(measures.moved.count(), 2U);
  EXPECT_GT(measures.moved.most_us(), ms(100));
  EXPECT_EQ(measures.first_media.count(), 2U);
}

TEST(Recorder, MeasuresFromTheLastStartAfterRestarts) {
  Plan plan = quiet_plan(3, 60 * kSecond);
  add_canaries(plan);
  plan.actions.push_back(at(20 * kSecond, ActionKind::restart, 0, -1, 1000));
  plan.actions.push_back(at(20 * kSecond, ActionKind::restart, 1, -1, 3000));
  plan.actions.push_back(at(20 * kSecond, ActionKind::restart, 2, -1, 2000));
  const Measures measures = measured(plan);
  EXPECT_EQ(measures.back_after_restart.count(), 6U);
  EXPECT_LT(measures.back_after_restart.most_us(), kSecond);
  EXPECT_EQ(measures.missing, 0U);
}

TEST(Recorder, CountsWhatIsMissingWhenTheRunEnds) {
  Plan plan = quiet_plan(3, 30 * kSecond);
  add_canaries(plan);
  plan.actions.push_back(at(20 * kSecond, ActionKind::cut, 0));
  const Measures measures = measured(plan);
  EXPECT_EQ(measures.missing, 4U);  // the others' canaries at the first site, and its own at theirs
  EXPECT_EQ(measures.relay_loss.count(), 0U);
}

// Who waits until the data plane sends again counts with all of it; if it is the origin's own, nobody could
// help.
TEST(Recorder, MeasuresTheWayAroundAFrozenRelayOnly) {
  Plan plan = quiet_plan(4, 60 * kSecond);
  plan.actions = {at(0, ActionKind::publish, 0, -1, 0, "talk"),
                  at(kSecond, ActionKind::subscribe, 1, -1, 0, "talk"),
                  at(20 * kSecond, ActionKind::freeze_media, 0), at(30 * kSecond, ActionKind::thaw_media, 0)};
  EXPECT_EQ(measured(plan).around_frozen.count(), 0U);

  plan.actions = {at(0, ActionKind::cut, 0, 1),
                  at(0, ActionKind::cut, 0, 2),
                  at(5 * kSecond, ActionKind::publish, 0, -1, 0, "talk"),
                  at(5 * kSecond, ActionKind::subscribe, 1, -1, 0, "talk"),
                  at(20 * kSecond, ActionKind::freeze_media, 3),
                  at(30 * kSecond, ActionKind::thaw_media, 3)};
  const Measures measures = measured(plan);  // the fourth site is the only way
  EXPECT_EQ(measures.around_frozen.count(), 1U);
  EXPECT_GT(measures.around_frozen.most_us(), 9 * kSecond);
}

TEST(Recorder, CountsOutagesInsideASite) {
  Plan plan = quiet_plan(2, 30 * kSecond);
  plan.nodes_per_site = 2;
  plan.actions = {at(0, ActionKind::publish, 0, -1, 0, "talk"),
                  at(0, ActionKind::subscribe, 1, -1, 0, "talk"),
                  at(0, ActionKind::subscribe, 2, -1, 0, "talk"),
                  at(20 * kSecond, ActionKind::freeze_media, 0), at(22 * kSecond, ActionKind::thaw_media, 0)};
  EXPECT_EQ(measured(plan).inside_outages, 1U);
}

TEST(Recorder, CountsQuestionsThatNobodyAnswers) {
  Toybox box(2);
  Plan plan = quiet_plan(2, 10 * kSecond);
  plan.actions = {at(0, ActionKind::publish, 0, -1, 0, "talk"), at(kSecond, ActionKind::cut, 0, 1),
                  at(2 * kSecond, ActionKind::subscribe, 1, -1, 0, "talk")};
  EXPECT_GT(run_plan(plan, toys(box)).measures.unanswered, 0U);
  plan.actions.erase(plan.actions.begin() + 1);
  Toybox other(2);
  EXPECT_EQ(run_plan(plan, toys(other)).measures.unanswered, 0U);
}

}  // namespace
}  // namespace causeway::sim::test
