// Sweeps: many small variations of one kind of incident, and the bounds that must hold in all of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/goals.h"
#include "tools/sim/plan.h"
#include "tools/sim/random_plan.h"

namespace causeway::sim {

inline constexpr std::size_t kLeastSweepSites = 4;  // two that are at odds, one in between, one besides

struct Sweep {
  std::string_view name;
  std::string_view help;
  ActionKind fault;         // without it nothing was tested
  std::uint64_t incidents;  // by default
  unsigned per_run;         // incidents of one plan
  unsigned nodes_per_site;  // at least
  // Incidents first to first + count - 1, count at most per_run.
  Plan (*plan)(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count);
  std::span<const Goal> goals;
};

std::span<const Sweep> sweeps();
const Sweep* find_sweep(std::string_view name);

std::uint64_t runs_of(const Sweep& sweep, std::uint64_t incidents);
// The plan of the run with this number, of so many incidents in all.
Plan plan_of(const Sweep& sweep, std::uint64_t run, std::uint64_t seed, Shape shape, std::uint64_t incidents);

// What one sweep measured and what it was held against.
std::string sweep_text(const Sweep& sweep, std::uint64_t incidents, const Totals& totals, double took_s);
std::string sweep_json(const Sweep& sweep, std::uint64_t incidents, const Totals& totals, double took_s);

}  // namespace causeway::sim
