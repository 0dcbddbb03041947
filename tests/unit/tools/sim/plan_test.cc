#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/tools/sim/support.h"
#include "tools/sim/jobs.h"
#include "tools/sim/random_plan.h"
#include "tools/sim/run.h"

namespace causeway::sim::test {
namespace {

constexpr Shape kSmall{.sites = 4, .nodes_per_site = 2, .length_us = 60 * kSecond};

TEST(RandomPlan, IsTheSamePlanForTheSameSeed) {
  const Plan a = random_plan(9, kSmall, {});
  const Plan b = random_plan(9, kSmall, {});
  const Plan c = random_plan(10, kSmall, {});
  ASSERT_EQ(a.actions.size(), b.actions.size());
  for (std::size_t i = 0; i < a.actions.size(); ++i) {
    EXPECT_EQ(a.actions[i].at_us, b.actions[i].at_us);
    EXPECT_EQ(a.actions[i].kind, b.actions[i].kind);
    EXPECT_EQ(a.actions[i].value, b.actions[i].value);
  }
  EXPECT_NE(a.actions.size(), c.actions.size());
}

TEST(RandomPlan, HasFaultsOfEveryKindInOrder) {
  Rates rates;
  rates.swarm = false;
  const Plan plan = random_plan(1, {.length_us = 3600 * kSecond}, rates);
  EXPECT_TRUE(std::ranges::is_sorted(plan.actions, {}, &Action::at_us));
  for (std::size_t kind = 0; kind < kActionKinds; ++kind) {
    const auto is_it = [&](const Action& action) { return action.kind == static_cast<ActionKind>(kind); };
    const bool is_promised = static_cast<ActionKind>(kind) != ActionKind::lose_watermark;
    EXPECT_EQ(std::ranges::any_of(plan.actions, is_it), is_promised) << name(static_cast<ActionKind>(kind));
  }
}

TEST(RandomPlan, ActsOnNodesAndSitesThatThereAre) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (const Action& action : random_plan(seed, kSmall, {}).actions) {
      ASSERT_GE(action.a, -1);
      ASSERT_LT(action.a, 8);
      ASSERT_LT(action.b, 4);
    }
  }
}

TEST(RandomPlan, TunablesAreThoseThatTheLoaderWouldTake) {
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Plan plan = plain_plan(seed, kSmall);
    randomise_tunables(seed, plan);
    ASSERT_EQ(tunables_problem(plan), "") << "seed " << seed;
    changed += plan.relay.feed_window_ms != config::Relaying().feed_window_ms;
  }
  EXPECT_GT(changed, 100);
  Plan plan = plain_plan(1, kSmall);
  plan.heartbeat.suspect_ms = 100;
  EXPECT_NE(tunables_problem(plan), "");
}

TEST(Jobs, ResultsDoNotDependOnTheirNumber) {
  const auto total = [](unsigned threads) {
    Totals totals;
    run_in_order(
        12, threads,
        [](std::size_t i) {
          Toybox box(8);
          Plan plan = plain_plan(i, {.length_us = 5 * kSecond});
          return run_plan(plan, toys(box));
        },
        [&](std::size_t, const RunResult& result) {
          totals.add(result);
          return totals.runs < 10;
        });
    return std::tuple(totals.runs, totals.events, totals.hash);
  };
  const auto one = total(1);
  EXPECT_EQ(std::get<0>(one), 10U);
  EXPECT_EQ(total(3), one);
}

TEST(Totals, NameWhatFailed) {
  Totals totals;
  RunResult result;
  result.seed = 77;
  result.violations.push_back({Invariant::I1, 1'500'000, 0, "room/1", "a \"cycle\""});
  totals.add(result);
  EXPECT_NE(to_text(totals, 1).find("seed 77: I1 at 1.500000 s, track room/1: a \"cycle\""),
            std::string::npos);
  EXPECT_NE(to_json(totals, 1).find(R"("what": "a \"cycle\"")"), std::string::npos);
  EXPECT_NE(to_json(totals, 1).find("\"violations\": 1\n"), std::string::npos);
}

TEST(Coverage, NamesWhatWasNeverReached) {
  Coverage coverage;
  coverage.on_packet(PacketEnd::forwarded);
  const std::string missed = coverage_text(coverage, true);
  EXPECT_EQ(missed.find("packet forwarded"), std::string::npos);
  EXPECT_NE(missed.find("packet own\n"), std::string::npos);
  EXPECT_NE(missed.find("nack in_path\n"), std::string::npos);
  EXPECT_NE(missed.find("journal gate_refused\n"), std::string::npos);
  EXPECT_NE(coverage_text(coverage, false).find("packet forwarded: 1\n"), std::string::npos);
}

}  // namespace
}  // namespace causeway::sim::test
