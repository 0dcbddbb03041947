#include "tools/sim/goals.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace causeway::sim {
namespace {

std::string in_ms(std::int64_t us) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(us) / 1e3);
  return text.data();
}

// "100" or "99.9".
std::string percent_text(double percent) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", percent);
  return text.data();
}

HeldGoal held_count(const Goal& goal, std::uint64_t found, bool has_happened) {
  HeldGoal held{goal, has_happened, static_cast<std::int64_t>(found), 0, false};
  held.is_met = held.is_measured && held.measured <= goal.bound;
  return held;
}

HeldGoal held_times(const Goal& goal, const Times& times) {
  HeldGoal held{goal, times.count() > 0, 0, times.count(), false};
  held.measured = goal.percent >= 100 ? times.most_us() : times.percentile_us(goal.percent);
  held.is_met = held.is_measured && held.measured <= goal.bound;
  return held;
}

std::string bound_text(const Goal& goal) {
  if (goal.times == nullptr) return "at most " + std::to_string(goal.bound);
  return "at most " + in_ms(goal.bound) + " ms in " + percent_text(goal.percent) + " %";
}

std::string measured_text(const HeldGoal& held) {
  if (!held.is_measured) return "never measured";
  if (held.goal.times == nullptr) return std::to_string(held.measured) + " measured";
  return in_ms(held.measured) + " ms measured (" + std::to_string(held.samples) + " times)";
}

}  // namespace

std::vector<HeldGoal> hold(std::span<const Goal> goals, ActionKind fault, const Totals& totals) {
  const bool has_happened = totals.coverage.actions(fault) > 0;
  std::vector<HeldGoal> held;
  for (const Goal& goal : goals) {
    held.push_back(goal.times != nullptr ? held_times(goal, totals.measures.*goal.times)
                                         : held_count(goal, totals.measures.*goal.count, has_happened));
  }
  held.push_back(held_count({.what = "violations"}, totals.violations, has_happened));
  return held;
}

void WorstRun::see(const Goal& goal, const RunResult& run) {
  const std::int64_t found = goal.times != nullptr ? (run.measures.*goal.times).most_us()
                                                   : static_cast<std::int64_t>(run.measures.*goal.count);
  if (found <= value) return;
  value = found;
  seed = run.seed;
}

bool are_met(const std::vector<HeldGoal>& goals) {
  return std::ranges::all_of(goals, &HeldGoal::is_met);
}

std::string to_text(const std::vector<HeldGoal>& goals) {
  std::string text;
  for (const HeldGoal& held : goals) {
    text += (held.is_met ? "  met: " : "  NOT MET: ") + std::string(held.goal.what) + ": " +
            bound_text(held.goal) + ", " + measured_text(held) + "\n";
  }
  return text;
}

std::string to_json(const std::vector<HeldGoal>& goals) {
  std::string json;
  for (const HeldGoal& held : goals) {
    const bool is_time = held.goal.times != nullptr;
    const auto number = [&](std::int64_t value) { return is_time ? in_ms(value) : std::to_string(value); };
    json += std::string(json.empty() ? "" : ", ") + R"({"what": ")" + std::string(held.goal.what) + '"';
    json += R"(, "unit": ")" + std::string(is_time ? "ms" : "times") + '"';
    if (is_time) json += R"(, "percent": )" + percent_text(held.goal.percent);
    json += R"(, "bound": )" + number(held.goal.bound);
    json += R"(, "measured": )" + (held.is_measured ? number(held.measured) : "null");
    if (is_time) json += R"(, "samples": )" + std::to_string(held.samples);
    json += R"(, "met": )" + std::string(held.is_met ? "true" : "false") + "}";
  }
  return "[" + json + "]";
}

}  // namespace causeway::sim
