#include <gtest/gtest.h>

#include "tests/unit/tools/sim/story/made_up.h"
#include "tools/sim/coverage.h"
#include "tools/sim/story/actions.h"

namespace causeway::sim::test {
namespace {

TEST(Timeline, TellsWhatHappenedInTheOrderOfTime) {
  EXPECT_EQ(
      timeline(made_up_story(), {}),
      "23:59:58.000  =====  talk is published at paris\n"
      "23:59:58.000  =====  talk is wanted at oslo\n"
      "23:59:58.500  paris  the node starts\n"
      "23:59:59.000  =====  oslo is cut off from all others\n"
      "23:59:59.912  oslo   no beat from paris for 900 ms\n"
      "00:00:00.500  oslo   ALARM talk no media for 1500 ms\n"
      "00:00:01.000  #####  violation of I1: talk: a cycle: oslo takes it from paris takes it from oslo\n"
      "00:00:03.000  =====  oslo and all others hear each other again\n"
      "00:00:04.000  =====  song is published at oslo\n"
      "00:00:04.000  oslo   song is published here\n");
}

TEST(Timeline, LeavesOutWhatIsOfNoInterest) {
  const std::string text = timeline(made_up_story(), {.least = control::Severity::warning});
  EXPECT_EQ(times_in(text, "ALARM"), 1U);
  EXPECT_EQ(times_in(text, "the node starts"), 0U);
  EXPECT_EQ(times_in(text, "no beat"), 0U);  // a notice
  EXPECT_EQ(times_in(text, "====="), 5U);    // what was done is always told
  EXPECT_EQ(times_in(text, "#####"), 1U);
}

TEST(Timeline, KeepsToOneTrackAndWhatIsDoneToTheWorld) {
  EXPECT_EQ(timeline(made_up_story(), {.track = "song"}),
            "23:59:59.000  =====  oslo is cut off from all others\n"
            "00:00:03.000  =====  oslo and all others hear each other again\n"
            "00:00:04.000  =====  song is published at oslo\n"
            "00:00:04.000  oslo   song is published here\n");
}

TEST(Timeline, SaysEachActionInWordsOfItsOwn) {
  Plan plan;
  plan.sites = {"a", "b"};
  const std::pair<Action, const char*> cases[] = {
      {{0, ActionKind::cut, 0, 1, 0, ""}, "a is cut off from b"},
      {{0, ActionKind::cut, 0, -1, 1, ""}, "a is cut off from all others, and from its clients"},
      {{0, ActionKind::cut, -1, -1, 0, ""}, "every site is cut off from all others"},
      {{0, ActionKind::loss, 0, 1, 13, ""}, "13 % are lost between a and b"},
      {{0, ActionKind::cut_flow, 0, 1, 2, ""}, "source port 2 between a and b is cut"},
      {{0, ActionKind::stall, 1, -1, 2500, ""}, "b's control thread stands still for 2500 ms"},
      {{0, ActionKind::clock_step, 1, -1, -5000, ""}, "b's clock jumps by -5 s"},
      {{0, ActionKind::move, 1, -1, 0, "talk"}, "talk's publisher moves to b"},
      {{0, ActionKind::move, 1, -1, 300, "talk"}, "talk's publisher moves to b, and is away for 300 ms"},
      {{0, ActionKind::lie_directory, 1, -1, 60'000, "talk"},
       "b claims talk, which it does not have, for 1 min"},
  };
  for (const auto& [action, words] : cases)
    EXPECT_EQ(action_text(plan, action), words);
  for (std::size_t kind = 0; kind < kActionKinds; ++kind) {
    const Action action{.kind = static_cast<ActionKind>(kind), .a = 0, .b = 1, .value = 1, .track = "talk"};
    EXPECT_NE(action_text(plan, action), name(action.kind)) << "has no words";
  }
}

TEST(Clock, GoesOnBehindMidnight) {
  Plan plan;
  plan.clock_starts_us = (TimeUs{23} * 3600 + 59 * 60) * kSecondUs;
  EXPECT_EQ(clock_text(plan, 0), "23:59:00.000");
  EXPECT_EQ(clock_text(plan, 60 * kSecondUs + 1'999), "00:00:00.001");
}

}  // namespace
}  // namespace causeway::sim::test
