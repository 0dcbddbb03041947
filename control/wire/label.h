// A track's label, by which relays choose upstreams without ever making a cycle: docs/relay-protocol.md.
#pragma once

#include <cstdint>

#include "control/wire/bytes.h"
#include "control/wire/ids.h"

namespace causeway::control {

struct Label {
  Stamp stamp = 0;
  NodeId origin = kNoNode;
  std::uint8_t depth = 0;  // hops from the origin

  bool operator==(const Label&) const = default;
};

// A stamp that is further above all others than this is a lie: no origin can have issued so many.
inline constexpr Stamp kMaxStampJump = Stamp{1} << 40;

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

namespace wire {
inline void write(Writer& writer, const Label& label) {
  writer.u64(label.stamp);
  writer.u8(label.origin);
  writer.u8(label.depth);
}
inline Label read_label(Reader& reader) {
  Label label;
  label.stamp = reader.u64();
  label.origin = reader.u8();
  label.depth = reader.u8();
  return label;
}
}  // namespace wire

}  // namespace causeway::control
