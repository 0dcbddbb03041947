// What the relay protocol counts.
#pragma once

#include <array>
#include <cstdint>

#include "control/relay/message.h"

namespace causeway::control::relay {

struct Counters {
  std::array<std::uint64_t, kNackReasons> nacks_sent{};
  std::array<std::uint64_t, kNackReasons> nacks_received{};
  std::uint64_t subscribes = 0;  // sent
  std::uint64_t acks = 0;        // sent
  std::uint64_t adopted = 0;     // upstreams proven
  std::uint64_t feeds_lost = 0;
  std::uint64_t black_holes = 0;
  std::uint64_t unanswered = 0;  // questions
  std::uint64_t stamps_issued = 0;
  std::uint64_t stamp_requests = 0;  // sent
  std::uint64_t stale_packets = 0;   // with a label that is not better than ours
  std::uint64_t stale_messages = 0;  // about a question that nobody asks any more
  std::uint64_t implausible = 0;     // messages that cannot be true
  std::uint64_t gate_refusals = 0;   // must stay 0
  std::uint64_t refused_tracks = 0;  // no room
};

}  // namespace causeway::control::relay
