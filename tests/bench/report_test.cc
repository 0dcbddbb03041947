#include "tests/bench/report.h"

#include <cmath>
#include <gmock/gmock.h>
#include <limits>

#include <gtest/gtest.h>

#include "tests/bench/rounds.h"

namespace causeway::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

// Takes as long as its script says, round by round, and then as the last of it.
Contender scripted(std::vector<Sample> rounds, unsigned& calls) {
  return [rounds = std::move(rounds), &calls] {
    const std::size_t at = std::min<std::size_t>(calls++, rounds.size() - 1);
    return rounds[at];
  };
}

TEST(Race, TheLeastPerUnitCountsOfEverySecondTime) {
  unsigned a_calls = 0, b_calls = 0;
  const std::vector<Contender> contenders{
      scripted({{1, 100}, {50, 10}, {1, 100}, {30, 10}, {1, 100}, {90, 10}}, a_calls),
      scripted({{1, 100}, {10, 1}, {1, 100}, {70, 10}, {1, 100}, {9, 1}}, b_calls)};
  const auto least = race(contenders, {.least = 3, .enough = [] { return true; }});
  EXPECT_DOUBLE_EQ(least.at(0), 3);
  EXPECT_DOUBLE_EQ(least.at(1), 7);
  EXPECT_EQ(a_calls, 6u);
  EXPECT_EQ(b_calls, 6u);
}

TEST(Race, ContendersTakeTurns) {
  std::string order;
  const std::vector<Contender> contenders{[&order] {
                                            order += 'a';
                                            return Sample{1, 1};
                                          },
                                          [&order] {
                                            order += 'b';
                                            return Sample{1, 1};
                                          }};
  race(contenders, {.least = 3, .enough = [] { return true; }});
  EXPECT_EQ(order, "aabbaabbaabb");
}

TEST(Race, GoesOnUntilItIsEnough) {
  unsigned calls = 0, asked = 0;
  const std::vector<Contender> contenders{scripted({{1, 1}}, calls)};
  race(contenders, {.least = 1, .enough = [&asked] { return ++asked == 10; }});
  EXPECT_EQ(calls, 20u);
}

TEST(Race, NoWorkIsNoFigure) {
  unsigned calls = 0;
  const std::vector<Contender> contenders{scripted({{5, 0}}, calls)};
  EXPECT_EQ(race(contenders, {.least = 2, .enough = [] { return true; }}).at(0),
            std::numeric_limits<double>::infinity());
}

TEST(Report, HoldsRatiosToBounds) {
  Report report;
  report.figure("pipeline/x/1200/64", 150);
  report.figure("raw/x/1200/64", 100);
  report.hold("met", "pipeline/x/1200/64", "raw/x/1200/64", 1.5);
  report.hold("missed", "pipeline/x/1200/64", "raw/x/1200/64", 1.49);
  report.hold("at least", "raw/x/1200/64", "pipeline/x/1200/64", 0.66, true);
  report.hold("no figure", "pipeline/x/1200/64", "raw/y", 2);
  ASSERT_EQ(report.goals().size(), 3u);
  EXPECT_TRUE(report.goals()[0].met());
  EXPECT_FALSE(report.goals()[1].met());
  EXPECT_TRUE(report.goals()[2].met());
  EXPECT_FALSE(report.ratio("raw/x/1200/64", "nothing"));
}

TEST(Report, AFigureThatComesAgainReplacesTheOld) {
  Report report;
  report.figure("a", 1);
  report.figure("a", 2);
  EXPECT_EQ(report.find("a"), 2);
  EXPECT_EQ(report.find("b"), std::nullopt);
}

TEST(Report, JsonHasEverything) {
  Report report;
  EXPECT_EQ(
      report.json(),
      "{\n\"version\": 1,\n\"machine\": {\n},\n\"figures\": {\n},\n\"goals\": [\n],\n\"missing\": {\n}\n}\n");
  report.fact("cpu", "a \"b\" \\ c\n");
  report.figure("raw/x/160/1", 12.3456789);
  report.figure("never", std::numeric_limits<double>::infinity());
  report.figure("raw/x/160/64", 6);
  report.hold("goal", "raw/x/160/64", "raw/x/160/1", 1);
  report.missing("memif", "one CPU");
  EXPECT_EQ(report.json(),
            "{\n\"version\": 1,\n"
            "\"machine\": {\n  \"cpu\": \"a \\\"b\\\" \\\\ c\\u000a\"\n},\n"
            "\"figures\": {\n  \"never\": 0,\n  \"raw/x/160/1\": 12.3457,\n  \"raw/x/160/64\": 6\n},\n"
            "\"goals\": [\n  {\"name\": \"goal\", \"value\": 0.486, \"bound\": 1, \"at_least\": false, "
            "\"met\": true}\n],\n"
            "\"missing\": {\n  \"memif\": \"one CPU\"\n}\n}\n");
}

TEST(Report, TheTableHasOneRowForEachCellInOrder) {
  Report report;
  report.figure("raw/gcm/1200/64", 100);
  report.figure("pipeline/gcm/1200/64", 150);
  report.figure("raw/gcm/1200/1000", 8);
  report.figure("pipeline", 77);        // no cell
  report.figure("lookup/1000", 14.95);  // none either
  report.hold("goal", "pipeline/gcm/1200/64", "raw/gcm/1200/64", 1.4);
  const std::string table = report.table();
  EXPECT_THAT(table, HasSubstr("150.0 [1.50]"));
  EXPECT_LT(table.find("  1200     64"), table.find("  1200   1000"));
  EXPECT_THAT(table, HasSubstr("14.95  lookup/1000"));
  EXPECT_THAT(table, HasSubstr("NOT met"));
  EXPECT_THAT(table, Not(HasSubstr("raw/gcm")));
}

}  // namespace
}  // namespace causeway::bench
