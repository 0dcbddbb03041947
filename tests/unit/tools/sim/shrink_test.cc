#include "tools/sim/shrink.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/tools/sim/support.h"
#include "tools/sim/random_plan.h"
#include "tools/sim/run.h"

namespace causeway::sim::test {
namespace {

Plan numbered(int actions) {
  Plan plan;
  for (int i = 0; i < actions; ++i)
    plan.actions.push_back({.at_us = i, .a = i});
  return plan;
}

bool has(const Plan& plan, int number) {
  return std::ranges::find(plan.actions, number, &Action::a) != plan.actions.end();
}

TEST(Shrink, LeavesOnlyWhatTheFailureNeeds) {
  struct Case {
    const char* name;
    std::vector<int> needed;
  };
  const Case cases[] = {
      {"one", {17}}, {"two far apart", {3, 190}}, {"three together", {50, 51, 52}}, {"none", {}}};
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    std::size_t reported = 0;
    const Plan left = shrink(
        numbered(200),
        [&](const Plan& plan) {
          return std::ranges::all_of(each.needed, [&](int n) { return has(plan, n); });
        },
        10'000, [&](const ShrinkProgress& progress) { reported = progress.actions; });
    EXPECT_EQ(left.actions.size(), each.needed.size());
    for (const int n : each.needed)
      EXPECT_TRUE(has(left, n));
    EXPECT_EQ(reported, left.actions.size());
  }
}

TEST(Shrink, StopsAfterItsLastRun) {
  std::size_t runs = 0;
  shrink(
      numbered(500), [&](const Plan&) { return ++runs % 3 == 0; }, 50, [](const ShrinkProgress&) {});
  EXPECT_EQ(runs, 50U);
}

TEST(Shrink, KeepsTheInvariantThatAFaultBreaks) {
  Toybox box(3);
  Shape shape{.sites = 3, .nodes_per_site = 1, .length_us = 60 * kSecond};
  Plan plan = plain_plan(5, shape);
  for (int i = 1; i < 40; ++i)
    plan.actions.push_back(at(i * kSecond, ActionKind::duplicate, 0, 1, i));
  plan.actions.push_back(at(20 * kSecond, ActionKind::cut, 0, 1));  // a toy knows no way around
  const auto fails = [&](const Plan& each) { return breaks(each, toys(box), Invariant::L1); };
  ASSERT_TRUE(fails(plan));
  const Plan left = shrink(plan, fails, 1000, [](const ShrinkProgress&) {});
  EXPECT_TRUE(fails(left));
  // The cut, and one track between the two.
  EXPECT_EQ(left.actions.size(), 3U);
  EXPECT_EQ(left.network.jitter_us, 0);
}

}  // namespace
}  // namespace causeway::sim::test
