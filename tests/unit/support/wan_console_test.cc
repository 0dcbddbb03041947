#include <algorithm>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include "tests/support/wan/console.h"

namespace causeway::wan {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class WanConsole : public testing::Test {
 protected:
  WanConsole() { figures_.sites.resize(3); }

  std::string say(std::string_view line) { return execute(line, network_, figures_).line; }
  const Rule& rule(const char* from, const char* to) const {
    return network_.rule(*network_.site(from), *network_.site(to));
  }

  Network network_{{"us-east", "germany", "japan"}, 1, 16};
  HostFigures figures_;
};

TEST_F(WanConsole, SetsOneDirection) {
  EXPECT_EQ(say("set us-east germany delay_ms=40.5 jitter_ms=2 loss_percent=0.1 duplicate_percent=1 "
                "reorder_percent=100 cut=media"),
            "ok");
  const Rule expected{.delay_ns = 40'500'000,
                      .jitter_ns = 2'000'000,
                      .loss = 0.001,
                      .duplicate = 0.01,
                      .reorder = 1,
                      .cut = {.what = Cut::What::media}};
  EXPECT_EQ(rule("us-east", "germany"), expected);
  EXPECT_EQ(rule("germany", "us-east"), Rule{});
  EXPECT_EQ(rule("us-east", "japan"), Rule{});
}

TEST_F(WanConsole, KeepsWhatIsNotNamed) {
  say("set us-east germany delay_ms=40 cut=all");
  say("  set\tus-east  germany cut=none\r");
  EXPECT_EQ(rule("us-east", "germany"), Rule{.delay_ns = 40'000'000});
}

TEST_F(WanConsole, SetsBothDirections) {
  EXPECT_EQ(say("both germany japan delay_ms=7"), "ok");
  EXPECT_EQ(rule("germany", "japan").delay_ns, 7'000'000);
  EXPECT_EQ(rule("japan", "germany").delay_ns, 7'000'000);
  EXPECT_EQ(rule("japan", "us-east").delay_ns, 0);
}

TEST_F(WanConsole, StarIsEverySite) {
  say("set us-east * cut=all");
  EXPECT_EQ(rule("us-east", "germany").cut.what, Cut::What::all);
  EXPECT_EQ(rule("us-east", "japan").cut.what, Cut::What::all);
  EXPECT_EQ(rule("japan", "us-east").cut.what, Cut::What::none);
  say("both * japan cut=control");
  EXPECT_EQ(rule("us-east", "japan").cut.what, Cut::What::control);
  EXPECT_EQ(rule("japan", "germany").cut.what, Cut::What::control);
  EXPECT_EQ(rule("us-east", "germany").cut.what, Cut::What::all);
  say("set * * cut=none");
  EXPECT_EQ(rule("us-east", "germany"), Rule{});
}

TEST_F(WanConsole, CutsPorts) {
  say("set us-east germany cut=20000-20999");
  EXPECT_EQ(rule("us-east", "germany").cut, (Cut{Cut::What::ports, 20000, 20999}));
  say("set us-east germany cut=5000");
  EXPECT_EQ(rule("us-east", "germany").cut, (Cut{Cut::What::ports, 5000, 5000}));
}

TEST_F(WanConsole, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "an empty line"},
      {"sett us-east germany cut=all", "'sett' is no command: there are set, both, stats, reset, quit"},
      {"set us-east", "set takes two sites"},
      {"set us-east germany", "nothing is set"},
      {"set us-east france cut=all", "there is no site 'france'"},
      {"both us-east us-east cut=all", "both sites are 'us-east'"},
      {"set us-east germany cut", "'cut' is no key=value"},
      {"set us-east germany delay=4", "'delay' is no key: there are delay_ms,"},
      {"set us-east germany delay_ms=", "give milliseconds from 0 to 60000"},
      {"set us-east germany delay_ms=-1", "give milliseconds"},
      {"set us-east germany delay_ms=60001", "give milliseconds"},
      {"set us-east germany jitter_ms=nan", "give milliseconds"},
      {"set us-east germany loss_percent=101", "give a number from 0 to 100"},
      {"set us-east germany loss_percent=1%", "'loss_percent=1%': give a number"},
      {"set us-east germany loss_percent=1 loss_percent=2", "loss_percent is given twice"},
      {"set us-east germany cut=all cut=none", "cut is given twice"},
      {"set us-east germany cut=audio", "give none, all, media, control, PORT or FIRST-LAST"},
      {"set us-east germany cut=0", "give none"},
      {"set us-east germany cut=9-8", "give none"},
      {"set us-east germany cut=1-65536", "give none"},
      {"set us-east germany cut=1-", "give none"},
      {"stats please", "stats takes nothing else"},
      {"set us-east \x1b[31m cut=all", "there is no site '?[31m'"},
  };
  for (const auto& [line, what] : wrong) {
    EXPECT_THAT(say(line), StartsWith("error ")) << line;
    EXPECT_THAT(say(line), HasSubstr(what)) << line;
  }
  EXPECT_THAT(say(std::string(kMostCommand + 1, 'x')), StartsWith("error longer"));
  EXPECT_EQ(rule("us-east", "germany"), Rule{});
}

TEST_F(WanConsole, DoesNothingOfALineThatIsWrong) {
  EXPECT_THAT(say("set us-east germany delay_ms=40 loss_percent=x"), StartsWith("error "));
  EXPECT_EQ(rule("us-east", "germany"), Rule{});
}

TEST_F(WanConsole, QuitEnds) {
  EXPECT_TRUE(execute("quit", network_, figures_).ends);
  EXPECT_FALSE(execute("stats", network_, figures_).ends);
}

TEST_F(WanConsole, StatsAreOneLineOfJson) {
  say("set us-east germany delay_ms=0.25 loss_percent=0.1 cut=7-9");
  figures_.sites[0].received = 5;
  figures_.late.record(3'000);
  const auto line = say("stats");
  ASSERT_THAT(line, StartsWith("ok {"));
  const auto stats = nlohmann::json::parse(line.substr(3));
  EXPECT_EQ(stats["queued"], 0);
  EXPECT_EQ(stats["late_us"], (nlohmann::json{{"median", 3}, {"p99", 3}, {"worst", 3}}));
  EXPECT_EQ(stats["sites"][0]["name"], "us-east");
  EXPECT_EQ(stats["sites"][0]["received"], 5);
  const auto& pairs = stats["pairs"];
  const auto pair = std::ranges::find_if(
      pairs, [](const auto& each) { return each["from"] == "us-east" && each["to"] == "germany"; });
  ASSERT_NE(pair, pairs.end());
  EXPECT_EQ((*pair)["forwarded"], 0);
  const auto& rule = (*pair)["rule"];
  EXPECT_EQ(rule.size(), 6U);
  EXPECT_DOUBLE_EQ(rule["delay_ms"], 0.25);
  EXPECT_DOUBLE_EQ(rule["jitter_ms"], 0);
  EXPECT_DOUBLE_EQ(rule["loss_percent"], 0.1);
  EXPECT_DOUBLE_EQ(rule["duplicate_percent"], 0);
  EXPECT_DOUBLE_EQ(rule["reorder_percent"], 0);
  EXPECT_EQ(rule["cut"], "7-9");
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST_F(WanConsole, ResetClearsTheFigures) {
  figures_.sites[2].received = 5;
  figures_.late.record(3'000);
  EXPECT_EQ(say("reset"), "ok");
  EXPECT_EQ(figures_.sites[2].received, 0u);
  EXPECT_EQ(figures_.late.count(), 0u);
}

}  // namespace
}  // namespace causeway::wan
