#include "tools/sim/run.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace causeway::sim {
namespace {

std::string decimal(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return out + "\"";
}

std::string hex(std::uint64_t value) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

std::string in_ms(TimeUs us) {
  return decimal(static_cast<double>(us) / 1e3, 1);
}

std::string json_of(const RunResult& run) {
  std::string json = R"({"seed": )" + std::to_string(run.seed) + R"(, "violations": [)";
  for (std::size_t i = 0; i < run.violations.size(); ++i) {
    const Violation& each = run.violations[i];
    json += (i == 0 ? "" : ", ") + (R"({"invariant": )" + quoted(name(each.invariant))) + R"(, "at_us": )" +
            std::to_string(each.at_us) + R"(, "track": )" + quoted(each.track) + R"(, "what": )" +
            quoted(each.text) + "}";
  }
  return json + "]}";
}

std::string json_of(const Times& times) {
  return R"({"count": )" + std::to_string(times.count()) + R"(, "p50_ms": )" +
         in_ms(times.percentile_us(50)) + R"(, "p99_ms": )" + in_ms(times.percentile_us(99)) +
         R"(, "max_ms": )" + in_ms(times.most_us()) + "}";
}

}  // namespace

RunResult run_plan(const Plan& plan, const MindFactory& factory) {
  World world(plan, factory);
  world.run();
  return result_of(world, plan.seed);
}

RunResult result_of(World& world, std::uint64_t seed) {
  RunResult result;
  result.seed = seed;
  result.events = world.events();
  result.checks = world.checks();
  result.hash = world.hash();
  result.simulated_us = world.now_us();
  result.violations = world.violations();
  result.coverage = world.coverage();
  world.close();
  result.measures = world.recorder().measures();
  return result;
}

bool breaks(const Plan& plan, const MindFactory& factory, Invariant invariant) {
  const auto violations = run_plan(plan, factory).violations;
  return !violations.empty() && violations[0].invariant == invariant;
}

void Totals::add(const RunResult& result) {
  ++runs;
  events += result.events;
  checks += result.checks;
  RunHash sum;
  sum.add(hash);
  sum.add(result.hash);
  hash = sum.value();
  simulated_us += result.simulated_us;
  violations += result.violations.size();
  if (!result.violations.empty()) failed.push_back(result);
  coverage.add(result.coverage);
  measures.add(result.measures);
}

std::string to_json(const Totals& totals, double took_s) {
  const double simulated_s = static_cast<double>(totals.simulated_us) / 1e6;
  std::string json = "{\n";
  const auto put = [&](std::string_view key, const std::string& value) {
    json += "  " + quoted(key) + ": " + value + ",\n";
  };
  put("seeds", std::to_string(totals.runs));
  put("events", std::to_string(totals.events));
  put("simulated_hours", decimal(simulated_s / 3600, 3));
  put("took_s", decimal(took_s, 3));
  put("times_real_time", decimal(took_s > 0 ? simulated_s / took_s : 0, 0));
  put("events_per_s", decimal(took_s > 0 ? static_cast<double>(totals.events) / took_s : 0, 0));
  put("invariants_checked", std::to_string(totals.checks));
  put("hash", quoted(hex(totals.hash)));
  const Measures& measures = totals.measures;
  put("convictions", std::to_string(measures.convictions));
  put("wrong_convictions", std::to_string(measures.wrong_convictions));
  put("soft_drains", std::to_string(measures.soft_drains));
  put("hard_drains", std::to_string(measures.hard_drains));
  put("alarms", std::to_string(measures.alarms));
  put("nacks", std::to_string(measures.nacks));
  put("outages", std::to_string(measures.outages));
  put("inside_outages", std::to_string(measures.inside_outages));
  put("missing", std::to_string(measures.missing));
  put("unanswered", std::to_string(measures.unanswered));
  std::string times;
  measures.for_each([&](std::string_view key, std::string_view, const Times& each) {
    times += (times.empty() ? "" : ", ") + quoted(key) + ": " + json_of(each);
  });
  put("times", "{" + times + "}");
  std::string failed;
  for (const RunResult& run : totals.failed)
    failed += (failed.empty() ? "" : ", ") + json_of(run);
  put("failed", "[" + failed + "]");
  return json + "  \"violations\": " + std::to_string(totals.violations) + "\n}\n";
}

std::string to_text(const Totals& totals, double took_s) {
  const double simulated_s = static_cast<double>(totals.simulated_us) / 1e6;
  std::string text = std::to_string(totals.runs) + " runs, " + std::to_string(totals.events) + " events, " +
                     decimal(simulated_s / 3600, 1) + " simulated hours in " + decimal(took_s, 1) +
                     " s: " + decimal(took_s > 0 ? simulated_s / took_s : 0, 0) + " x real time\n";
  text += std::to_string(totals.checks) +
          " invariants checked, violations: " + std::to_string(totals.violations) + "\n";
  const Measures& measures = totals.measures;
  text += std::to_string(measures.convictions) + " convictions (" +
          std::to_string(measures.wrong_convictions) + " wrong), " + std::to_string(measures.soft_drains) +
          " soft and " + std::to_string(measures.hard_drains) + " hard drains, " +
          std::to_string(measures.alarms) + " alarms, " + std::to_string(measures.nacks) + " NACKs, " +
          std::to_string(measures.outages) + " outages\n";
  measures.for_each([&](std::string_view key, std::string_view help, const Times& times) {
    if (times.count() == 0) return;
    text += "  " + std::string(key) + ": " + in_ms(times.percentile_us(50)) + " ms in half of " +
            std::to_string(times.count()) + ", " + in_ms(times.percentile_us(99)) + " ms in 99 %, at most " +
            in_ms(times.most_us()) + " ms (" + std::string(help) + ")\n";
  });
  for (const RunResult& run : totals.failed) {
    for (const Violation& each : run.violations) {
      text += "seed " + std::to_string(run.seed) + ": " + std::string(name(each.invariant)) + " at " +
              decimal(static_cast<double>(each.at_us) / 1e6, 6) + " s" +
              (each.track.empty() ? "" : ", track " + each.track) + ": " + each.text + "\n";
    }
  }
  return text;
}

std::string coverage_text(const Coverage& coverage, bool only_missed) {
  std::string text;
  coverage.for_each([&](const std::string& path, std::uint64_t count) {
    if (only_missed && count != 0) return;
    text += path + (only_missed ? "" : ": " + std::to_string(count)) + "\n";
  });
  return text;
}

}  // namespace causeway::sim
