// A run that is watched: what a person wants to read and to look at afterwards.
#pragma once

#include <string>
#include <vector>

#include "control/verdict/view.h"
#include "tools/sim/measures.h"
#include "tools/sim/run.h"
#include "tools/sim/story/scenario.h"
#include "tools/sim/world.h"

namespace causeway::sim {

// A node's part in a track, from one change to the next.
struct Stretch {
  NodeId node = control::kNoNode;
  std::size_t track = 0;
  TimeUs from_us = 0;
  TimeUs to_us = 0;
  World::Part part;
};

// A node's state, from one change to the next.
struct Shift {
  NodeId node = control::kNoNode;
  TimeUs from_us = 0;
  TimeUs to_us = 0;
  bool is_up = true;
  control::DrainState drain = control::DrainState::none;
};

struct Story {
  Plan plan;
  std::vector<std::string> nodes;
  std::vector<std::string> tracks;
  RunResult result;
  std::vector<Happening> journal;
  std::vector<Stretch> stretches;
  std::vector<Shift> shifts;
};

// Until the first violation; a baseline goes on, so that one sees what comes of it.
Story watch(const Plan& plan, const MindFactory& factory, bool is_baseline);

// "19:00:00.912", of the plan's clock.
std::string clock_text(const Plan& plan, TimeUs at_us);
// "us-east is cut off from all others".
std::string action_text(const Plan& plan, const Action& action);

struct TimelineFilter {
  control::Severity least = control::Severity::info;
  std::string track = {};  // only lines about it, and what is done to the whole world; empty: all
};
// The run in words, one line each: actions, the nodes' journals, violations.
std::string timeline(const Story& story, const TimelineFilter& filter);

// What came of it, and of what was expected.
std::string story_text(const Story& story, const std::vector<Outcome>& outcomes);
std::string story_json(const Story& story, const std::vector<Outcome>& outcomes, double took_s);

// The run as a picture (SVG): who is fed by whom, drains, what was done to the world.
std::string picture(const Story& story);

}  // namespace causeway::sim
