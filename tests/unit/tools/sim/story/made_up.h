// A run that never was: each thing that can be shown, at times that are easy to count in.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tools/sim/story/story.h"

namespace causeway::sim::test {

inline constexpr TimeUs kSecondUs = 1'000'000;

inline Happening said(TimeUs at_us, NodeId node, control::JournalKind kind, std::string text,
                      const std::string& track = "") {
  control::JournalEntry entry{.at_us = at_us, .kind = kind, .text = std::move(text)};
  if (!track.empty()) entry.track = control::track_key(track);
  return {at_us, node, std::move(entry)};
}

inline Story made_up_story() {
  Story story;
  story.plan.name = "Two <sites> & a fault";
  story.plan.sites = {"paris", "oslo"};
  story.plan.clock_starts_us = (TimeUs{23} * 3600 + 59 * 60 + 58) * kSecondUs;
  story.plan.length_us = 10 * kSecondUs;
  story.plan.actions = {
      {0, ActionKind::publish, 0, -1, 0, "talk"},
      {0, ActionKind::subscribe, 1, -1, 0, "talk"},
      {kSecondUs, ActionKind::cut, 1, -1, 0, ""},
      {5 * kSecondUs, ActionKind::heal, 1, -1, 0, ""},
      {6 * kSecondUs, ActionKind::publish, 1, -1, 0, "song"},
      {11 * kSecondUs, ActionKind::arbiter_down, -1, -1, 0, ""},  // behind the end
  };
  story.nodes = story.plan.sites;
  story.tracks = {"talk", "song"};
  story.result.simulated_us = 10 * kSecondUs;
  story.result.seed = 7;
  story.result.violations = {
      {Invariant::I1, 3 * kSecondUs, 1, "talk", "a cycle: oslo takes it from paris takes it from oslo"}};
  story.journal = {
      said(500'000, 0, control::JournalKind::started, "the node starts"),
      said(1'912'345, 1, control::JournalKind::link_suspected, "no beat from paris for 900 ms"),
      said(2'500'000, 1, control::JournalKind::starvation, "no media for 1500 ms", "talk"),
      said(6 * kSecondUs, 1, control::JournalKind::published, "is published here", "song"),
  };
  story.stretches = {
      {0, 0, 0, 10 * kSecondUs, {.is_origin = true}},
      {1, 0, 0, kSecondUs, {.is_fed = true, .is_wanted = true, .upstream = 0}},
      {1, 0, kSecondUs, 5 * kSecondUs, {.is_wanted = true, .upstream = 0}},
      {1, 0, 5 * kSecondUs, 6 * kSecondUs, {.is_wanted = true}},
      {1, 0, 6 * kSecondUs, 10 * kSecondUs, {.is_fed = true, .is_wanted = true, .upstream = 0}},
  };
  story.shifts = {
      {1, 2 * kSecondUs, 4 * kSecondUs, true, control::DrainState::soft},
      {1, 4 * kSecondUs, 5 * kSecondUs, true, control::DrainState::hard},
      {0, 8 * kSecondUs, 9 * kSecondUs, false, control::DrainState::none},
  };
  return story;
}

inline std::size_t times_in(const std::string& text, std::string_view words) {
  std::size_t count = 0;
  for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
    ++count;
  return count;
}

}  // namespace causeway::sim::test
