// The scenario files of tests/sim, played: by the control core, and the incident by the old design.
#include <algorithm>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/tools/sim/story/made_up.h"
#include "tests/unit/tools/sim/story/support.h"
#include "tools/sim/core_mind.h"
#include "tools/sim/story/baseline.h"

namespace causeway::sim::test {
namespace {

// Is the track in this state at that node, at this moment?
bool is_fed(const Story& story, const std::string& track, const std::string& node, TimeUs at_us) {
  return std::ranges::any_of(story.stretches, [&](const Stretch& stretch) {
    return story.tracks[stretch.track] == track && story.nodes[stretch.node] == node &&
           stretch.from_us <= at_us && at_us < stretch.to_us && stretch.part.is_fed;
  });
}

std::string broken(const Story& story) {
  std::set<std::string> names;
  for (const Violation& violation : story.result.violations)
    names.insert(std::string(name(violation.invariant)));
  std::string text;
  for (const std::string& each : names)
    text += each + " ";
  return text;
}

TEST(Scenarios, AllComeOutAsTheySay) {
  std::size_t count = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(std::string(CAUSEWAY_SOURCE_ROOT) + "/tests/sim")) {
    const std::string name = file.path().filename().string();
    if (!name.ends_with(".yaml")) continue;
    ++count;
    const Scenario scenario = must_read(scenario_text(name), name);
    const Story story = watch(scenario.plan, core_minds(), false);
    EXPECT_EQ(broken(story), "") << name << "\n" << timeline(story, {});
    const std::vector<Outcome> outcomes = compare(scenario.expect, story.result);
    EXPECT_FALSE(outcomes.empty()) << name << " expects nothing";
    for (const Outcome& outcome : outcomes)
      EXPECT_TRUE(outcome.is_met) << name << ": " << outcome.text;
  }
  EXPECT_GE(count, 8U);
}

TEST(Scenarios, AreTheSameRunEachTime) {
  const Scenario scenario = must_read(scenario_text("feb-7.yaml"));
  const Story a = watch(scenario.plan, core_minds(), false);
  const Story b = watch(scenario.plan, core_minds(), false);
  EXPECT_EQ(a.result.hash, b.result.hash);
  EXPECT_EQ(timeline(a, {}), timeline(b, {}));
}

TEST(Scenarios, AllMediaIsBackFiveSecondsAfterAllNodesRestarted) {
  const Scenario scenario = must_read(scenario_text("restart-all.yaml"));
  const Story story = watch(scenario.plan, core_minds(), false);
  TimeUs restart_us = 0;
  for (const Action& action : scenario.plan.actions) {
    if (action.kind == ActionKind::restart_all) restart_us = action.at_us + action.value * 1000;
  }
  ASSERT_GT(restart_us, 0);
  for (const Action& action : scenario.plan.actions) {
    if (action.kind != ActionKind::subscribe) continue;
    const std::string node = story.nodes[static_cast<std::size_t>(action.a)];
    EXPECT_TRUE(is_fed(story, action.track, node, restart_us + 5 * kSecondUs)) << action.track << " " << node;
  }
}

TEST(Scenarios, ASiteServesItsOwnRoomsWhileEveryPathIsCut) {
  const Scenario scenario = must_read(scenario_text("all-cut.yaml"));
  const Story story = watch(scenario.plan, core_minds(), false);
  for (const std::string& site : scenario.plan.sites) {
    for (TimeUs at_us = 91 * kSecondUs; at_us < 210 * kSecondUs; at_us += kSecondUs)
      ASSERT_TRUE(is_fed(story, "room/" + site, site + ".1", at_us)) << site << " at " << at_us;
  }
}

// The test of the tests: the same script takes the old design down.
TEST(Baseline, LosesARegionToABriefCutAndRunsInACircle) {
  const Scenario scenario = must_read(scenario_text("feb-7.yaml"));
  const Story story = watch(scenario.plan, baseline_minds(), true);
  EXPECT_NE(broken(story).find("I1"), std::string::npos) << broken(story);

  // us-east hears nobody for a moment, goes offline, and stays so.
  EXPECT_EQ(story.result.measures.hard_drains, 1U);
  const auto drained = std::ranges::find_if(
      story.shifts, [](const Shift& shift) { return shift.drain == control::DrainState::hard; });
  ASSERT_NE(drained, story.shifts.end());
  EXPECT_EQ(story.nodes[drained->node], "us-east");
  EXPECT_LT(drained->from_us, 91 * kSecondUs);
  EXPECT_EQ(drained->to_us, story.result.simulated_us);

  // Germany waits for France and France for Germany, until the end.
  std::set<std::string> waits;
  for (const Stretch& stretch : story.stretches) {
    if (story.tracks[stretch.track] != "panel" || stretch.to_us != story.result.simulated_us) continue;
    if (!stretch.part.is_wanted || stretch.part.is_fed || stretch.part.upstream >= story.nodes.size())
      continue;
    waits.insert(story.nodes[stretch.node] + " for " + story.nodes[stretch.part.upstream]);
  }
  EXPECT_EQ(waits, (std::set<std::string>{"france for germany", "germany for france"}));

  const std::vector<Outcome> outcomes = compare(scenario.expect, story.result);
  EXPECT_FALSE(std::ranges::all_of(outcomes, &Outcome::is_met));
}

TEST(Baseline, CarriesMediaAsLongAsNothingHappens) {
  Scenario scenario = must_read(scenario_text("feb-7.yaml"));
  std::erase_if(scenario.plan.actions, [](const Action& action) { return action.at_us > 0; });
  scenario.plan.length_us = 60 * kSecondUs;
  const Story story = watch(scenario.plan, baseline_minds(), true);
  EXPECT_EQ(broken(story), "");
  EXPECT_EQ(story.result.measures.hard_drains, 0U);
  EXPECT_TRUE(is_fed(story, "keynote", "germany", 50 * kSecondUs));
  EXPECT_TRUE(is_fed(story, "panel", "france", 50 * kSecondUs));
}

}  // namespace
}  // namespace causeway::sim::test
