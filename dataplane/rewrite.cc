#include "dataplane/rewrite.h"

#include <algorithm>
#include <cstring>

#include "dataplane/net/bytes.h"

namespace causeway {

namespace {

// The lowest index that is not below `floor` and has these 16 bits.
std::int64_t with_sequence(std::int64_t floor, std::uint16_t sequence) {
  return floor + static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(floor));
}

}  // namespace

std::optional<std::uint64_t> LegSequence::map(std::uint64_t index, std::uint16_t sequence_offset) {
  if (!started) {
    const std::int64_t first = floor != 0 ? floor : static_cast<std::uint16_t>(index + sequence_offset);
    delta = first - static_cast<std::int64_t>(index);
    highest_index = index;
  } else if (index > highest_index && index - highest_index >= kLongestJump) {
    floor = static_cast<std::int64_t>(highest_index) + delta + 1;
    delta = floor - static_cast<std::int64_t>(index);
  }
  return give(index);
}

std::optional<std::uint64_t> LegSequence::map_keeping(std::uint64_t index) {
  if (!started) {
    delta = with_sequence(floor, static_cast<std::uint16_t>(index)) - static_cast<std::int64_t>(index);
    highest_index = index;
  }
  return give(index);
}

std::optional<std::uint64_t> LegSequence::give(std::uint64_t index) {
  started = true;
  highest_index = std::max(highest_index, index);
  const std::int64_t mapped = static_cast<std::int64_t>(index) + delta;
  if (mapped < floor) return std::nullopt;
  return static_cast<std::uint64_t>(mapped);
}

// Fixed header: RFC 3550, 5.1.
void rewrite_rtp_header(std::span<const std::uint8_t> packet, const RtpHeader& header, const LegRewrite& leg,
                        std::uint64_t index, std::uint8_t* out) {
  std::memcpy(out, packet.data(), std::min<std::size_t>(header.length, packet.size()));
  const std::uint8_t payload_type = leg.payload_types[header.payload_type % kPayloadTypes];
  if (payload_type != kSamePayloadType) {
    out[1] = static_cast<std::uint8_t>((packet[1] & 0x80) | (payload_type & 0x7f));
  }
  net::store_be16(out + 2, static_cast<std::uint16_t>(index));
  net::store_be32(out + 4, header.timestamp + leg.timestamp_offset);
  net::store_be32(out + 8, leg.ssrc);
}

}  // namespace causeway
