#include <algorithm>
#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/tools/sim/story/support.h"
#include "tools/sim/core_mind.h"
#include "tools/sim/random_plan.h"
#include "tools/sim/run.h"

namespace causeway::sim::test {
namespace {

constexpr const char* kShort = R"(name: Two sites
clock: "18:58:30"
seed: 7
length: 1 min
sites: [paris, oslo]
tracks:
  - {name: talk, origin: paris, subscribers: [oslo]}
events:
  - {at: 1.5 s, do: cut, site: oslo}
  - {at: 4 s, do: heal, site: oslo}
expect:
  violations: 0
  times:
    - {what: back_after_heal, at_most: 1500 ms}
)";

TEST(Scenario, SaysTheWorldAndWhatIsDoneToIt) {
  const Scenario scenario = must_read(kShort);
  const Plan& plan = scenario.plan;
  EXPECT_EQ(plan.name, "Two sites");
  EXPECT_EQ(plan.seed, 7U);
  EXPECT_EQ(plan.length_us, 60'000'000);
  EXPECT_EQ(plan.clock_starts_us, TimeUs{((18 * 60 + 58) * 60 + 30)} * 1'000'000);
  EXPECT_TRUE(plan.has_arbiter);
  ASSERT_EQ(plan.actions.size(), 4U);
  EXPECT_EQ(printed(plan.actions[0]), "0 publish 0 -1 0 talk\n");
  EXPECT_EQ(printed(plan.actions[1]), "0 subscribe 1 -1 0 talk\n");
  EXPECT_EQ(printed(plan.actions[2]), "1500000 cut 1 -1 0 \n");
  EXPECT_EQ(printed(plan.actions[3]), "4000000 heal 1 -1 0 \n");
  EXPECT_EQ(scenario.expect.violations, 0U);
  EXPECT_EQ(scenario.expect.drains, std::nullopt);
  ASSERT_EQ(scenario.expect.times.size(), 1U);
  EXPECT_EQ(scenario.expect.times[0].at_most.us, 1'500'000);
}

TEST(Scenario, SortsEventsByTimeAndKeepsThoseOfOneTimeInTheirOrder) {
  const Scenario scenario = must_read(
      "name: x\nlength: 10 s\nsites: [a, b]\nevents:\n"
      "  - {at: 2 s, do: arbiter_up}\n  - {at: 1 s, do: heal, site: b}\n  - {at: 1 s, do: arbiter_down}\n");
  ASSERT_EQ(scenario.plan.actions.size(), 3U);
  EXPECT_EQ(scenario.plan.actions[0].kind, ActionKind::heal);
  EXPECT_EQ(scenario.plan.actions[1].kind, ActionKind::arbiter_down);
  EXPECT_EQ(scenario.plan.actions[2].kind, ActionKind::arbiter_up);
}

TEST(Scenario, NamesTheNodesOfASiteThatHasSeveral) {
  const Scenario scenario = must_read(
      "name: x\nlength: 10 s\nsites: [a, b]\nnodes_per_site: 3\nevents:\n"
      "  - {at: 1 s, do: stall, node: b.1, time: 500 ms}\n");
  EXPECT_EQ(scenario.plan.actions[0].a, 4);
  EXPECT_EQ(node_names({"a", "b"}, 2), (std::vector<std::string>{"a.0", "a.1", "b.0", "b.1"}));
  EXPECT_EQ(node_names({"a", "b"}, 1), (std::vector<std::string>{"a", "b"}));
}

TEST(Span, IsReadAsPeopleSayIt) {
  const std::pair<const char*, TimeUs> cases[] = {
      {"90 s", 90'000'000},   {"1.5 s", 1'500'000}, {"250 ms", 250'000},        {"2 min", 120'000'000},
      {"200 us", 200},        {"0 s", 0},           {"0.000001 s", 1},          {"-0.5 s", -500'000},
      {"1.25 min", 75000000}, {"0.001 ms", 1},      {"160.500001 s", 160500001}};
  for (const auto& [text, us] : cases) {
    const auto span = parse_span(text);
    ASSERT_TRUE(span) << text;
    EXPECT_EQ(span->us, us) << text;
  }
  for (const char* text :
       {"",           "s",     "90",    "90s",   "90  s",  "1. s",        ".5 s", "1.5.5 s",
        "1e3 s",      "- 1 s", "--1 s", "+1 s",  "0.5 us", "0.0000001 s", "1 h",  "99999999999999999999 s",
        "600000 min", "1 s ",  " 1 s",  "1.-5 s"}) {
    EXPECT_FALSE(parse_span(text)) << '"' << text << '"';
  }
}

TEST(Span, IsWrittenSoThatItIsReadBack) {
  for (const TimeUs us : {TimeUs{0}, TimeUs{1}, TimeUs{999}, TimeUs{1000}, TimeUs{999'999}, TimeUs{1'000'000},
                          TimeUs{1'500'000}, TimeUs{9'999'000}, TimeUs{60'000'000}, TimeUs{90'000'000},
                          TimeUs{160'500'001}, TimeUs{86'400'000'000}, TimeUs{-500'000}}) {
    const std::string text = to_text(Span{us});
    const auto span = parse_span(text);
    ASSERT_TRUE(span) << text;
    EXPECT_EQ(span->us, us) << text;
  }
}

TEST(TimeOfDay, HasTwoDigitsEachAndPerhapsAFraction) {
  EXPECT_EQ(parse_time_of_day("00:00:00")->us, 0);
  EXPECT_EQ(parse_time_of_day("23:59:59")->us, TimeUs{86'399} * 1'000'000);
  for (const char* text : {"", "24:00:00", "12:60:00", "12:00:60", "1:00:00", "12:00", "12-00-00", "ab:00:00",
                           "-1:00:00", "12:00:00 "}) {
    EXPECT_FALSE(parse_time_of_day(text)) << text;
  }
}

// Each problem is told with its line, its column and what to do.
TEST(Scenario, TellsWhereAProblemIsAndHowToMendIt) {
  const std::string head = "name: x\nlength: 10 s\nsites: [paris, oslo]\n";
  const std::string tracks = "tracks: [{name: talk, origin: paris}]\n";
  const struct {
    std::string text;
    std::string problem;
  } cases[] = {
      {"length: 10 s\nsites: [a, b]\n", "1:1: error: name: is missing; add it"},
      {head + "lenght: 3 s\n", "4:1: error: unknown key \"lenght\"; did you mean \"length\"?"},
      {head + "events: [{at: 1 s, do: explode}]\n", "4:24: error: events[0].do: \"explode\" is not possible"},
      {head + "events: [{at: soon, do: heal}]\n", "4:15: error: events[0].at: \"soon\" is not of the form"},
      {head + "events: [{at: 1 s, do: cut, site: rome}]\n",
       "4:35: error: events[0].site: \"rome\" is none of the sites; give one of paris, oslo"},
      {head + "events: [{at: 1 s, do: stall, node: rome, time: 1 s}]\n",
       "4:37: error: events[0].node: \"rome\" is none of the nodes"},
      {head + tracks + "events: [{at: 1 s, do: subscribe, track: walk, node: oslo}]\n",
       "5:42: error: events[0].track: \"walk\" is none of the tracks; give one of talk"},
      {head + tracks + "events: [{at: 1 s, do: subscribe, node: oslo}]\n",
       "5:10: error: events[0]: \"subscribe\" needs track; add track: ..."},
      {head + "events: [{at: 1 s, do: stall, node: oslo}]\n", "4:10: error: events[0]: \"stall\" needs time"},
      {head + "events: [{at: 1 s, do: heal, percent: 3}]\n",
       "4:39: error: events[0].percent: says nothing to \"heal\"; leave it out"},
      {head + "events: [{at: 1 s, do: cut, site: paris, other: paris}]\n",
       "4:49: error: events[0].other: is the same site; give another, or leave it out for all others"},
      {head + "events: [{at: 11 s, do: arbiter_up}]\n", "4:15: error: events[0].at: is not within the run"},
      {head + "events: [{at: 1 s, do: stall, node: oslo, time: -3 s}]\n",
       "4:49: error: events[0].time: is no"},
      {head + "events: [{at: 1 s, do: stall, node: oslo, time: 0.5 ms}]\n",
       "4:49: error: events[0].time: is"},
      {"name: x\nlength: 0 s\nsites: [a, b]\n", "2:9: error: length: is not above 0"},
      {"name: x\nlength: 8000 min\nsites: [a, b]\nseed: -1\n", "4:7: error: seed: \"-1\" is not a whole"},
      {"name: x\nlength: 1 s\nsites: [a, a]\n", "3:9: error: sites[0]: \"a\" is given twice"},
      {"name: x\nlength: 1 s\nsites: [a, b]\nnodes_per_site: 64\n", ""},
      {"name: x\nlength: 1 s\nsites: [a, b, c]\nnodes_per_site: 64\n",
       "4:17: error: nodes_per_site: 192 nodes are more than a fleet may have; give at most 128 in all"},
      {head + "heartbeat: {suspect_ms: 100}\n", "4:25: error: heartbeat.suspect_ms: 100 is too short"},
      {head + "network: {delays: [{between: [paris], delay: 3 ms}]}\n",
       "4:30: error: network.delays[0].between"},
      {head + "network: {delays: [{between: [oslo, oslo], delay: 3 ms}]}\n",
       "4:20: error: network.delays[0]: is no"},
      {head + "expect: {times: [{what: luck, at_most: 3 ms}]}\n",
       "4:25: error: expect.times[0].what: \"luck\" is"},
      {head + "tracks: [{name: a}, {name: a}]\n", "4:28: error: tracks[1].name: \"a\" is given twice"},
      {"[1, 2]", "1:1: error: the file holds a list where a map is wanted"},
      {"name: [", "error: not valid YAML"},
  };
  for (const auto& each : cases) {
    const ReadScenario read = read_scenario(each.text, "file.yaml");
    if (each.problem.empty()) {
      EXPECT_TRUE(read.scenario) << all_problems(read);
      continue;
    }
    EXPECT_FALSE(read.scenario) << each.text;
    EXPECT_NE(all_problems(read).find(each.problem), std::string::npos) << each.text << "says\n"
                                                                        << all_problems(read) << "and not\n"
                                                                        << each.problem;
  }
}

TEST(Scenario, KeepsControlCharactersAndKeysOutOfMessages) {
  const ReadScenario read = read_scenario(
      "name: x\nlength: 1 s\nsites: [a, b]\nevents: [{at: 1 s, do: \"a\\n\\x01b\"}]\n", "file.yaml");
  ASSERT_EQ(read.problems.size(), 1U);
  EXPECT_EQ(read.problems[0].to_string().find_first_of("\n\x01"), std::string::npos);
}

TEST(Scenario, EveryActionCanBeWrittenAndRead) {
  for (std::size_t kind = 0; kind < kActionKinds; ++kind) {
    Scenario scenario;
    scenario.plan.name = "one action";
    scenario.plan.sites = {"a", "b", "c"};
    scenario.plan.length_us = 10'000'000;
    Action action{.at_us = 1'234'567, .kind = static_cast<ActionKind>(kind)};
    const ActionShape shape = shape_of(action.kind);
    if (shape.target != Target::none) action.a = 1;
    if (shape.target == Target::pair) action.b = 2;
    if (shape.target == Target::track) action.track = "talk";
    if (shape.amount == Amount::clients) action.value = 1;
    if (shape.amount != Amount::none && shape.amount != Amount::clients) action.value = 5;
    scenario.plan.actions = {action};
    const Scenario back = must_read(write_scenario(scenario));
    EXPECT_EQ(printed(back), printed(scenario)) << name(action.kind);
  }
}

// --- Whatever a plan says, its file says
// ----------------------------------------------------------------------

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  Scenario make() {
    Scenario made;
    Plan& plan = made.plan;
    plan.name = "A \"name\": {with} #signs, \\ and ümlauts";
    plan.seed = random_.next();
    const std::size_t sites = 2 + random_.below(5);
    std::set<std::string> names;
    while (names.size() < sites)
      names.insert(word());
    plan.sites.assign(names.begin(), names.end());
    plan.nodes_per_site = 1 + random_.below(3);
    plan.length_us = random_.between(1, TimeUs{3600} * 1'000'000);
    plan.clock_starts_us = random_.between(0, TimeUs{86'400} * 1'000'000 - 1);
    plan.has_arbiter = random_.chance(50);
    plan.network = {.base_us = random_.between(1, 500'000),
                    .jitter_us = random_.between(0, 5'000),
                    .inside_site_us = random_.between(1, 1'000),
                    .loss_ppm = random_.below(1'000'001)};
    if (random_.chance(50)) add_delays(plan);
    if (random_.chance(50)) randomise_tunables(random_.next(), plan);
    plan.isolation.shadow = random_.chance(30);
    for (std::uint32_t left = random_.below(30); left > 0; --left)
      add_action(plan);
    std::ranges::stable_sort(plan.actions, {}, &Action::at_us);
    if (random_.chance(50)) made.expect.drains = random_.below(3);
    if (random_.chance(50)) made.expect.violations = 0;
    if (random_.chance(50)) made.expect.times.push_back({"moved", Span{random_.between(1, 9'000'000)}});
    return made;
  }

 private:
  // Also what YAML takes for something else than a text.
  std::string word() {
    static constexpr const char* kOdd[] = {"null", "true", "No",    "Null", "NULL", "-",   "---", "...",
                                           "0x10", "1.5",  "-1",    ".inf", "1e3",  "off", "2-3", "_",
                                           "-a",   "a-b",  "null.", "07",   ".",    ".."};
    if (random_.chance(40)) return kOdd[random_.below(std::size(kOdd))];
    std::string text;
    for (std::uint32_t left = 1 + random_.below(8); left > 0; --left)
      text += "abcXYZ019._-"[random_.below(12)];
    return text;
  }
  void add_delays(Plan& plan) {
    const std::size_t sites = plan.sites.size();
    plan.network.delays_us.assign(sites, std::vector<TimeUs>(sites, plan.network.base_us));
    for (std::size_t a = 0; a < sites; ++a) {
      for (std::size_t b = 0; b < a; ++b)
        plan.network.delays_us[a][b] = plan.network.delays_us[b][a] = random_.between(1, 300'000);
    }
  }
  void add_action(Plan& plan) {
    const auto sites = static_cast<std::uint32_t>(plan.sites.size());
    Action action{.at_us = random_.between(0, plan.length_us),
                  .kind = static_cast<ActionKind>(random_.below(kActionKinds))};
    const ActionShape shape = shape_of(action.kind);
    if (shape.target == Target::pair && random_.chance(80)) {
      action.a = static_cast<int>(random_.below(sites));
      action.b = static_cast<int>(random_.below(sites));
      if (action.b == action.a) action.b = -1;
    }
    if (shape.target == Target::node || shape.target == Target::track)
      action.a = static_cast<int>(random_.below(sites * plan.nodes_per_site));
    if (shape.target == Target::track) action.track = random_.chance(50) ? word() : "room/" + word();
    if (shape.amount == Amount::clients) action.value = random_.below(2);
    if (shape.amount == Amount::flow) action.value = random_.below(8);
    if (shape.amount == Amount::percent) action.value = random_.below(10'001);
    if (shape.amount == Amount::time) action.value = random_.between(0, 100'000);
    if (action.kind == ActionKind::clock_step && random_.chance(50)) action.value = -action.value;
    plan.actions.push_back(std::move(action));
  }

  Random random_;
};

std::uint64_t first_seed() {
  const char* given = std::getenv("CAUSEWAY_SEED");
  return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

TEST(Scenario, ReadsWhatItWrote) {
  const bool is_one = std::getenv("CAUSEWAY_SEED") != nullptr;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + (is_one ? 1 : 500); ++seed) {
    const Scenario scenario = Maker(seed).make();
    const std::string text = write_scenario(scenario);
    const ReadScenario read = read_scenario(text, "written.yaml");
    ASSERT_TRUE(read.scenario) << "CAUSEWAY_SEED=" << seed << "\n" << all_problems(read) << text;
    ASSERT_EQ(printed(*read.scenario), printed(scenario)) << "CAUSEWAY_SEED=" << seed << "\n" << text;
    ASSERT_EQ(write_scenario(*read.scenario), text) << "CAUSEWAY_SEED=" << seed;
  }
}

// A script of a failure fails in the same way: the file's run is the plan's run, bit for bit.
TEST(Scenario, ARandomWorldRunsTheSameFromItsFile) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Plan plan = random_plan(seed, {.sites = 3, .nodes_per_site = 2, .length_us = 20'000'000}, {});
    const Scenario back = must_read(write_scenario({plan, {}}));
    const RunResult direct = run_plan(plan, core_minds());
    const RunResult from_file = run_plan(back.plan, core_minds());
    EXPECT_EQ(from_file.hash, direct.hash) << "seed " << seed;
    EXPECT_EQ(from_file.events, direct.events) << "seed " << seed;
  }
}

}  // namespace
}  // namespace causeway::sim::test
