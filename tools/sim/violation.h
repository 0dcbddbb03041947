// What must hold in every state of the simulated world, and a case where it did not.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "control/wire/ids.h"

namespace causeway::sim {

// X(name, what must hold)
#define CAUSEWAY_INVARIANTS(X)                                                                      \
  X(I1, "the graph of upstream edges of a track has no cycle")                                      \
  X(I2, "the label strictly improves along each edge upstream, and never gets worse at a node")     \
  X(I3, "a node has one active upstream and at most one that it asks; an origin has none")          \
  X(I4, "a node that acknowledges is fed")                                                          \
  X(I5, "no packet with a label below the own one is forwarded, and what is sent never gets worse") \
  X(I6, "every edge ends in time after its track's origin ended")                                   \
  X(I7, "at most one site is drained hard, and never one of the last two")                          \
  X(I8, "no leg leads to the own upstream")                                                         \
  X(D, "no node takes itself for fed without packets")                                              \
  X(L1, "a working path that lasts brings media in time")                                           \
  X(L2, "starvation ends in time once the origin is reachable")                                     \
  X(gate, "the gate never has to refuse a change of the relay table (R10)")                         \
  X(tables, "control names each track of which the relaying changed")                               \
  X(size, "a frame is at most wire::kMaxPlainBytes long, and well formed")

enum class Invariant : std::uint8_t {
#define CAUSEWAY_INVARIANT(name, help) name,
  CAUSEWAY_INVARIANTS(CAUSEWAY_INVARIANT)
#undef CAUSEWAY_INVARIANT
};
inline constexpr std::size_t kInvariants = 14;

inline constexpr std::array<std::string_view, kInvariants> kInvariantNames{
#define CAUSEWAY_INVARIANT(name, help) #name,
    CAUSEWAY_INVARIANTS(CAUSEWAY_INVARIANT)
#undef CAUSEWAY_INVARIANT
};
inline constexpr std::array<std::string_view, kInvariants> kInvariantHelp{
#define CAUSEWAY_INVARIANT(name, help) help,
    CAUSEWAY_INVARIANTS(CAUSEWAY_INVARIANT)
#undef CAUSEWAY_INVARIANT
};
constexpr std::string_view name(Invariant invariant) {
  return kInvariantNames[static_cast<std::size_t>(invariant)];
}
constexpr std::string_view help(Invariant invariant) {
  return kInvariantHelp[static_cast<std::size_t>(invariant)];
}

struct Violation {
  Invariant invariant{};
  control::TimeUs at_us = 0;
  control::NodeId node = control::kNoNode;
  std::string track;  // its name
  std::string text;
};

}  // namespace causeway::sim
