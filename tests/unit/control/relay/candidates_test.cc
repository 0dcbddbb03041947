#include "control/relay/candidates.h"

#include <map>

#include <gtest/gtest.h>

namespace causeway::control::relay {
namespace {

class World : public Surroundings {
 public:
  bool is_reachable(NodeId node) const override { return reachable.contains(node); }
  bool is_lively(NodeId node, TimeUs) const override { return !silent.contains(node); }
  bool is_settled(NodeId node) const override { return reachable.contains(node); }
  TimeUs round_trip_us(NodeId node) const override { return node * TimeUs{1000}; }
  bool hears(NodeId node, NodeId other) const override {
    if (node == 0) return reachable.contains(other);
    const auto at = rows.find(node);
    return at != rows.end() && at->second.contains(other);
  }
  std::size_t claims(const TrackKey&, std::span<Claim> out) const override {
    const std::size_t count = std::min(out.size(), claimed.size());
    std::copy_n(claimed.begin(), count, out.begin());
    return count;
  }

  NodeSet reachable;
  NodeSet silent;
  std::map<NodeId, NodeSet> rows;
  std::vector<Claim> claimed;
};

NodeSet set(std::initializer_list<NodeId> nodes) {
  NodeSet made;
  for (const NodeId node : nodes)
    made.insert(node);
  return made;
}

class Candidates : public ::testing::Test {
 protected:
  std::vector<NodeId> ask() { return candidates(track, 0, membership, world, 1000); }

  Membership membership{{0, 1, 2, 3, 4}};
  World world;
  Track track;
};

TEST_F(Candidates, AreNobodyWithoutAClaim) {
  world.reachable = set({1, 2, 3, 4});
  EXPECT_TRUE(ask().empty());
}

// After a restart behind a partial cut: who announced the track cannot be heard, but somebody who can hear
// it.
TEST_F(Candidates, AreWithoutAClaimThoseThatHearWhomThisNodeDoesNot) {
  world.reachable = set({2, 3});
  world.rows = {{2, set({3, 4})}, {3, set({2})}};
  EXPECT_EQ(ask(), std::vector<NodeId>{2});
}

TEST_F(Candidates, AreTheOriginAndThenWhoHearsItTheNearestFirst) {
  world.reachable = set({1, 2, 3, 4});
  world.claimed = {{1, 10}};
  world.rows = {{4, set({1})}, {2, set({1})}, {3, set({2})}};
  EXPECT_EQ(ask(), (std::vector<NodeId>{1, 2, 4}));
}

TEST_F(Candidates, AreOnlyThoseThatAreHeard) {
  world.reachable = set({2, 4});
  world.claimed = {{1, 10}};
  world.rows = {{4, set({1})}, {2, set({1})}};
  EXPECT_EQ(ask(), (std::vector<NodeId>{2, 4}));
}

TEST_F(Candidates, OfTheHigherClaimComeFirst) {
  world.reachable = set({1, 2, 3, 4});
  world.claimed = {{3, 20}, {1, 10}};
  EXPECT_EQ(ask(), (std::vector<NodeId>{3, 1}));
}

TEST_F(Candidates, ThatFailedComeLastAndAfterThemThoseThatAreFedFromHere) {
  world.reachable = set({1, 2, 3, 4});
  world.claimed = {{1, 10}};
  world.rows = {{2, set({1})}, {3, set({1})}, {4, set({1})}};
  track.avoided = {{1, 2000, 1000}, {4, 900, 500}};
  track.downstream = {{2, 1, true, Path(2), kNoNode, 9000}};
  EXPECT_EQ(ask(), (std::vector<NodeId>{3, 4, 1, 2})) << "the wait for 4 is over";
}

TEST_F(Candidates, ThatHaveJustFallenSilentComeAfterThoseThatWillAnswer) {
  world.reachable = set({1, 2, 3});
  world.claimed = {{1, 10}};
  world.rows = {{2, set({1})}, {3, set({1})}};
  world.silent = set({1, 2});
  EXPECT_EQ(ask(), (std::vector<NodeId>{3, 1, 2}));
}

// Who did not deliver has the track, and may deliver to others.
TEST_F(Candidates, AreAlsoThoseThatHearWhoDidNotDeliver) {
  world.reachable = set({1, 2, 3});
  world.claimed = {{4, 10}};
  world.rows = {{1, set({4})}, {2, set({1})}};
  EXPECT_EQ(ask(), std::vector<NodeId>{1});
  world.reachable = set({1, 2, 3, 4});
  world.rows = {{2, set({1})}};
  track.avoided = {{1, 2000, 1000}};
  EXPECT_EQ(ask(), (std::vector<NodeId>{4, 2}));
}

TEST_F(Candidates, AreByWhatThosePeersKnowThatAskHere) {
  world.reachable = set({1, 2, 3});
  world.rows = {{3, set({4})}};
  track.downstream = {{2, 1, false, Path(2), 4, 9000}};
  EXPECT_EQ(ask(), (std::vector<NodeId>{3}));
  track.downstream = {{2, 1, false, Path(2), 1, 9000}};
  EXPECT_EQ(ask().front(), 1);
}

TEST_F(Candidates, IgnoreClaimsOfStrangersAndOneself) {
  world.reachable = set({1, 2});
  world.claimed = {{77, 30}, {0, 20}, {1, 10}};
  EXPECT_EQ(ask(), (std::vector<NodeId>{1}));
}

// One node of a site takes the track from far away, and the others from it.
TEST(Gateway, IsTheSameForAllNodesOfASiteAndSpreadsTracks) {
  const Membership membership{{0, 0, 0, 1}};
  std::map<NodeId, int> tracks_of;
  for (int i = 0; i < 300; ++i) {
    const TrackKey key = track_key(std::to_string(i));
    World world;
    world.reachable = set({1, 2, 3});
    const NodeId by_0 = gateway(key, 0, 0, membership, world);
    world.reachable = set({0, 2, 3});
    const NodeId by_1 = gateway(key, 0, 1, membership, world);
    EXPECT_EQ(by_0, by_1);
    ++tracks_of[by_0];
  }
  for (const NodeId node : {NodeId{0}, NodeId{1}, NodeId{2}})
    EXPECT_GT(tracks_of[node], 60);
}

TEST(Gateway, ComesBeforeAnOriginInAnotherSiteOnly) {
  const Membership membership{{0, 0, 1}};
  World world;
  world.reachable = set({1, 2});
  Track track;
  for (int i = 0; gateway(track.key, 0, 0, membership, world) != 1; ++i)
    track.key = track_key(std::to_string(i));
  world.claimed = {{2, 5}};
  EXPECT_EQ(candidates(track, 0, membership, world, 0), (std::vector<NodeId>{1, 2}));
  world.claimed = {{1, 5}};
  EXPECT_EQ(candidates(track, 0, membership, world, 0), (std::vector<NodeId>{1}));
}

}  // namespace
}  // namespace causeway::control::relay
