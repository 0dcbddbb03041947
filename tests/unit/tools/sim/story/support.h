// Scenarios made up for tests, and whether two mean the same.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tools/sim/coverage.h"
#include "tools/sim/random.h"
#include "tools/sim/story/actions.h"
#include "tools/sim/story/scenario.h"

namespace causeway::sim::test {

// One of tests/sim/*.yaml.
inline std::string scenario_text(const std::string& name) {
  std::ifstream file(std::string(CAUSEWAY_SOURCE_ROOT) + "/tests/sim/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string all_problems(const ReadScenario& read) {
  std::string text;
  for (const config::Problem& problem : read.problems)
    text += problem.to_string() + "\n";
  return text;
}

inline Scenario must_read(const std::string& text, const std::string& name = "test.yaml") {
  ReadScenario read = read_scenario(text, name);
  EXPECT_EQ(all_problems(read), "") << text;
  return read.scenario ? std::move(*read.scenario) : Scenario{};
}

// What the schema knows of a struct, as text: two that print alike mean the same.
template <class Section>
std::string printed(const Section& section) {
  std::string text;
  fields(section, [&](const config::Field& field, const auto& member) {
    if constexpr (requires { std::to_string(member); })
      text += std::string(field.key) + " " + std::to_string(member) + "\n";
    else if constexpr (requires { std::to_string(*member); })
      text += std::string(field.key) + " " + (member ? std::to_string(*member) : "none") + "\n";
  });
  return text;
}

inline std::string printed(const Action& action) {
  return std::to_string(action.at_us) + " " + std::string(name(action.kind)) + " " +
         std::to_string(action.a) + " " + std::to_string(action.b) + " " + std::to_string(action.value) +
         " " + action.track + "\n";
}

// All that a scenario says, but for delays inside a site: those are network.inside_site_us.
inline std::string printed(const Scenario& scenario) {
  const Plan& plan = scenario.plan;
  std::string text = plan.name + "\n" + std::to_string(plan.seed) + "\n" +
                     std::to_string(plan.nodes_per_site) + "\n" + std::to_string(plan.length_us) + "\n" +
                     std::to_string(plan.clock_starts_us) + "\n" + std::to_string(plan.has_arbiter) + "\n";
  for (const std::string& site : plan.sites)
    text += site + ", ";
  const Network& network = plan.network;
  text += "\n" + std::to_string(network.base_us) + " " + std::to_string(network.jitter_us) + " " +
          std::to_string(network.inside_site_us) + " " + std::to_string(network.loss_ppm) + "\n";
  for (std::size_t a = 0; a < network.delays_us.size(); ++a) {
    for (std::size_t b = 0; b < network.delays_us.size(); ++b)
      text += a == b ? "- " : std::to_string(network.delays_us[a][b]) + " ";
  }
  text += "\n" + printed(plan.heartbeat) + printed(plan.isolation) + printed(plan.relay) +
          printed(plan.directory);
  for (const Action& action : plan.actions)
    text += printed(action);
  text += printed(scenario.expect);
  for (const WrittenTime& time : scenario.expect.times)
    text += time.what + " " + std::to_string(time.at_most.us) + "\n";
  return text;
}

}  // namespace causeway::sim::test
