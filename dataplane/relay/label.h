// A track's label, by which relays choose upstreams without ever making a cycle: docs/relay-protocol.md.
#pragma once

#include <cstdint>

namespace causeway {

// Nodes are numbered as in the fleet's membership, the same everywhere; this is none of them.
inline constexpr std::uint8_t kNoNode = 0xff;

struct Label {
  std::uint64_t stamp = 0;  // the track's version, issued by its origin only
  std::uint8_t origin = kNoNode;
  std::uint8_t depth = 0;  // hops from the origin

  bool operator==(const Label&) const = default;
};

// A total order: the higher stamp, then the higher origin, then the smaller depth.
constexpr bool is_better(const Label& a, const Label& b) {
  if (a.stamp != b.stamp) return a.stamp > b.stamp;
  if (a.origin != b.origin) return a.origin > b.origin;
  return a.depth < b.depth;
}

// The label of whoever takes the track from a node with this one. Depth is far below its type's limit
// (relay.hop_limit).
constexpr Label below(const Label& label) {
  return {label.stamp, label.origin, static_cast<std::uint8_t>(label.depth + 1)};
}

}  // namespace causeway
