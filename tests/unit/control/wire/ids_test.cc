#include "control/wire/ids.h"

#include <vector>

#include <gtest/gtest.h>

#include "control/wire/membership.h"

namespace causeway::control {
namespace {

TEST(TrackKey, IsTheBeginningOfTheNamesHash) {
  // echo -n abc | sha256sum
  EXPECT_EQ(track_key("abc"), (TrackKey{0xba7816bf8f01cfea, 0x414140de5dae2223}));
  EXPECT_NE(track_key("room/a"), track_key("room/b"));
}

TEST(NodeSet, HoldsEachNodeOfAFleet) {
  NodeSet set;
  for (unsigned node = 0; node < kMaxNodes; node += 9)
    set.insert(static_cast<NodeId>(node));
  std::vector<unsigned> found;
  set.for_each([&](NodeId node) { found.push_back(node); });
  EXPECT_EQ(found.size(), 15U);
  EXPECT_EQ(found[14], 126U);
  EXPECT_EQ(set.size(), 15);
  set.erase(126);
  EXPECT_FALSE(set.contains(126));
  EXPECT_FALSE(set.contains(kNoNode));
}

TEST(NodeSet, IsJoinedAndCut) {
  NodeSet a({6, 1});
  NodeSet b({3, 0});
  EXPECT_EQ((a | b), NodeSet({7, 1}));
  EXPECT_EQ((a & b), NodeSet({2, 0}));
  EXPECT_TRUE((NodeSet({4, 0}) & b).empty());
}

TEST(Membership, KnowsTheNodesOfASite) {
  const Membership fleet{{0, 0, 1, 3}};
  EXPECT_EQ(fleet.sites(), 4U);
  EXPECT_EQ(fleet.nodes_of(0), NodeSet({3, 0}));
  EXPECT_TRUE(fleet.nodes_of(2).empty());
}

}  // namespace
}  // namespace causeway::control
