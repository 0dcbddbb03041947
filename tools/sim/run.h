// One run of a plan from beginning to end, and the sum of many.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/sim/coverage.h"
#include "tools/sim/measures.h"
#include "tools/sim/plan.h"
#include "tools/sim/violation.h"
#include "tools/sim/world.h"

namespace causeway::sim {

struct RunResult {
  std::uint64_t seed = 0;
  std::uint64_t events = 0;
  std::uint64_t checks = 0;
  std::uint64_t hash = 0;
  TimeUs simulated_us = 0;
  std::vector<Violation> violations;
  Coverage coverage;
  Measures measures;
};

RunResult run_plan(const Plan& plan, const MindFactory& factory);
RunResult result_of(World& world, std::uint64_t seed);

// Does the plan break the same invariant?
bool breaks(const Plan& plan, const MindFactory& factory, Invariant invariant);

struct Totals {
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  std::uint64_t checks = 0;
  std::uint64_t hash = 0;  // over the runs' hashes, in their order
  TimeUs simulated_us = 0;
  std::uint64_t violations = 0;
  std::vector<RunResult> failed;
  Coverage coverage;
  Measures measures;

  void add(const RunResult& result);
};

// took_s: of the machine's time.
std::string to_json(const Totals& totals, double took_s);
std::string to_text(const Totals& totals, double took_s);
// Paths with their counts; with only_missed those that were never reached.
std::string coverage_text(const Coverage& coverage, bool only_missed);

}  // namespace causeway::sim
