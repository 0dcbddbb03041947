// The product's control core in the simulated world.
#include <gtest/gtest.h>

#include "tests/unit/tools/sim/support.h"
#include "tools/sim/core_mind.h"
#include "tools/sim/random_plan.h"
#include "tools/sim/run.h"

namespace causeway::sim::test {
namespace {

Plan calm_plan(std::size_t sites, TimeUs length_us) {
  return plain_plan(1, {.sites = sites, .nodes_per_site = 1, .length_us = length_us});
}

void expect_all_fed(const World& world, const std::string& track) {
  for (std::size_t node = 0; node < world.node_names().size(); ++node) {
    const RelayView view = world.mind(static_cast<NodeId>(node)).relay(control::track_key(track));
    EXPECT_TRUE(view.is_fed) << world.node_names()[node];
  }
}

TEST(Core, FeedsEverySiteOfEveryTrack) {
  World world(calm_plan(5, 10 * kSecond), core_minds());
  world.run();
  EXPECT_TRUE(world.violations().empty());
  for (int track = 0; track < 5; ++track)
    expect_all_fed(world, "canary/" + std::to_string(track));
  EXPECT_LT(world.recorder().measures().first_media.most_us(), kSecond);
}

TEST(Core, RunsTheSameForTheSameSeed) {
  Rates rates;
  rates.swarm = false;
  const Plan plan = random_plan(3, {.sites = 4, .nodes_per_site = 1, .length_us = 60 * kSecond}, rates);
  const RunResult first = run_plan(plan, core_minds());
  const RunResult second = run_plan(plan, core_minds());
  EXPECT_EQ(first.hash, second.hash);
  EXPECT_EQ(first.events, second.events);
  Plan other = plan;
  other.seed = 4;
  EXPECT_NE(run_plan(other, core_minds()).hash, first.hash);
}

TEST(Core, AsksALiarOnceAndTakesTheTrackFromItsOrigin) {
  Plan plan = calm_plan(4, 30 * kSecond);
  plan.actions.push_back(at(10 * kSecond, ActionKind::lie_directory, 1, -1, 10'000, "canary/0"));
  plan.actions.push_back(at(12 * kSecond, ActionKind::unsubscribe, 2, -1, 0, "canary/0"));
  plan.actions.push_back(at(15 * kSecond, ActionKind::subscribe, 2, -1, 0, "canary/0"));
  World world(plan, core_minds());
  world.run_until(14 * kSecond);
  const std::uint64_t nacks = world.recorder().measures().nacks;
  world.run();
  EXPECT_TRUE(world.violations().empty());
  EXPECT_GT(nacks, 0U);  // the others looked whether the liar has it
  expect_all_fed(world, "canary/0");
}

TEST(Core, FindsTracksAgainThatADirectoryForgot) {
  Plan plan = calm_plan(4, 20 * kSecond);
  plan.actions.push_back(at(10 * kSecond, ActionKind::unsubscribe, 2, -1, 0, "canary/0"));
  plan.actions.push_back(at(12 * kSecond, ActionKind::lose_directory, 2));
  plan.actions.push_back(at(12 * kSecond, ActionKind::subscribe, 2, -1, 0, "canary/0"));
  World world(plan, core_minds());
  world.run();
  EXPECT_TRUE(world.violations().empty());
  expect_all_fed(world, "canary/0");
}

TEST(Core, DrainsHardWithTheArbitersTokenOnly) {
  for (const bool is_up : {true, false}) {
    Plan plan = calm_plan(4, 160 * kSecond);
    plan.heartbeat.startup_ms = 10'000;
    if (!is_up) plan.actions.push_back(at(kSecond, ActionKind::arbiter_down, -1));
    plan.actions.push_back(at(30 * kSecond, ActionKind::cut, 2));
    plan.actions.push_back(at(140 * kSecond, ActionKind::heal, 2));
    const RunResult result = run_plan(plan, core_minds());
    EXPECT_TRUE(result.violations.empty());
    EXPECT_EQ(result.measures.soft_drains, 1U);
    EXPECT_EQ(result.measures.hard_drains, is_up ? 1U : 0U);
    EXPECT_EQ(result.coverage.world(WorldPath::token_granted) > 0, is_up);
  }
}

TEST(Core, SitesOfSeveralNodesTakeATrackOnce) {
  World world(plain_plan(1, {.sites = 3, .nodes_per_site = 2, .length_us = 20 * kSecond}), core_minds());
  world.run();
  EXPECT_TRUE(world.violations().empty());
  int across = 0;
  for (NodeId node = 2; node < 4; ++node) {
    const RelayView view = world.mind(node).relay(control::track_key("canary/0"));
    ASSERT_TRUE(view.active);
    across += view.active->upstream < 2;
  }
  EXPECT_EQ(across, 1);
}

}  // namespace
}  // namespace causeway::sim::test
