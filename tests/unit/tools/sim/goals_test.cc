#include "tools/sim/goals.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

namespace causeway::sim::test {
namespace {

constexpr TimeUs kSecond = 1'000'000;
constexpr Goal kGoals[] = {
    {.what = "hard drains", .count = &Measures::hard_drains},
    {.what = "most of them back", .times = &Measures::moved, .percent = 95, .bound = kSecond},
    {.what = "all of them back", .times = &Measures::moved, .bound = 3 * kSecond},
};

// A hundred moves of half a second, and a fault that was done.
Totals good_totals() {
  Totals totals;
  totals.coverage.on_action(ActionKind::move);
  for (int i = 0; i < 100; ++i)
    totals.measures.moved.add(kSecond / 2);
  return totals;
}

TEST(Goals, AreMetByWhatKeepsTheBounds) {
  const std::vector<HeldGoal> held = hold(kGoals, ActionKind::move, good_totals());
  ASSERT_EQ(held.size(), 4U);  // and the invariants
  EXPECT_TRUE(are_met(held));
  EXPECT_EQ(held[1].measured, kSecond / 2);
  EXPECT_EQ(held[1].samples, 100U);
  EXPECT_EQ(held[3].goal.what, "violations");
}

TEST(Goals, OfACountAreNotMetByOneMore) {
  Totals totals = good_totals();
  totals.measures.hard_drains = 1;
  const std::vector<HeldGoal> held = hold(kGoals, ActionKind::move, totals);
  EXPECT_FALSE(held[0].is_met);
  EXPECT_TRUE(held[1].is_met);
  EXPECT_FALSE(are_met(held));
}

TEST(Goals, OfAShareAllowTheRestToBeWorse) {
  Totals totals = good_totals();
  for (int i = 0; i < 4; ++i)
    totals.measures.moved.add(2 * kSecond);
  std::vector<HeldGoal> held = hold(kGoals, ActionKind::move, totals);
  EXPECT_TRUE(are_met(held));
  for (int i = 0; i < 4; ++i)
    totals.measures.moved.add(2 * kSecond);
  held = hold(kGoals, ActionKind::move, totals);
  EXPECT_FALSE(held[1].is_met);
  EXPECT_TRUE(held[2].is_met);
}

TEST(Goals, OfAllTimesAreNotMetIfOneIsWorse) {
  Totals totals = good_totals();
  totals.measures.moved.add(3 * kSecond + 1);
  const std::vector<HeldGoal> held = hold(kGoals, ActionKind::move, totals);
  EXPECT_TRUE(held[1].is_met);
  EXPECT_FALSE(held[2].is_met);
}

TEST(Goals, OfTimesThatWereNeverMeasuredAreNotMet) {
  Totals totals;
  totals.coverage.on_action(ActionKind::move);
  const std::vector<HeldGoal> held = hold(kGoals, ActionKind::move, totals);
  EXPECT_TRUE(held[0].is_met);
  EXPECT_FALSE(held[1].is_measured);
  EXPECT_FALSE(held[1].is_met);
  EXPECT_FALSE(held[2].is_met);
}

// No drain is no merit if nothing was cut.
TEST(Goals, OfCountsAreNotMetIfTheFaultNeverHappened) {
  const std::vector<HeldGoal> held = hold(kGoals, ActionKind::cut, good_totals());
  EXPECT_FALSE(held[0].is_met);
  EXPECT_FALSE(held[3].is_met);
}

TEST(Goals, AlwaysIncludeTheInvariants) {
  Totals totals = good_totals();
  totals.violations = 1;
  EXPECT_FALSE(are_met(hold(kGoals, ActionKind::move, totals)));
}

TEST(WorstRun, IsTheOneToLookAt) {
  WorstRun by_count;
  WorstRun by_time;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    RunResult run;
    run.seed = seed;
    run.measures.hard_drains = seed == 2 ? 1 : 0;
    run.measures.moved.add(seed == 3 ? kSecond : 1);
    by_count.see(kGoals[0], run);
    by_time.see(kGoals[1], run);
  }
  EXPECT_EQ(by_count.seed, 2U);
  EXPECT_EQ(by_time.seed, 3U);
}

TEST(Goals, AreToldToPeople) {
  Totals totals = good_totals();
  totals.measures.hard_drains = 2;
  const std::string text = to_text(hold(kGoals, ActionKind::move, totals));
  EXPECT_NE(text.find("  NOT MET: hard drains: at most 0, 2 measured\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  met: most of them back: at most 1000.0 ms in 95 %, 500.0 ms measured (100 times)\n"),
            std::string::npos)
      << text;
  EXPECT_NE(
      to_text(hold(kGoals, ActionKind::move, {})).find("all of them back: at most 3000.0 ms in 100 %, never"),
      std::string::npos);
}

TEST(Goals, AreToldToMachines) {
  const auto json = nlohmann::json::parse(to_json(hold(kGoals, ActionKind::move, good_totals())));
  EXPECT_EQ(json.at(0).at("what"), "hard drains");
  EXPECT_EQ(json.at(0).at("bound"), 0);
  EXPECT_EQ(json.at(0).at("measured"), 0);
  EXPECT_EQ(json.at(1).at("bound"), 1000.0);
  EXPECT_EQ(json.at(1).at("measured"), 500.0);
  EXPECT_EQ(json.at(1).at("percent"), 95);
  EXPECT_EQ(json.at(1).at("met"), true);
  const auto never = nlohmann::json::parse(to_json(hold(kGoals, ActionKind::move, {})));
  EXPECT_TRUE(never.at(1).at("measured").is_null());
  EXPECT_EQ(never.at(1).at("met"), false);
}

}  // namespace
}  // namespace causeway::sim::test
