#include "control/verdict/matrix.h"

#include <gtest/gtest.h>

#include "tests/unit/control/verdict/picture.h"

namespace causeway::control::verdict::test {
namespace {

Matrix matrix(const Picture& picture, NodeId self = 0) {
  View view = picture.view(self, kStart, kStart);
  for (std::size_t n = 0; n < picture.size(); ++n) {  // also of those that self does not hear: just before
    if (n != self && picture.has_row(n)) view.peers[n].row = picture.row(n, self, kStart);
  }
  return {view, Fleet(picture.membership), from_ms(3000), kStart};
}

TEST(Matrix, PoolsTheNodesOfASite) {
  const Picture picture(R"(
    us/a . x - -
    us/b x . x -
    eu/a - - . x
    eu/b - - x .)");
  const Matrix sites = matrix(picture);
  EXPECT_TRUE(sites.hears(0, 1));   // us/b hears eu/a
  EXPECT_FALSE(sites.hears(1, 0));  // no node of eu hears any of us
  EXPECT_EQ(sites.pair(0, 1), PairState::failed);
  EXPECT_EQ(sites.pairs(), 1);
  EXPECT_EQ(sites.failing_pairs(), 1);
}

TEST(Matrix, TakesTwoOneWayPathsOfDifferentNodesForAConnection) {
  const Picture picture(R"(
    us/a . x - -
    us/b x . x -
    eu/a x - . x
    eu/b - - x .)");
  EXPECT_EQ(matrix(picture).pair(0, 1), PairState::connected);
}

TEST(Matrix, KnowsNothingOfSitesWithoutARow) {
  const Picture picture(R"(
    us      . x x
    france  ? ? ?
    germany ? ? ?)");
  View view = picture.view(0, kStart, kStart);
  view.peers[1].beats_two_way = true;
  const Matrix sites(view, Fleet(picture.membership), from_ms(3000), kStart);
  EXPECT_FALSE(sites.knows(1));
  EXPECT_EQ(sites.pair(0, 1), PairState::connected);  // the own row says both ways
  EXPECT_EQ(sites.pair(0, 2), PairState::unknown);    // heard, and perhaps not the other way
  EXPECT_EQ(sites.pair(1, 2), PairState::unknown);
  EXPECT_EQ(sites.islanded(), 0U);
}

TEST(Matrix, RowsCountUntilDownMsAndNotWhileTheirNodeIsStalled) {
  Row row;
  EXPECT_FALSE(counts(row, from_ms(3000), kStart));
  row.at_us = kStart;
  EXPECT_TRUE(counts(row, from_ms(3000), kStart));
  EXPECT_TRUE(counts(row, from_ms(3000), kStart + from_ms(3000)));
  EXPECT_FALSE(counts(row, from_ms(3000), kStart + from_ms(3000) + 1));
  row.stalled = true;
  EXPECT_FALSE(counts(row, from_ms(3000), kStart));

  const Picture stalled(R"(
    us      . x x
    france! - . x
    germany x x .)");
  EXPECT_FALSE(matrix(stalled).knows(1));
  EXPECT_EQ(matrix(stalled).pair(1, 2), PairState::connected);  // germany says so
  const Picture own(R"(
    us!     . - -
    france  x . x
    germany x x .)");
  EXPECT_FALSE(matrix(own).knows(0));
  EXPECT_EQ(matrix(own).failing_pairs(), 0);
}

TEST(Matrix, FindsTheIslandedSites) {
  struct Case {
    const char* what;
    const char* picture;
    SiteSet islanded;
    bool mostly_failing;
  };
  const Case cases[] = {
      {"one of three", "us . - -\n france - . x\n germany - x .", 0b001, false},
      {"a broken pair", "us . x x\n france x . -\n germany x - .", 0, false},
      {"one that is not heard, though it hears", "us . - x\n france x . x\n germany x - .", 0b010, false},
      {"all of three", "us . - -\n france - . -\n germany - - .", 0b111, true},
      {"of two, nobody can tell", "us . -\n france - .", 0b11, false},
      {"one way is enough", "us . x\n france - .", 0b11, false},
      {"two of four", "us . - - -\n fr - . - -\n de - - . x\n es - - x .", 0b0011, true},
      {"two halves of four", "us . x - -\n fr x . - -\n de - - . x\n es - - x .", 0, true},
      {"one of four", "us . - - -\n fr - . x x\n de - x . x\n es - x x .", 0b0001, false},
      {"two of five, of which nobody has news",
       "us ? ? ? ? ?\n fr ? ? ? ? ?\n de - - . x x\n es - - x . x\n it - - x x .", 0b00011, false},
      {"one of four and a path", "us . - - -\n fr - . - x\n de - - . x\n es - x x .", 0b0001, false},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.what);
    const Picture picture(each.picture);
    const Matrix sites = matrix(picture, static_cast<NodeId>(picture.size() - 1));
    EXPECT_EQ(sites.islanded(), each.islanded);
    EXPECT_EQ(sites.is_mostly_failing(), each.mostly_failing);
  }
}

TEST(Matrix, FindsTheLargestGroupWithoutASite) {
  const Picture picture(R"(
    us . x x x x
    fr x . x - -
    de x x . - -
    es x - - . x
    it x - - x .)");
  EXPECT_EQ(matrix(picture).largest_group_without(0), 0b00110U);  // us alone joined the two
  EXPECT_FALSE(matrix(picture).is_majority(0b00110U));
  EXPECT_EQ(matrix(picture).largest_group_without(1), 0b11101U);
  EXPECT_TRUE(matrix(picture).is_majority(0b11101U));
}

TEST(Matrix, ASiteThatIsCutOffLeavesTheOthersAsTheyWere) {
  Matrix sites = matrix(connected({"us", "fr", "de", "es"}));
  EXPECT_EQ(sites.failing_pairs(), 0);
  sites.cut(2);
  EXPECT_EQ(sites.failing_pairs(), 3);
  EXPECT_EQ(sites.islanded(), 0b0100U);
  EXPECT_EQ(sites.largest_group_without(2), 0b1011U);
  sites.cut(31);  // no such site
  EXPECT_EQ(sites.failing_pairs(), 3);
}

TEST(Matrix, ForeignIdsAreLeftOut) {
  const Picture picture = connected({"us", "fr", "de"});
  View view = picture.view(0, kStart, kStart);
  view.peers[1].row.heard = NodeSet({~std::uint64_t{0}, ~std::uint64_t{0}});
  view.peers[1].row.two_way = view.peers[1].row.heard;
  const Matrix sites(view, Fleet(picture.membership), from_ms(3000), kStart);
  EXPECT_EQ(sites.heard_by(1), 0b101U);
  EXPECT_EQ(sites.heard_by(200), 0U);
  EXPECT_FALSE(sites.hears(200, 1));
  EXPECT_EQ(sites.pair(200, 1), PairState::unknown);
}

}  // namespace
}  // namespace causeway::control::verdict::test
