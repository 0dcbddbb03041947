// Any text as a scenario of the simulator: problems or a scenario, never both or neither; and a scenario that
// was read is written so that it is read as the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tools/sim/story/scenario.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace causeway;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const sim::ReadScenario read = sim::read_scenario(text, "fuzz.yaml");
  require(read.scenario.has_value() == read.problems.empty());
  for (const config::Problem& problem : read.problems)
    require(problem.to_string().find('\n') == std::string::npos);
  if (!read.scenario) return 0;

  const std::string written = sim::write_scenario(*read.scenario);
  const sim::ReadScenario again = sim::read_scenario(written, "written.yaml");
  require(again.scenario.has_value());
  require(sim::write_scenario(*again.scenario) == written);
  require(again.scenario->plan.actions.size() == read.scenario->plan.actions.size());
  return 0;
}
