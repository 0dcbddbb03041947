#include <algorithm>
#include <set>
#include <type_traits>

#include "config/text.h"
#include "tools/sim/coverage.h"
#include "tools/sim/measures.h"
#include "tools/sim/story/actions.h"
#include "tools/sim/story/scenario.h"

namespace causeway::sim {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return out + "\"";
}

// A name, in quotes where YAML would take it for something else.
std::string word(const std::string& name) {
  std::string small = name;
  std::ranges::transform(small, small.begin(), config::to_lower);
  const bool is_plain = !name.empty() && (config::is_letter_or_digit(name[0]) || name[0] == '_');
  return is_plain && small != "null" ? name : quoted(name);
}

// What differs from the defaults, on one line.
template <class Section>
std::string section(std::string_view key, const Section& section) {
  const Section defaults{};
  std::vector<std::string> usual;
  const auto value_of = [](const auto& member) {
    if constexpr (std::is_same_v<std::decay_t<decltype(member)>, bool>)
      return std::string(member ? "true" : "false");
    else
      return std::to_string(member);
  };
  fields(defaults, [&](const Field&, const auto& member) { usual.push_back(value_of(member)); });
  std::string text;
  std::size_t i = 0;
  fields(section, [&](const Field& field, const auto& member) {
    const std::string value = value_of(member);
    if (value != usual[i++]) text += (text.empty() ? "" : ", ") + std::string(field.key) + ": " + value;
  });
  return text.empty() ? "" : std::string(key) + ": {" + text + "}\n";
}

std::string network_of(const Plan& plan) {
  const Network& network = plan.network;
  std::string text = "network:\n  delay: " + to_text(Span{network.base_us}) +
                     "\n  jitter: " + to_text(Span{network.jitter_us}) +
                     "\n  inside_site: " + to_text(Span{network.inside_site_us}) +
                     "\n  loss_ppm: " + std::to_string(network.loss_ppm) + "\n";
  std::string delays;
  for (std::size_t a = 0; a < network.delays_us.size(); ++a) {
    for (std::size_t b = a + 1; b < network.delays_us.size(); ++b) {
      delays += "    - {between: [" + word(plan.sites[a]) + ", " + word(plan.sites[b]) +
                "], delay: " + to_text(Span{network.delays_us[a][b]}) + "}\n";
    }
  }
  return delays.empty() ? text : text + "  delays:\n" + delays;
}

std::string amount_of(const Action& action, Amount amount) {
  switch (amount) {
    case Amount::time:
      return ", time: " + to_text(Span{action.value * 1000});
    case Amount::percent:
      return ", percent: " + std::to_string(action.value);
    case Amount::flow:
      return ", flow: " + std::to_string(action.value);
    case Amount::clients:
      return action.value == 1 ? ", clients_lost: true" : "";
    case Amount::none:
      return "";
  }
  return "";
}

std::string event_of(const Action& action, const Plan& plan, const std::vector<std::string>& nodes) {
  const ActionShape shape = shape_of(action.kind);
  std::string text = "  - {at: " + to_text(Span{action.at_us}) + ", do: " + std::string(name(action.kind));
  if (shape.target == Target::pair) {
    if (action.a >= 0) text += ", site: " + word(plan.sites[static_cast<std::size_t>(action.a)]);
    if (action.a >= 0 && action.b >= 0)
      text += ", other: " + word(plan.sites[static_cast<std::size_t>(action.b)]);
  }
  if (shape.target == Target::track) text += ", track: " + word(action.track);
  if (shape.target == Target::node || shape.target == Target::track) {
    text += ", node: " + word(nodes[static_cast<std::size_t>(action.a)]);
  }
  return text + amount_of(action, shape.amount) + "}\n";
}

std::string expect_of(const Expect& expect) {
  std::string text;
  fields(expect, [&](const Field& field, const auto& member) {
    if constexpr (requires { member.has_value(); }) {
      if (member) text += "  " + std::string(field.key) + ": " + std::to_string(*member) + "\n";
    }
  });
  if (!expect.times.empty()) text += "  times:\n";
  for (const WrittenTime& time : expect.times)
    text += "    - {what: " + time.what + ", at_most: " + to_text(time.at_most) + "}\n";
  return text.empty() ? "" : "expect:\n" + text;
}

void count_of(const char* key, std::uint64_t found, const std::optional<unsigned>& expected,
              std::vector<Outcome>& outcomes) {
  if (expected) {
    outcomes.push_back({std::string(key) + ": " + std::to_string(*expected) + " expected, " +
                            std::to_string(found) + " found",
                        found == *expected});
  }
}

}  // namespace

std::string write_scenario(const Scenario& scenario) {
  const Plan& plan = scenario.plan;
  const std::vector<std::string> nodes = node_names(plan.sites, plan.nodes_per_site);
  std::string text = "name: " + quoted(plan.name.empty() ? "a run" : plan.name) + "\n";
  if (plan.clock_starts_us != 0) text += "clock: \"" + to_text(TimeOfDay{plan.clock_starts_us}) + "\"\n";
  text += "seed: " + std::to_string(plan.seed) + "\nlength: " + to_text(Span{plan.length_us}) + "\nsites: [";
  for (std::size_t i = 0; i < plan.sites.size(); ++i)
    text += (i == 0 ? "" : ", ") + word(plan.sites[i]);
  text += "]\nnodes_per_site: " + std::to_string(plan.nodes_per_site) + "\n";
  if (!plan.has_arbiter) text += "arbiter: false\n";
  text += network_of(plan) + section("heartbeat", plan.heartbeat) + section("isolation", plan.isolation) +
          section("relay", plan.relay) + section("directory", plan.directory);
  std::set<std::string> tracks;
  for (const Action& action : plan.actions) {
    if (!action.track.empty()) tracks.insert(action.track);
  }
  text += tracks.empty() ? "" : "tracks:\n";
  for (const std::string& track : tracks)
    text += "  - {name: " + word(track) + "}\n";
  std::string events;
  for (const Action& action : plan.actions) {
    if (action.at_us <= plan.length_us) events += event_of(action, plan, nodes);  // others never happen
  }
  if (!events.empty()) text += "events:\n" + events;
  return text + expect_of(scenario.expect);
}

std::vector<Outcome> compare(const Expect& expect, const RunResult& result) {
  std::vector<Outcome> outcomes;
  const Measures& found = result.measures;
  count_of("violations", result.violations.size(), expect.violations, outcomes);
  count_of("drains", found.soft_drains + found.hard_drains, expect.drains, outcomes);
  count_of("soft_drains", found.soft_drains, expect.soft_drains, outcomes);
  count_of("hard_drains", found.hard_drains, expect.hard_drains, outcomes);
  count_of("convictions", found.convictions, expect.convictions, outcomes);
  count_of("wrong_convictions", found.wrong_convictions, expect.wrong_convictions, outcomes);
  count_of("alarms", found.alarms, expect.alarms, outcomes);
  for (const WrittenTime& time : expect.times) {
    found.for_each([&](const char* what, const char*, const Times& times) {
      if (time.what != what) return;
      const bool is_met = times.count() > 0 && times.most_us() <= time.at_most.us;
      outcomes.push_back({time.what + ": at most " + to_text(time.at_most) + " expected, " +
                              (times.count() == 0 ? "nothing measured"
                                                  : to_ms_text(Span{times.most_us()}) + " at the most in " +
                                                        std::to_string(times.count())),
                          is_met});
    });
  }
  return outcomes;
}

}  // namespace causeway::sim
