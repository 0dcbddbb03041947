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

// Of those that are about a node, or about none.
std::string node_action_text(const Action& action, const std::string& node, const std::string& time) {
  switch (action.kind) {
    using enum ActionKind;
    case stall:
      return node + "'s control thread stands still for " + time;
    case clock_step:
      return node + "'s clock jumps by " + time;
    case restart:
      return node + " restarts, and is down for " + time;
    case restart_all:
      return "all nodes restart, and are down for " + time;
    case freeze_media:
      return node + "'s data plane sends nothing any more";
    case thaw_media:
      return node + "'s data plane sends again";
    case lose_directory:
      return node + " forgets what others announced";
    case lie_directory:
      return node + " claims " + action.track + ", which it does not have, for " + time;
    case lose_watermark:
      return node + "'s disk is lost";
    case publish:
      return action.track + " is published at " + node;
    case unpublish:
      return action.track + " ends at " + node;
    case move:
      return action.track + "'s publisher moves to " + node +
             (action.value > 0 ? ", and is away for " + time : "");
    case subscribe:
      return action.track + " is wanted at " + node;
    case unsubscribe:
      return action.track + " is not wanted at " + node + " any more";
    case arbiter_down:
      return "the arbiter cannot be reached";
    case arbiter_up:
      return "the arbiter can be reached again";
    default:
      return std::string(name(action.kind));
  }
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
  const std::vector<std::string> nodes = node_names(plan.sites, plan.nodes_per_site);
  const auto name_in = [&](const std::vector<std::string>& names, int index, const char* none) {
    return index >= 0 && index < static_cast<int>(names.size()) ? names[static_cast<std::size_t>(index)]
                                                                : none;
  };
  const bool is_every = action.a < 0;
  const std::string a = name_in(plan.sites, action.a, "every site");
  const std::string b = is_every ? "all others" : name_in(plan.sites, action.b, "all others");
  const std::string node = name_in(nodes, action.a, "no node");
  const std::string number = std::to_string(action.value);
  const std::string time = to_text(Span{action.value * 1000});
  switch (action.kind) {
    using enum ActionKind;
    case cut:
      return a + " is cut off from " + b + (action.value == 1 ? ", and from its clients" : "");
    case cut_one_way:
      return "what " + a + " sends to " + b + " is lost";
    case cut_flow:
      return "source port " + number + " between " + a + " and " + b + " is cut";
    case heal:
      return a + " and " + b + " hear each other again";
    case loss:
      return number + " % are lost between " + a + " and " + b;
    case delay:
      return number + " % of the usual delay between " + a + " and " + b;
    case duplicate:
      return number + " % arrive twice between " + a + " and " + b;
    case reorder:
      return number + " % are overtaken between " + a + " and " + b;
    default:
      return node_action_text(action, node, time);
  }
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
    const bool is_meant = filter.track.empty() || action.track.empty() || action.track == filter.track;
    if (action.at_us > story.result.simulated_us || !is_meant) continue;
    lines.push_back({action.at_us, padded("=====", width) + "  " + action_text(story.plan, action)});
  }
  for (const Happening& happening : story.journal) {
    const control::Severity severity = control::severity(happening.entry.kind);
    const auto track = tracks.find(happening.entry.track);
    const bool is_meant = filter.track.empty() || (track != tracks.end() && track->second == filter.track);
    if (severity < filter.least || !is_meant) continue;
    std::string text = padded(story.nodes[happening.node], width) + "  ";
    if (severity == control::Severity::alarm) text += "ALARM ";
    if (track != tracks.end()) text += track->second + " ";
    lines.push_back({happening.at_us, text + happening.entry.text});
  }
  for (const Violation& violation : story.result.violations) {
    if (!filter.track.empty() && violation.track != filter.track) continue;
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
