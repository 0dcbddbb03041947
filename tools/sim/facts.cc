#include "tools/sim/facts.h"

#include <array>

namespace causeway::sim {

using control::kNever;

namespace {

// Media of a track may flow from `from` to `to`, and the two can talk about it.
TimeUs hop_since_us(const Backbone& backbone, NodeId from, NodeId to, unsigned flow) {
  const TimeUs media_us = backbone.good_since_us(from, to, flow);
  if (media_us == kNever) return kNever;
  return std::max({media_us, backbone.heard_since_us(from, to), backbone.heard_since_us(to, from)});
}

}  // namespace

// The path whose youngest part is oldest, by hops (Bellman and Ford).
TimeUs reachable_since_us(const Facts& facts, const Backbone& backbone, TrackIndex track, unsigned flow,
                          NodeId to, unsigned hops) {
  const std::size_t count = facts.nodes.size();
  std::array<TimeUs, control::kMaxNodes> best;
  best.fill(kNever);
  for (const Presence& publisher : facts.publishers[track]) {
    const NodeFacts& node = facts.nodes[publisher.node];
    best[publisher.node] =
        std::max({publisher.since_us, node.able_since_us, node.sends_since_us, node.honest_since_us});
  }
  const NodeFacts& end = facts.nodes[to];
  TimeUs found_us = kNever;
  for (unsigned hop = 1; hop <= hops; ++hop) {
    std::array<TimeUs, control::kMaxNodes> next = best;
    for (std::size_t from = 0; from < count; ++from) {
      if (best[from] == kNever) continue;
      for (std::size_t via = 0; via < count; ++via) {
        if (via == from) continue;
        const NodeFacts& node = facts.nodes[via];
        const TimeUs since_us =
            std::max({best[from], node.able_since_us, node.receives_since_us,
                      hop_since_us(backbone, static_cast<NodeId>(from), static_cast<NodeId>(via), flow)});
        if (via == to) found_us = std::min(found_us, since_us);
        next[via] = std::min(next[via], std::max(since_us, node.sends_since_us));
      }
    }
    best = next;
  }
  return end.able_since_us == kNever ? kNever : found_us;
}

}  // namespace causeway::sim
