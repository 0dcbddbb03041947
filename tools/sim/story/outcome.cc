// What came of a scenario, for people and for machines.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/sim/story/story.h"

namespace causeway::sim {
namespace {

nlohmann::ordered_json violation_json(const Story& story, const Violation& violation) {
  return {{"invariant", name(violation.invariant)},
          {"at", clock_text(story.plan, violation.at_us)},
          {"at_us", violation.at_us},
          {"track", violation.track},
          {"what", violation.text}};
}

}  // namespace

std::string story_text(const Story& story, const std::vector<Outcome>& outcomes) {
  const Measures& measures = story.result.measures;
  std::string text = "\n" + story.plan.name + ": " + std::to_string(story.result.violations.size()) +
                     " violations, " + std::to_string(measures.soft_drains) + " soft and " +
                     std::to_string(measures.hard_drains) + " hard drains, " +
                     std::to_string(measures.convictions) + " convictions, " +
                     std::to_string(measures.alarms) + " alarms\n";
  measures.for_each([&](std::string_view, std::string_view help, const Times& times) {
    if (times.count() == 0) return;
    text += "  at most " + to_ms_text(Span{times.most_us()}) + " " + std::string(help) + " (" +
            std::to_string(times.count()) + " times)\n";
  });
  for (const Outcome& outcome : outcomes)
    text += (outcome.is_met ? "  as expected: " : "  NOT AS EXPECTED: ") + outcome.text + "\n";
  return text;
}

std::string story_json(const Story& story, const std::vector<Outcome>& outcomes, double took_s) {
  const RunResult& result = story.result;
  const Measures& measures = result.measures;
  nlohmann::ordered_json json{
      {"name", story.plan.name},
      {"seed", result.seed},
      {"events", result.events},
      {"simulated_s", static_cast<double>(result.simulated_us) / 1e6},
      {"took_s", took_s},
      {"invariants_checked", result.checks},
      {"drains", measures.soft_drains + measures.hard_drains},
      {"soft_drains", measures.soft_drains},
      {"hard_drains", measures.hard_drains},
      {"convictions", measures.convictions},
      {"wrong_convictions", measures.wrong_convictions},
      {"alarms", measures.alarms},
      {"nacks", measures.nacks},
      {"outages", measures.outages},
      {"inside_outages", measures.inside_outages},
      {"missing", measures.missing},
      {"unanswered", measures.unanswered},
  };
  auto& times_json = json["times"] = nlohmann::ordered_json::object();
  measures.for_each([&](const char* what, const char*, const Times& times) {
    times_json[what] = {{"count", times.count()},
                        {"p50_ms", static_cast<double>(times.percentile_us(50)) / 1e3},
                        {"p99_ms", static_cast<double>(times.percentile_us(99)) / 1e3},
                        {"p999_ms", static_cast<double>(times.percentile_us(99.9)) / 1e3},
                        {"max_ms", static_cast<double>(times.most_us()) / 1e3}};
  });
  auto& expectations = json["expectations"] = nlohmann::ordered_json::array();
  for (const Outcome& outcome : outcomes)
    expectations.push_back({{"text", outcome.text}, {"met", outcome.is_met}});
  auto& violations = json["violation_list"] = nlohmann::ordered_json::array();
  for (const Violation& violation : result.violations)
    violations.push_back(violation_json(story, violation));
  json["violations"] = result.violations.size();
  // A name from a file may be no UTF-8.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace causeway::sim
