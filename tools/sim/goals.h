// What must come of many runs: bounds on what was measured.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/measures.h"
#include "tools/sim/run.h"

namespace causeway::sim {

// Of a count, which may be `bound` at most; or of times, of which `percent` may be `bound` us at most.
struct Goal {
  std::string_view what;
  std::uint64_t Measures::*count = nullptr;
  Times Measures::*times = nullptr;
  double percent = 100;
  std::int64_t bound = 0;
};

struct HeldGoal {
  Goal goal;
  bool is_measured = false;
  std::int64_t measured = 0;
  std::uint64_t samples = 0;  // of times
  bool is_met = false;
};

// A count means nothing unless what it is about happened (`fault` was done to the world), and a time only if
// it was measured. What was not measured is not met. The invariants are a goal of every sweep.
std::vector<HeldGoal> hold(std::span<const Goal> goals, ActionKind fault, const Totals& totals);

// The run that comes off worst by a goal: the one to look at if it is not met.
struct WorstRun {
  std::int64_t value = -1;
  std::uint64_t seed = 0;

  void see(const Goal& goal, const RunResult& run);
};

bool are_met(const std::vector<HeldGoal>& goals);
// A line for each.
std::string to_text(const std::vector<HeldGoal>& goals);
std::string to_json(const std::vector<HeldGoal>& goals);

}  // namespace causeway::sim
