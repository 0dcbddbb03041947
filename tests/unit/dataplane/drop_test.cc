#include "dataplane/drop.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace causeway {
namespace {

TEST(Drop, EveryReasonHasAUniqueNameAndHelp) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kDrops; ++i) {
    const DropInfo& reason = info(static_cast<Drop>(i));
    EXPECT_TRUE(names.insert(reason.name).second) << reason.name;
    EXPECT_FALSE(reason.help.empty()) << reason.name;
  }
  for (std::size_t i = 1; i < kEgressDrops; ++i) {
    const DropInfo& reason = info(static_cast<EgressDrop>(i));
    EXPECT_TRUE(names.insert(reason.name).second) << reason.name;
    EXPECT_FALSE(reason.help.empty()) << reason.name;
  }
}

constexpr std::string_view kIntroduction = R"(# Drop reasons

Written by a unit test: change `dataplane/drop.h` instead of this page.

A packet that does not go on is counted under exactly one reason, in the order in which it meets the stages. The
counters are the telemetry command `/causeway/counters`.

| severity | a counter that rises means |
| --- | --- |
| info | part of normal operation |
| notice | strangers or misconfigured clients: nothing of ours is lost |
| warning | media that somebody wanted is lost |

)";

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::notice:
      return "notice";
    case Severity::warning:
      return "warning";
  }
  return "";
}

template <class Reason>
std::string table(std::size_t count) {
  std::string text = "| reason | stage | severity | meaning |\n| --- | --- | --- | --- |\n";
  for (std::size_t i = 1; i < count; ++i) {
    const DropInfo& reason = info(static_cast<Reason>(i));
    text.append("| `").append(reason.name).append("` | ").append(reason.stage);
    text.append(" | ").append(name_of(reason.severity)).append(" | ").append(reason.help).append(" |\n");
  }
  return text;
}

std::string drops_markdown() {
  std::string text(kIntroduction);
  text +=
      "## Received packets\n\nreceived = forwarded + punted + the sum of these; and `waiting`, while copies "
      "are made, and what is on its way between\nworkers: `handed_off` less `taken_over`.\n\n" +
      table<Drop>(kDrops);
  text +=
      "\n## Copies on their way out\n\n"
      "A received packet becomes one copy for each leg. copies = sent + the sum of these; and what is on its "
      "way to another\nworker's port: `frames_handed_off` less `frames_taken_over`.\n\n" +
      table<EgressDrop>(kEgressDrops);
  return text;
}

// With CAUSEWAY_UPDATE_DOCS=1 writes the file instead.
TEST(Docs, TheDropReasonsAreUpToDate) {
  const std::string path = CAUSEWAY_SOURCE_ROOT "/docs/drops.md";
  const std::string text = drops_markdown();
  if (std::getenv("CAUSEWAY_UPDATE_DOCS") != nullptr) std::ofstream(path, std::ios::binary) << text;
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(file), {}) == text)
      << "docs/drops.md is not what dataplane/drop.h says: run this test with CAUSEWAY_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace causeway
