// What each RTP payload says of itself, inside the encryption: whose it is, its number, when it was made;
// then bytes that follow from that. So the receiver, who has the keys, knows what was sent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace causeway::pktgen {

struct Stamp {
  std::uint32_t phase = 0;      // of the run: warm-up, trial 1, 2 ...
  std::uint32_t stream = 0;     // in the plan
  std::uint64_t number = 0;     // of the stream's packets, from 0
  std::uint64_t tsc = 0;        // before the packet was sealed
  std::uint32_t timestamp = 0;  // RTP timestamp as published
  bool marker = false;
};

inline constexpr std::uint32_t kStampLength = 40;

// Fills the whole payload, at least kStampLength bytes.
void write_stamp(const Stamp& stamp, std::span<std::uint8_t> payload);

// nullopt unless the payload is byte by byte what write_stamp() wrote.
std::optional<Stamp> read_stamp(std::span<const std::uint8_t> payload);

}  // namespace causeway::pktgen
