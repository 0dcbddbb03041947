#include <algorithm>
#include <array>
#include <cstdio>
#include <unordered_map>

#include "tools/sim/coverage.h"
#include "tools/sim/story/actions.h"
#include "tools/sim/story/story.h"

namespace causeway::sim {
namespace {

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string who(const Plan& plan, const Action& action) {
  const ActionShape shape = shape_of(action.kind);
  const auto nodes = node_names(plan.sites, plan.nodes_per_site);
  if (shape.target == Target::pair) {
    const std::string a = action.a < 0 ? "every site" : plan.sites[static_cast<std::size_t>(action.a)];
    const std::string b =
        action.b < 0 || action.a < 0 ? "all others" : plan.sites[static_cast<std::size_t>(action.b)];
    return a + (action.kind == ActionKind::cut_one_way ? " to " : " and ") + b;
  }
  if (shape.target == Target::track) return action.track + " at " + nodes[static_cast<std::size_t>(action.a)];
  if (shape.target == Target::node) return nodes[static_cast<std::size_t>(action.a)];
  return "";
}

struct Line {
  TimeUs at_us;
  std::string text;
};

}  // namespace

std::string clock_text(const Plan& plan, TimeUs at_us) {
  const TimeUs us = plan.clock_starts_us + at_us;
  const TimeUs s = us / 1'000'000;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d:%02d.%03d", static_cast<int>(s / 3600 % 24),
                static_cast<int>(s / 60 % 60), static_cast<int>(s % 60), static_cast<int>(us / 1000 % 1000));
  return text.data();
}

std::string action_text(const Plan& plan, const Action& action) {
  std::string verb(name(action.kind));
  std::ranges::replace(verb, '_', ' ');
  std::string text = verb;
  if (const std::string whom = who(plan, action); !whom.empty()) text += ": " + whom;
  switch (shape_of(action.kind).amount) {
    case Amount::time:
      return text + ", " + to_text(Span{action.value * 1000});
    case Amount::percent:
      return text + ", " + std::to_string(action.value) + " %";
    case Amount::flow:
      return text + ", source port " + std::to_string(action.value);
    case Amount::clients:
      return action.value == 1 ? text + ", its clients too" : text;
    case Amount::none:
      return text;
  }
  return text;
}

std::string timeline(const Story& story, const TimelineFilter& filter) {
  std::unordered_map<control::TrackKey, std::string, control::TrackKeyHash> tracks;
  for (const std::string& track : story.tracks)
    tracks.emplace(control::track_key(track), track);
  std::size_t width = 5;
  for (const std::string& node : story.nodes)
    width = std::max(width, node.size());

  std::vector<Line> lines;
  for (const Action& action : story.plan.actions) {
    if (action.at_us > story.result.simulated_us) continue;
    lines.push_back({action.at_us, padded("=====", width) + "  " + action_text(story.plan, action)});
  }
  for (const Happening& happening : story.journal) {
    const control::Severity severity = control::severity(happening.entry.kind);
    if (severity < filter.least) continue;
    std::string text = padded(story.nodes[happening.node], width) + "  ";
    if (severity == control::Severity::alarm) text += "ALARM ";
    if (const auto track = tracks.find(happening.entry.track); track != tracks.end())
      text += track->second + " ";
    lines.push_back({happening.at_us, text + happening.entry.text});
  }
  for (const Violation& violation : story.result.violations) {
    lines.push_back({violation.at_us,
                     padded("#####", width) + "  violation of " + std::string(name(violation.invariant)) +
                         ": " + (violation.track.empty() ? "" : violation.track + ": ") + violation.text});
  }
  std::ranges::stable_sort(lines, {}, &Line::at_us);
  std::string text;
  for (const Line& line : lines)
    text += clock_text(story.plan, line.at_us) + "  " + line.text + "\n";
  return text;
}

}  // namespace causeway::sim
