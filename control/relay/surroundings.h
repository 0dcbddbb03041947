// What the relay protocol asks of the other parts of the core. All of it is a hint: whom to ask, not whether
// it is safe.
#pragma once

#include <cstddef>
#include <span>

#include "control/wire/ids.h"

namespace causeway::control::relay {

// A node says in the directory that it is the origin of a track.
struct Claim {
  NodeId origin = kNoNode;
  Stamp stamp = 0;
};
inline constexpr std::size_t kMaxClaims = 4;  // of one track that are looked at

class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual bool is_reachable(NodeId node) const = 0;              // something of it arrived within suspect_ms
  virtual bool is_lively(NodeId node, TimeUs now_us) const = 0;  // and within a few beats: it will answer
  virtual bool is_settled(NodeId node) const = 0;                // up, and its hold is over
  virtual TimeUs round_trip_us(NodeId node) const = 0;           // 0: not known yet
  virtual bool hears(NodeId node, NodeId other) const = 0;       // both ways, by node's last row
  // The highest (stamp, origin) first. Returns how many were written.
  virtual std::size_t claims(const TrackKey& track, std::span<Claim> out) const = 0;
};

}  // namespace causeway::control::relay
