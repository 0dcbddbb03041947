// A fleet whose paths are cut, and what its judges make of it.
#include "control/verdict/judge.h"

#include <gtest/gtest.h>

#include "tests/unit/control/verdict/world.h"

namespace causeway::control::verdict::test {
namespace {

// ---- one path

TEST(Judge, CallsACutPairABrokenPathOnBothSidesWithinTwoSeconds) {
  World world({1, 1, 1});
  world.cut(0, 1);
  world.run(2000);
  EXPECT_EQ(world.judge(0).verdict(1), Verdict::path_broken);
  EXPECT_EQ(world.judge(1).verdict(0), Verdict::path_broken);
  EXPECT_EQ(world.judge(2).verdict(0), Verdict::none);
  world.run(60000);
  EXPECT_EQ(world.written(0, JournalKind::verdict), 1);
  EXPECT_EQ(world.written(2, JournalKind::verdict), 0);
  EXPECT_FALSE(world.any_drain());
  EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::none);
}

TEST(Judge, CallsAOneWayCutByItsNameOnBothSidesWithinTwoSeconds) {
  World world({1, 1, 1, 1});
  world.set(0, 1, false);  // what 0 sends to 1
  world.run(2000);
  EXPECT_EQ(world.judge(0).verdict(1), Verdict::half_open_out);
  EXPECT_EQ(world.judge(1).verdict(0), Verdict::half_open_in);
  world.run(30000);
  EXPECT_EQ(world.written(0, JournalKind::verdict), 1);
  EXPECT_EQ(world.written(1, JournalKind::verdict), 1);
  EXPECT_EQ(
      world.text(0, JournalKind::verdict),
      "s1a is heard and does not hear this node: its beats have echoed none of ours for 400 ms, and its row "
      "says so");
  EXPECT_EQ(
      world.text(1, JournalKind::verdict),
      "s0a hears this node and is not heard here: silent for 1300 ms, and s2a, s3a know by its row that it "
      "hears us");
  world.heal();
  world.run(2000);
  EXPECT_EQ(world.judge(0).verdict(1), Verdict::none);
  EXPECT_EQ(world.judge(1).verdict(0), Verdict::none);
}

TEST(Judge, ConvictsADeadNodeInJustOverThreeSeconds) {
  World world({1, 1, 1});
  world.nodes[1].dead = true;
  world.run(2900);
  EXPECT_EQ(world.judge(0).verdict(1), Verdict::suspect);
  world.run(400);
  EXPECT_EQ(world.judge(0).verdict(1), Verdict::peer_gone);
  EXPECT_EQ(world.judge(2).verdict(1), Verdict::peer_gone);
  world.run(120000);
  EXPECT_EQ(world.written(0, JournalKind::verdict), 1);
  EXPECT_FALSE(world.any_drain());
}

TEST(Judge, AnIslandedNodeConvictsNobodyAndIsConvictedByAll) {
  World world({1, 1, 1, 1});
  world.cut_site(0);
  world.run(10000);
  EXPECT_TRUE(world.judge(0).convicted().empty());
  EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::islanded);
  for (std::size_t n = 1; n < 4; ++n) {
    EXPECT_EQ(world.judge(n).verdict(0), Verdict::peer_gone);
    EXPECT_EQ(world.judge(n).self_verdict(), SelfVerdict::none);
  }
  EXPECT_EQ(world.text(0, JournalKind::verdict),
            "s0a is islanded: nothing of 3 nodes of other sites for 3000 ms, no helper answers, and the last "
            "matrix (2100 ms ago) showed 3 of 4 sites connected without it");
}

// ---- small fleets, large sites

TEST(Judge, OfTwoSitesNobodyEverDrains) {
  for (const bool has_arbiter : {false, true}) {
    World world({1, 2}, has_arbiter);
    world.cut_site(0);
    world.run(300000);
    EXPECT_EQ(world.soft_drains, 0);
    EXPECT_EQ(world.nodes[0].asked, 0);
    EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::common_mode);
    EXPECT_NE(world.text(0, JournalKind::verdict).find("Of two sites nobody can tell"), std::string::npos);
    EXPECT_TRUE(world.judge(0).convicted().empty());
  }
}

TEST(Judge, OneSiteAloneIsNeverIslanded) {
  World world({3});
  world.nodes[1].dead = true;
  world.run(100000);
  EXPECT_EQ(world.judge(0).verdict(1), Verdict::peer_gone);
  EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::none);
  EXPECT_EQ(world.soft_drains, 0);
  World single({1});
  single.run(100000);
  EXPECT_EQ(single.judge(0).self_verdict(), SelfVerdict::none);
  EXPECT_EQ(single.judge(0).verdict(0), Verdict::none);
}

