// Sites that are cut off: who drains, when, and who does not.
#include <gtest/gtest.h>

#include "tests/unit/control/verdict/world.h"

namespace causeway::control::verdict::test {
namespace {

// ---- isolation and drain

// The incident's shape: cut from all, and healed. Swept every 100 ms.
TEST(Isolation, CutsOfUpTo14900MsCauseNothing) {
  for (int cut_ms = 100; cut_ms <= 14900; cut_ms += 100) {
    World world({1, 1, 1});
    world.cut_site(0);
    world.run(cut_ms);
    world.heal();
    world.run(3000);
    EXPECT_EQ(world.soft_drains, 0) << cut_ms;
    EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::none) << cut_ms;
    EXPECT_EQ(world.nodes[0].asked, 0) << cut_ms;
  }
}

TEST(Isolation, DrainsSoftlyAfter15SecondsOfIsolationAndHardAfter60WithAToken) {
  World world({1, 1, 1});
  world.cut_site(0);
  world.run(17900);
  EXPECT_EQ(world.judge(0).drain(), DrainState::none);
  world.run(300);  // 3 s until all are silent, and 15 s of that
  EXPECT_EQ(world.judge(0).drain(), DrainState::soft);
  EXPECT_EQ(world.nodes[0].asked, 0);
  world.run(44700);
  EXPECT_EQ(world.judge(0).drain(), DrainState::soft);
  world.run(300);
  EXPECT_EQ(world.judge(0).drain(), DrainState::hard);
  EXPECT_EQ(world.arbiter->holder(world.now_us), 0);
  EXPECT_EQ(world.draining(DrainState::none), 2);
  world.run(300000);  // the lease is renewed
  EXPECT_EQ(world.judge(0).drain(), DrainState::hard);
  EXPECT_EQ(world.hard_drains, 1);
  EXPECT_EQ(world.nodes[0].hard_without_token_us, 0);
  EXPECT_EQ(world.written(0, JournalKind::soft_drain), 1);
  EXPECT_EQ(world.written(0, JournalKind::hard_drain), 1);
}

TEST(Isolation, ADrainEndsWithinASecondOfRecoveryAndTheTokenIsFree) {
  for (const int cut_ms : {20000, 80000}) {
    World world({1, 1, 1});
    world.cut_site(0);
    world.run(cut_ms);
    ASSERT_TRUE(world.any_drain());
    const TimeUs healed_us = world.now_us;
    world.heal();
    world.run(2000);
    EXPECT_FALSE(world.any_drain());
    EXPECT_LE(world.nodes[0].ended_us - healed_us, from_ms(1000));
    EXPECT_EQ(world.arbiter->holder(world.now_us), kNoSite);
    EXPECT_EQ(world.written(0, JournalKind::drain_ended), 1);
  }
}

TEST(Isolation, OnePathThatIsBackIsEnoughToEndADrain) {
  World world({1, 1, 1, 1});
  world.cut_site(0);
  world.run(80000);
  ASSERT_EQ(world.judge(0).drain(), DrainState::hard);
  world.set(2, 0, true);  // even one way: it is not silence any more
  world.run(1000);
  EXPECT_EQ(world.judge(0).drain(), DrainState::none);
}

TEST(Isolation, AnyBreakRestartsTheClock) {
  World world({1, 1, 1});
  for (int i = 0; i < 8; ++i) {
    world.cut_site(0);
    world.run(14000);
    world.heal();
    world.run(200);
  }
  EXPECT_EQ(world.soft_drains, 0);
}

TEST(Isolation, AStallRestartsTheClock) {
  World world({1, 1, 1});
  world.cut_site(0);
  world.run(14000);
  world.nodes[0].frozen = true;
  world.run(2000);
  EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::self_stalled);
  world.nodes[0].frozen = false;
  world.run(14900);
  EXPECT_EQ(world.soft_drains, 0);
  world.run(300);
  EXPECT_EQ(world.judge(0).drain(), DrainState::soft);
}

TEST(Isolation, WithoutAnArbiterItNeverDrainsHard) {
  World world({1, 1, 1}, false);
  world.cut_site(0);
  world.run(600000);
  EXPECT_EQ(world.judge(0).drain(), DrainState::soft);
  EXPECT_EQ(world.hard_drains, 0);
  EXPECT_EQ(world.nodes[0].asked, 0);
}

