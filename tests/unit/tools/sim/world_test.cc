#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/unit/tools/sim/support.h"

namespace causeway::sim::test {
namespace {

TEST(World, CarriesATrackFromItsOriginToItsSubscribers) {
  Plan plan = quiet_plan(3, 10 * kSecond);
  add_canaries(plan);
  Toybox box(3);
  World world(plan, toys(box));
  world.run();
  EXPECT_TRUE(world.violations().empty());
  for (NodeId node = 0; node < 3; ++node) {
    const RelayView view = world.mind(node).relay(control::track_key("canary/s0"));
    EXPECT_TRUE(view.is_fed);
    EXPECT_EQ(view.active.has_value(), node != 0);
  }
  EXPECT_EQ(world.recorder().measures().first_media.count(), 6U);
  EXPECT_LT(world.recorder().measures().first_media.most_us(), kSecond);
  EXPECT_EQ(world.recorder().measures().ack_beyond_round_trip.most_us(), 0);
}

TEST(World, IsTheSameAgainAndAnotherOneWithAnotherSeed) {
  Plan plan = quiet_plan(4, 20 * kSecond);
  plan.network.jitter_us = 2000;
  plan.network.loss_ppm = 20'000;
  add_canaries(plan);
  const auto run = [&](std::uint64_t seed) {
    plan.seed = seed;
    Toybox box(4);
    World world(plan, toys(box));
    world.run();
    return std::pair(world.hash(), world.events());
  };
  const auto first = run(1);
  EXPECT_EQ(run(1), first);
  EXPECT_NE(run(2).first, first.first);
}

TEST(World, GoesOnFromWhereItStopped) {
  Plan plan = quiet_plan(3, 10 * kSecond);
  add_canaries(plan);
  Toybox box_a(3);
  World whole(plan, toys(box_a));
  whole.run();
  Toybox box_b(3);
  World parts(plan, toys(box_b));
  for (TimeUs now_us = 0; now_us <= plan.length_us; now_us += 77'777)
    parts.run_until(now_us);
  parts.run();
  EXPECT_EQ(parts.hash(), whole.hash());
}

TEST(World, KeepsWhatArrivesInAStallAndGivesItBeforeTheTimer) {
  Plan plan = quiet_plan(2, 4 * kSecond);
  plan.actions.push_back(at(kSecond, ActionKind::stall, 0, -1, 2000));
  Toybox box(2);
  World world(plan, toys(box));
  world.run_until(3 * kSecond - 1);
  const std::size_t before = box.frames_us[0].size();
  const std::size_t ticks = box.ticks_us[0].size();
  world.run_until(3 * kSecond);
  const std::size_t after = box.frames_us[0].size();
  EXPECT_NEAR(static_cast<double>(after - before), 20, 1);  // one each 100 ms
  EXPECT_TRUE(std::ranges::is_sorted(box.frames_us[0]));
  for (std::size_t i = before; i < after; ++i) {
    EXPECT_LE(box.frames_us[0][i], box.given_us[0][i]);
    EXPECT_EQ(box.given_us[0][i], box.given_us[0][after - 1]);
  }
  EXPECT_EQ(box.ticks_us[0].size(), ticks + 1);
  EXPECT_EQ(box.ticks_us[0].back(), box.given_us[0][after - 1]);
}

TEST(World, MediaGoesOnWhileControlStandsStill) {
  Plan plan = quiet_plan(2, 10 * kSecond);
  add_canaries(plan);
  plan.actions.push_back(at(3 * kSecond, ActionKind::stall, 0, -1, 5000));
  Toybox box(2);
  World world(plan, toys(box));
  world.run();
  EXPECT_TRUE(world.violations().empty());
  EXPECT_EQ(world.recorder().measures().outages, 2U);  // only until the first packet of each
}

TEST(World, AFullRingDropsWhatComesLast) {
  Plan plan = quiet_plan(30, 40 * kSecond);
  plan.actions.push_back(at(kSecond, ActionKind::stall, 0, -1, 30'000));
  Toybox box(30);
  World world(plan, toys(box));
  world.run_until(30 * kSecond);
  const std::size_t before = box.frames_us[0].size();
  world.run_until(31 * kSecond);
  EXPECT_EQ(std::ranges::count(box.given_us[0], box.given_us[0][before]), 4096);
  EXPECT_GT(world.coverage().world(WorldPath::stall_ring_full), 0U);
}

TEST(World, ARestartFindsWhatIsOnDisk) {
  Plan plan = quiet_plan(2, 4 * kSecond);
  plan.actions.push_back(at(100, ActionKind::restart, 0, -1, 500));          // the write is under way
  plan.actions.push_back(at(2 * kSecond, ActionKind::restart, 0, -1, 500));  // it is done
  plan.actions.push_back(at(3 * kSecond, ActionKind::lose_watermark, 0));
  plan.actions.push_back(at(3 * kSecond, ActionKind::restart, 0, -1, 500));
  Toybox box(2);
  World world(plan, toys(box));
  world.run();
  EXPECT_EQ(box.watermarks[0], (std::vector<control::Stamp>{0, 0, 100, 0}));
  EXPECT_EQ(world.coverage().world(WorldPath::crash_while_writing), 1U);
}

TEST(World, ARestartedNodePublishesAndWantsWhatItDid) {
  Plan plan = quiet_plan(3, 12 * kSecond);
  add_canaries(plan);
  plan.actions.push_back(at(5 * kSecond, ActionKind::restart_all, -1, -1, 1000));
  Toybox box(3);
  World world(plan, toys(box));
  world.run();
  EXPECT_TRUE(world.violations().empty());
  for (NodeId node = 0; node < 3; ++node)
    EXPECT_TRUE(world.mind(node).relay(control::track_key("canary/s1")).is_fed);
}

TEST(World, AClockStepIsSeenByItsNodeOnly) {
  Plan plan = quiet_plan(2, 4 * kSecond);
  plan.actions.push_back(at(2 * kSecond, ActionKind::clock_step, 0, -1, 5000));
  Toybox box(2);
  World world(plan, toys(box));
  world.run();
  const auto longest = [](const std::vector<TimeUs>& times) {
    TimeUs most_us = 0;
    for (std::size_t i = 1; i < times.size(); ++i)
      most_us = std::max(most_us, times[i] - times[i - 1]);
    return most_us;
  };
  EXPECT_GE(longest(box.ticks_us[0]), 5 * kSecond);
  EXPECT_LE(longest(box.ticks_us[1]), kSecond / 5);
}

TEST(World, FaultsOfTheNetworkBeginAndEnd) {
  struct Case {
    const char* name;
    Action begin;
    Action end;
    bool is_heard[2];  // 0 by 1, 1 by 0, while it lasts
  };
  const Case cases[] = {
      {"cut", at(kSecond, ActionKind::cut, 0, 1), at(2 * kSecond, ActionKind::heal, 0, 1), {false, false}},
      {"cut from all", at(kSecond, ActionKind::cut, 1), at(2 * kSecond, ActionKind::heal, 1), {false, false}},
      {"one way",
       at(kSecond, ActionKind::cut_one_way, 0, 1),
       at(2 * kSecond, ActionKind::heal, 1, 0),
       {false, true}},
      {"loss",
       at(kSecond, ActionKind::loss, 0, 1, 100),
       at(2 * kSecond, ActionKind::loss, 0, 1, 0),
       {false, false}},
      {"flow",
       at(kSecond, ActionKind::cut_flow, 0, 1, 1),
       at(2 * kSecond, ActionKind::heal, 0, 1),
       {true, true}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    Plan plan = quiet_plan(2, 3 * kSecond);
    plan.actions = {each.begin, each.end};
    Toybox box(2);
    World world(plan, toys(box));
    world.run_until(kSecond + 100'000);  // what was on its way arrived
    const std::size_t before[2] = {box.frames_us[1].size(), box.frames_us[0].size()};
    world.run_until(2 * kSecond);
    EXPECT_EQ(box.frames_us[1].size() > before[0], each.is_heard[0]);
    EXPECT_EQ(box.frames_us[0].size() > before[1], each.is_heard[1]);
    const std::size_t healed[2] = {box.frames_us[1].size(), box.frames_us[0].size()};
    world.run();
    EXPECT_GT(box.frames_us[1].size(), healed[0]);
    EXPECT_GT(box.frames_us[0].size(), healed[1]);
  }
}

TEST(World, APublisherThatMovesTwiceArrivesOnce) {
  Plan plan = quiet_plan(3, 10 * kSecond);
  plan.actions = {at(0, ActionKind::publish, 0, -1, 0, "t"), at(kSecond, ActionKind::move, 1, -1, 1000, "t"),
                  at(kSecond + 500'000, ActionKind::move, 2, -1, 1000, "t")};
  Toybox box(3);
  World world(plan, toys(box));
  world.run();
  EXPECT_FALSE(world.mind(0).relay(control::track_key("t")).is_origin);
  EXPECT_FALSE(world.mind(1).relay(control::track_key("t")).is_origin);
  EXPECT_TRUE(world.mind(2).relay(control::track_key("t")).is_origin);
}

}  // namespace
}  // namespace causeway::sim::test