TEST(Judge, NodesOfASiteDrainTogetherAndShareTheToken) {
  World world({3, 2, 2});
  world.cut_site(0);
  world.run(80000);
  EXPECT_EQ(world.draining(DrainState::hard), 3);
  EXPECT_EQ(world.arbiter->holder(world.now_us), 0);
  EXPECT_EQ(world.hard_drains, 3);
  EXPECT_EQ(world.nodes[0].soft_since_us, world.nodes[2].soft_since_us);
  EXPECT_TRUE(world.judge(0).convicted().empty());
  world.heal();
  world.run(1000);
  EXPECT_FALSE(world.any_drain());
  EXPECT_EQ(world.arbiter->holder(world.now_us), kNoSite);
}

TEST(Judge, ASiteIsNotIslandedWhileOneOfItsNodesHearsAnother) {
  World world({3, 1, 1});
  world.cut_site(0);
  world.set(2, 4, true);
  world.set(4, 2, true);
  world.run(120000);
  EXPECT_EQ(world.soft_drains, 0);
  EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::none);
  EXPECT_FALSE(world.judge(0).convicted().contains(4));
}

TEST(Judge, AStalledSiteMateDoesNotKeepTheSiteFromBeingIslanded) {
  World world({2, 1, 1});
  world.cut_site(0);
  world.nodes[1].frozen = true;
  world.run(19000);
  EXPECT_EQ(world.judge(0).drain(), DrainState::soft);
  EXPECT_EQ(world.judge(1).drain(), DrainState::none);
}

// ---- itself

TEST(Judge, LocalMediaSaysThatOnlyTheBackboneIsLost) {
  World world({2, 1, 1});
  world.nodes[1].local_media = true;  // at a site mate
  world.cut_site(0);
  world.run(10000);
  EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::backbone_lost);
  for (int i = 0; i < 10; ++i) {  // pauses are not followed
    world.nodes[1].local_media = i % 2 != 0;
    world.run(1000);
  }
  EXPECT_EQ(world.written(0, JournalKind::verdict), 1);
  EXPECT_EQ(world.judge(0).drain(), DrainState::soft);
  world.nodes[1].local_media = false;
  world.run(4000);
  EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::islanded);
}

TEST(Judge, AllNodesStartingJudgeNobody) {
  World world({1, 1, 1});
  for (World::Node& node : world.nodes)
    node.starting = true;
  world.cut_all_sites();
  world.run(59000);
  for (std::size_t n = 0; n < 3; ++n) {
    EXPECT_EQ(world.judge(n).self_verdict(), SelfVerdict::none);
    EXPECT_TRUE(world.judge(n).convicted().empty());
    EXPECT_TRUE(world.nodes[n].journal.empty());
  }
}

// It never saw the others connected, so it cannot say that it is the one that is cut off.
TEST(Judge, WhoStartsIslandedDoesNotDrain) {
  World world({1, 1, 1});
  world.cut_site(0);
  world.run(1000);
  world.nodes[0].judge = std::make_unique<Judge>(config::Heartbeat(), config::Isolation(), world.membership,
                                                 world.names, NodeId{0}, true);
  world.run(100000);
  EXPECT_EQ(world.judge(0).self_verdict(), SelfVerdict::none);
  EXPECT_FALSE(world.any_drain());
}

TEST(Judge, AViewThatDoesNotFitIsLeftOut) {
  Membership membership{{0, 1, 2}};
  Judge judge({}, {}, membership, {"a", "b", "c"}, 0, true);
  Journal journal;
  Output output{journal};
  judge.turn({}, from_ms(1), output);
  View view;
  view.self = 0;
  view.peers.resize(2);
  judge.turn(view, from_ms(2), output);
  EXPECT_TRUE(journal.empty());
  EXPECT_GT(judge.next_due_us(), from_ms(2));
}

TEST(Judge, IsDueAtOnceAfterTheArbitersWordAndSeldomWhileAllIsWell) {
  World world({1, 1, 1});
  Judge& judge = *world.nodes[0].judge;
  EXPECT_EQ(judge.next_due_us(), world.now_us);  // the world tells it each time
  Output output{world.nodes[0].journal};
  judge.turn(world.nodes[0].view, world.now_us, output);
  EXPECT_EQ(judge.next_due_us(), world.now_us + from_ms(500));
  judge.on_token(true, world.now_us + 5);
  EXPECT_EQ(judge.next_due_us(), world.now_us + 5);
  judge.turn(world.nodes[0].view, world.now_us + 5, output);
  EXPECT_TRUE(output.release_token);  // nobody asked for it
  EXPECT_EQ(judge.drain(), DrainState::none);
}

}  // namespace
}  // namespace causeway::control::verdict::test
