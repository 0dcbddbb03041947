#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include "tests/unit/tools/sim/story/made_up.h"

namespace causeway::sim::test {
namespace {

TEST(Outcome, HoldsCountsAgainstWhatIsExpected) {
  Story story = made_up_story();
  story.result.measures.soft_drains = 1;
  Expect expect;
  expect.violations = 1;
  expect.drains = 0;
  const std::vector<Outcome> outcomes = compare(expect, story.result);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_TRUE(outcomes[0].is_met);
  EXPECT_EQ(outcomes[0].text, "violations: 1 expected, 1 found");
  EXPECT_FALSE(outcomes[1].is_met);
  EXPECT_EQ(outcomes[1].text, "drains: 0 expected, 1 found");
}

TEST(Outcome, OfATimeIsItsLongest) {
  Story story = made_up_story();
  story.result.measures.moved.add(300'000);
  story.result.measures.moved.add(2'100'000);
  Expect expect;
  expect.times = {{"moved", Span{2'100'000}}};
  EXPECT_TRUE(compare(expect, story.result).at(0).is_met);
  expect.times = {{"moved", Span{2'000'000}}};
  EXPECT_FALSE(compare(expect, story.result).at(0).is_met);
}

// A bound on something that never happened was not tested.
TEST(Outcome, OfATimeThatWasNeverMeasuredIsNotMet) {
  Expect expect;
  expect.times = {{"moved", Span{2'000'000}}};
  EXPECT_FALSE(compare(expect, made_up_story().result).at(0).is_met);
}

TEST(Outcome, IsToldToPeople) {
  const Story story = made_up_story();
  const std::string text = story_text(story, {{"drains: 0 expected, 0 found", true}, {"alarms: 9", false}});
  EXPECT_EQ(times_in(text, "1 violations"), 1U);
  EXPECT_EQ(times_in(text, "  as expected: drains: 0 expected, 0 found\n"), 1U);
  EXPECT_EQ(times_in(text, "  NOT AS EXPECTED: alarms: 9\n"), 1U);
}

TEST(Outcome, IsToldToMachines) {
  Story story = made_up_story();
  story.result.measures.moved.add(300'000);
  const auto json = nlohmann::json::parse(story_json(story, {{"drains: 0", true}}, 0.5));
  EXPECT_EQ(json.at("name"), "Two <sites> & a fault");
  EXPECT_EQ(json.at("seed"), 7);
  EXPECT_EQ(json.at("simulated_s"), 10.0);
  EXPECT_EQ(json.at("violations"), 1);
  EXPECT_EQ(json.at("violation_list").at(0).at("invariant"), "I1");
  EXPECT_EQ(json.at("violation_list").at(0).at("at"), "00:00:01.000");
  EXPECT_EQ(json.at("expectations").at(0).at("met"), true);
  EXPECT_EQ(json.at("times").at("moved").at("max_ms"), 300.0);
}

TEST(Outcome, OfANameThatIsNoUtf8IsStillJson) {
  Story story = made_up_story();
  story.plan.name = "na\xffme";
  EXPECT_EQ(nlohmann::json::parse(story_json(story, {}, 1)).at("name"), "na\xef\xbf\xbdme");
}

}  // namespace
}  // namespace causeway::sim::test
