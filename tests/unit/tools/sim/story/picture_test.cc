#include <cctype>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/tools/sim/story/made_up.h"
#include "tools/sim/story/fault_spans.h"

namespace causeway::sim::test {
namespace {

// Every element that is opened is closed, in order, and nothing that XML does not allow stands between.
void expect_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = 0; at < xml.size(); ++at) {
    if (xml[at] != '<') {
      ASSERT_TRUE(static_cast<unsigned char>(xml[at]) >= ' ' || xml[at] == '\n');
      ASSERT_NE(xml[at], '>');
      continue;
    }
    const std::size_t end = xml.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = xml.substr(at + 1, end - at - 1);
    ASSERT_EQ(tag.find('<'), std::string::npos);
    if (tag.starts_with('/')) {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ(open.back(), tag.substr(1));
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
    at = end;
  }
  EXPECT_TRUE(open.empty());
}

TEST(Picture, ShowsWhoIsFedByWhomAndWhatWasDone) {
  const std::string svg = picture(made_up_story());
  expect_well_formed(svg);
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  for (const char* words :
       {"Two &lt;sites&gt; &amp; a fault", "talk · paris", "talk · oslo", ">origin<", ">from paris<",
        ">waits for paris<", ">no media<", ">drained softly<", ">drained hard<", ">down<", ">alarms<",
        ">violations<", ">faults<", "23:59:59.000 ", ">oslo is cut off from all others<",
        "song is published at oslo"}) {
    EXPECT_EQ(times_in(svg, words) > 0, true) << words;
  }
  EXPECT_EQ(times_in(svg, "arbiter"), 0U);  // behind the end
  EXPECT_EQ(times_in(svg, "<script"), 0U);
}

TEST(Picture, IsTheSameEachTime) {
  EXPECT_EQ(picture(made_up_story()), picture(made_up_story()));
}

TEST(Picture, OfNothingIsStillAPicture) {
  Story story;
  story.plan.name = "nothing";
  expect_well_formed(picture(story));
}

TEST(Picture, StaysBoundedWhateverHappened) {
  Story story = made_up_story();
  story.plan.name = std::string("a\x01\"b\"", 5);
  for (std::size_t i = 0; i < 5000; ++i) {
    story.tracks.push_back("track/" + std::to_string(i));
    story.stretches.push_back({0, story.tracks.size() - 1, 0, kSecondUs, {.is_wanted = true}});
    story.plan.actions.push_back({static_cast<TimeUs>(i) * 1000, ActionKind::stall, 0, -1, 5000, ""});
    story.journal.push_back(said(static_cast<TimeUs>(i) * 2000, 0, control::JournalKind::starvation, "none"));
  }
  const std::string svg = picture(story);
  expect_well_formed(svg);
  EXPECT_LT(svg.size(), 400'000U);
  EXPECT_EQ(times_in(svg, "more rows of tracks are not shown"), 1U);
}

TEST(FaultSpans, LastUntilTheyAreMended) {
  Plan plan;
  plan.sites = {"a", "b", "c"};
  using enum ActionKind;
  plan.actions = {
      {1, cut, 0, 1, 0, ""},          // 0: until 6
      {2, cut_one_way, 1, 2, 0, ""},  // 1: until 8
      {3, loss, 0, 2, 50, ""},        // 2: until 5
      {4, freeze_media, 2, -1, 0, ""}, {5, loss, 2, 0, 0, ""},
      {6, heal, 1, 0, 0, ""},          {7, thaw_media, 1, -1, 0, ""},  // another one's
      {8, heal, -1, -1, 0, ""},        {9, delay, 0, 1, 300, ""},
      {10, stall, 0, -1, 2, ""},       {11, arbiter_down, -1, -1, 0, ""},
      {12, subscribe, 0, -1, 0, "t"},  {20, arbiter_up, -1, -1, 0, ""},
  };
  for (Action& action : plan.actions)
    action.at_us *= 1000;
  const std::vector<FaultSpan> spans = fault_spans(plan, 100'000);
  const std::vector<std::vector<TimeUs>> wanted = {{0, 1, 6},   {1, 2, 8},   {2, 3, 5},   {3, 4, 100},
                                                   {8, 9, 100}, {9, 10, 12}, {10, 11, 20}};
  ASSERT_EQ(spans.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(spans[i].action, static_cast<std::size_t>(wanted[i][0]));
    EXPECT_EQ(spans[i].from_us, wanted[i][1] * 1000) << i;
    EXPECT_EQ(spans[i].to_us, wanted[i][2] * 1000) << i;
  }
}

TEST(FaultSpans, ACutFromAllIsNotMendedByOnePath) {
  Plan plan;
  plan.sites = {"a", "b", "c"};
  plan.actions = {{1, ActionKind::cut, 0, -1, 0, ""},
                  {2, ActionKind::heal, 0, 1, 0, ""},
                  {3, ActionKind::heal, 0, -1, 0, ""}};
  ASSERT_EQ(fault_spans(plan, 10).size(), 1U);
  EXPECT_EQ(fault_spans(plan, 10)[0].to_us, 3);
}

}  // namespace
}  // namespace causeway::sim::test