TEST(Isolation, AnArbiterThatCannotBeReachedIsNone) {
  World world({1, 1, 1});
  world.nodes[0].reaches_arbiter = false;
  world.cut_site(0);
  world.run(300000);
  EXPECT_EQ(world.hard_drains, 0);
  EXPECT_GE(world.nodes[0].asked, 4);
  EXPECT_LE(world.nodes[0].asked, 9);  // the wait grows
  world.nodes[0].reaches_arbiter = true;
  world.run(70000);
  EXPECT_EQ(world.judge(0).drain(), DrainState::hard);
}

TEST(Isolation, ATokenThatCannotBeRenewedIsGivenUpBeforeItsLeaseEnds) {
  World world({1, 1, 1});
  world.cut_site(0);
  world.run(80000);
  ASSERT_EQ(world.judge(0).drain(), DrainState::hard);
  world.nodes[0].reaches_arbiter = false;
  world.run(60000);
  EXPECT_EQ(world.judge(0).drain(), DrainState::soft);
  EXPECT_EQ(world.nodes[0].hard_without_token_us, 0);
  EXPECT_EQ(world.arbiter->holder(world.now_us), kNoSite);
}

// ---- common mode

TEST(Isolation, AllSitesCutAtOnceAndTheArbiterHearsThemNobodyDrains) {
  for (const int sites : {3, 4, 8}) {
    World world(std::vector<int>(static_cast<std::size_t>(sites), 1));
    world.cut_all_sites();
    world.run(300000);
    EXPECT_EQ(world.soft_drains, 0);
    EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::common_mode);
    EXPECT_LE(world.written(0, JournalKind::verdict), 2);  // islanded for a moment, until the arbiter's word
    world.heal();
    world.run(12000);
    EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::none);
  }
}

TEST(Isolation, AllSitesCutAtOnceWithoutAnArbiterDrainSoftlyAtMost) {
  World world({1, 1, 1, 1}, false);
  world.cut_all_sites();
  world.run(300000);
  EXPECT_EQ(world.hard_drains, 0);
  EXPECT_EQ(world.draining(DrainState::soft), 4);
  world.heal();
  world.run(1000);
  EXPECT_FALSE(world.any_drain());
}

TEST(Isolation, AllSitesCutOneAfterTheOtherSeeItThemselves) {
  World world({1, 1, 1, 1}, false);
  for (std::size_t site = 0; site < 4; ++site) {
    world.cut_site(site);
    world.run(4000);
  }
  world.run(100000);
  EXPECT_EQ(world.judge(1).self_verdict(), SelfVerdict::common_mode);
  EXPECT_EQ(world.judge(2).self_verdict(), SelfVerdict::common_mode);
  EXPECT_EQ(world.judge(3).self_verdict(), SelfVerdict::common_mode);
  EXPECT_EQ(world.soft_drains, 1);  // the first one could not know
}

TEST(Isolation, TwoOfFiveSitesCutNobodyDrains) {
  World world({1, 1, 1, 1, 1});
  world.cut_site(0);
  world.cut_site(1);
  world.run(200000);
  EXPECT_EQ(world.soft_drains, 0);
  EXPECT_EQ(world.judge(3).self_verdict(), SelfVerdict::common_mode);
  EXPECT_EQ(
      world.text(3, JournalKind::verdict),
      "too much fails at once for one site's fault, nobody drains: the arbiter hears of several islanded "
      "sites; 6 of 10 pairs of sites fail, s0a, s1a look islanded");
}

// The others tell it by the matrix alone; the two cannot know of each other.
TEST(Isolation, TwoOfFiveSitesCutAreACommonModeForTheOthersWithoutAnArbiter) {
  World world({1, 1, 1, 1, 1}, false);
  world.cut_site(0);
  world.run(5000);
  world.cut_site(1);
  world.run(100000);
  EXPECT_EQ(world.judge(3).self_verdict(), SelfVerdict::common_mode);
  EXPECT_EQ(world.judge(1).self_verdict(), SelfVerdict::common_mode);
  EXPECT_EQ(world.judge(0).drain(), DrainState::soft);
  EXPECT_EQ(world.soft_drains, 1);
  EXPECT_EQ(world.hard_drains, 0);
}

