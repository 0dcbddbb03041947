#include "tools/sim/sweep_plans.h"

#include <string>

#include "tools/sim/incidents.h"

namespace causeway::sim {
namespace {

// Every other plan has canaries; in the others a beat is all that is heard of a node.
Plan with_or_without_media(std::uint64_t seed, const Shape& shape, std::uint64_t run) {
  return run % 2 == 0 ? plain_plan(seed, shape) : bare_plan(seed, shape);
}

}  // namespace

// One site and all others, each length in turn, then the next site.
Plan cuts_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count) {
  Incidents story(plain_plan(seed, shape), first);
  for (std::uint64_t i = 0; i < count; ++i, story.next()) {
    const auto site = static_cast<int>(story.number() / kCutLengths % shape.sites);
    story.act(ActionKind::cut, site);
    story.pass(static_cast<TimeUs>(story.number() % kCutLengths + 1) * 100 * kMsUs);
    story.act(ActionKind::heal, site);
    story.pass(12 * kSecUs);
  }
  return story.finish("cuts");
}

// One node after the other, then the next length.
Plan stalls_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count) {
  Incidents story(plain_plan(seed, shape), first);
  const auto nodes = static_cast<std::uint64_t>(story.nodes());
  for (std::uint64_t i = 0; i < count; ++i, story.next()) {
    const auto length_ms = static_cast<TimeUs>(story.number() / nodes % kStallLengths + 1) * 50;
    story.pass(0, 100 * kMsUs);
    story.act(ActionKind::stall, static_cast<int>(story.number() % nodes), -1, length_ms);
    // It mistrusts itself for twice as long as it stood still.
    story.pass(3 * length_ms * kMsUs + 8 * kSecUs);
  }
  return story.finish("stalls");
}

// Whoever comes back judges nobody in its first minute, and must not be counted on by the next incident.
Plan losses_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count) {
  Incidents story(with_or_without_media(seed, shape, first / kLossesPerRun), first);
  const TimeUs startup_us = control::from_ms(story.plan().heartbeat.startup_ms);
  for (std::uint64_t i = 0; i < count; ++i, story.next()) {
    const auto node = static_cast<int>(story.number() % static_cast<std::uint64_t>(story.nodes()));
    const TimeUs down_us = story.random().between(20, 60) * kSecUs;
    story.pass(0, 100 * kMsUs);
    story.act(ActionKind::restart, node, -1, down_us / kMsUs);
    story.pass(down_us + startup_us + 2 * kSecUs);
  }
  return story.finish("losses");
}

// Each site to each other one, in turn.
Plan one_way_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count) {
  Incidents story(with_or_without_media(seed, shape, first / kOneWaysPerRun), first);
  const auto others = static_cast<std::uint64_t>(story.sites() - 1);
  for (std::uint64_t i = 0; i < count; ++i, story.next()) {
    const std::uint64_t pair = story.number() % (others * (others + 1));
    const auto from = static_cast<int>(pair / others);
    const auto to = static_cast<int>((static_cast<std::uint64_t>(from) + 1 + pair % others) % (others + 1));
    story.pass(0, 100 * kMsUs);
    story.act(ActionKind::cut_one_way, from, to);
    story.pass(8 * kSecUs, 16 * kSecUs);
    story.act(ActionKind::heal, from, to);
    story.pass(8 * kSecUs);
  }
  return story.finish("one-way");
}

// Each site has a room of its own, from one of its nodes to all others inside.
Plan all_cut_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count) {
  Incidents story(plain_plan(seed, shape), first);
  const auto per_site = static_cast<int>(shape.nodes_per_site);
  for (int site = 0; site < story.sites(); ++site) {
    const std::string room = "room/" + std::to_string(site);
    story.act(ActionKind::publish, story.node_of(site), -1, 0, room);
    for (int other = 1; other < per_site; ++other)
      story.act(ActionKind::subscribe, story.node_of(site) + other, -1, 0, room);
  }
  story.pass(5 * kSecUs);
  for (std::uint64_t i = 0; i < count; ++i, story.next()) {
    story.act(ActionKind::cut, -1);
    story.pass(10 * kSecUs, 200 * kSecUs);
    story.act(ActionKind::heal, -1);
    story.pass(40 * kSecUs);
  }
  return story.finish("all-cut");
}

// All at once, and back at once or one after the other; again before or after the time in which nobody is
// judged is over.
Plan restarts_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count) {
  Incidents story(plain_plan(seed, shape), first);
  for (std::uint64_t i = 0; i < count; ++i, story.next()) {
    if (story.number() % 2 == 0) {
      story.act(ActionKind::restart_all, -1, -1, story.octave_ms(100 * kMsUs, 5 * kSecUs));
    } else {
      for (int node = 0; node < story.nodes(); ++node)
        story.act(ActionKind::restart, node, -1, story.octave_ms(100 * kMsUs, 5 * kSecUs));
    }
    story.pass(20 * kSecUs, 100 * kSecUs);
  }
  return story.finish("restarts");
}

}  // namespace causeway::sim
