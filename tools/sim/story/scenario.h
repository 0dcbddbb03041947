// Scenario files: a plan that a person wrote or that a failing seed shrank to, and what must come of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "tools/sim/plan.h"
#include "tools/sim/run.h"
#include "tools/sim/story/written.h"

namespace causeway::sim {

struct Scenario {
  Plan plan;
  Expect expect;
};

struct ReadScenario {
  std::optional<Scenario> scenario;       // only if there are no problems
  std::vector<config::Problem> problems;  // in file order
};

// `path` names the text in problems. Never throws for what a text holds.
ReadScenario read_scenario(std::string_view text, const std::string& path);

// A file that means the same: read_scenario(write_scenario(x)) is x. The name's control characters are lost.
std::string write_scenario(const Scenario& scenario);

// The nodes' names: as their sites', or SITE.0, SITE.1 ... if a site has several.
std::vector<std::string> node_names(const std::vector<std::string>& sites, unsigned nodes_per_site);

// One expectation held against a run.
struct Outcome {
  std::string text;  // "drains: 0 expected, 0 found"
  bool is_met = false;
};
std::vector<Outcome> compare(const Expect& expect, const RunResult& result);

}  // namespace causeway::sim