TEST(Isolation, TwoOfThreeSitesCutNobodyDrains) {
  World world({1, 1, 1});
  world.cut_site(0);
  world.cut_site(1);  // and so the third one hears nobody
  world.run(200000);
  EXPECT_EQ(world.soft_drains, 0);
}

TEST(Isolation, ASecondIslandEndsTheDrainOfTheFirst) {
  World world({1, 1, 1, 1, 1});
  world.cut_site(0);
  world.run(80000);
  ASSERT_EQ(world.judge(0).drain(), DrainState::hard);
  world.cut_site(1);
  world.run(4000);
  EXPECT_FALSE(world.any_drain());
  EXPECT_EQ(world.arbiter->holder(world.now_us), kNoSite);
  world.run(100000);
  EXPECT_FALSE(world.any_drain());
}

TEST(Isolation, ASplitInTwoHalvesDrainsNobody) {
  World world({1, 1, 1, 1});
  for (const std::size_t a : {0, 1}) {
    for (const std::size_t b : {2, 3})
      world.cut(a, b);
  }
  world.run(120000);
  EXPECT_EQ(world.soft_drains, 0);
  EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::common_mode);
}

// ---- limits

TEST(Isolation, NoHardDrainIfThoseLeftLackCapacity) {
  World world({1, 1, 1});
  for (World::Node& node : world.nodes)
    node.load_percent = 65;
  world.run(1000);
  world.cut_site(0);
  world.run(100000);
  EXPECT_EQ(world.judge(0).drain(), DrainState::soft);
  EXPECT_EQ(world.nodes[0].asked, 0);
  EXPECT_EQ(world.text(0, JournalKind::token_refused), "s0a asks for no token: those left lack capacity");
  EXPECT_EQ(world.written(0, JournalKind::token_refused), 1);
}

TEST(Isolation, NoHardDrainIfTooFewSitesWouldBeLeft) {
  config::Isolation isolation;
  isolation.min_sites = 3;
  World world({1, 1, 1}, true, isolation);
  world.cut_site(0);
  world.run(100000);
  EXPECT_EQ(world.judge(0).drain(), DrainState::soft);
  EXPECT_EQ(world.nodes[0].asked, 0);
  EXPECT_EQ(world.text(0, JournalKind::token_refused), "s0a asks for no token: too few sites would be left");
}

TEST(Isolation, ASiteThatDrainsDoesNotCountAsLeft) {
  World world({1, 1, 1});
  View view = world.nodes[0].view;
  const Fleet fleet(world.membership);
  EXPECT_EQ(room(view, fleet, 0b110).sites, 2);
  view.peers[1].row.drain = DrainState::soft;
  EXPECT_EQ(room(view, fleet, 0b110).sites, 1);
  EXPECT_EQ(room(view, fleet, 0b110).spare_percent, 60);
  view.peers[2].row.load_percent = 255;  // a lie
  EXPECT_EQ(room(view, fleet, 0b110).spare_percent, 0);
  EXPECT_EQ(room(view, fleet, 0b110).needed_percent, 30);
}

TEST(Isolation, ShadowModeDoesNothingAndCountsEverything) {
  config::Isolation isolation;
  isolation.shadow = true;
  World world({1, 1, 1}, true, isolation);
  world.cut_site(0);
  world.run(100000);
  EXPECT_FALSE(world.any_drain());
  EXPECT_EQ(world.nodes[0].asked, 0);
  EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::islanded);
  EXPECT_EQ(world.nodes[0].judge->drain_quota(1000, world.now_us), 0U);
  EXPECT_EQ(world.judge(0).drain_counts().shadow_soft, 1U);
  EXPECT_EQ(world.judge(0).drain_counts().shadow_hard, 1U);
  EXPECT_EQ(world.judge(0).drain_counts().soft, 0U);
  world.heal();
  world.run(2000);
  EXPECT_EQ(world.written(0, JournalKind::shadow_drain), 3);
  EXPECT_EQ(world.written(0, JournalKind::soft_drain) + world.written(0, JournalKind::drain_ended), 0);
}

}  // namespace
}  // namespace causeway::control::verdict::test
