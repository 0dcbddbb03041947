// docs/simulator.md knows what a scenario can say.
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/unit/tools/sim/story/support.h"
#include "tools/sim/measures.h"
#include "tools/sim/violation.h"

namespace causeway::sim::test {
namespace {

std::string page() {
  std::ifstream file(std::string(CAUSEWAY_SOURCE_ROOT) + "/docs/simulator.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

void expect_named(const std::string& text, std::string_view word) {
  EXPECT_NE(text.find("`" + std::string(word) + "`"), std::string::npos) << word << " is not explained";
}

TEST(Page, ExplainsEveryKeyActionTimeAndInvariant) {
  const std::string text = page();
  const auto keys_of = [&](const auto& section) {
    fields(section, [&](const config::Field& field, const auto&) { expect_named(text, field.key); });
  };
  keys_of(WrittenScenario{});
  keys_of(WrittenNetwork{});
  keys_of(Expect{});
  for (std::size_t kind = 0; kind < kActionKinds; ++kind)
    expect_named(text, name(static_cast<ActionKind>(kind)));
  Measures{}.for_each([&](const char* what, const char*, const Times&) { expect_named(text, what); });
  for (const std::string_view invariant : kInvariantNames)
    expect_named(text, invariant);
}

TEST(Page, ItsExampleIsAScenario) {
  const std::string text = page();
  const std::size_t begin = text.find("```yaml\n") + 8;
  const Scenario scenario =
      must_read(text.substr(begin, text.find("```", begin) - begin), "docs/simulator.md");
  EXPECT_EQ(scenario.plan.actions.size(), 6U);
}

}  // namespace
}  // namespace causeway::sim::test
