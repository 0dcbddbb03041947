// An Ethernet frame, read as far as the rules ask. Nothing of the frame is trusted; reads only inside it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace causeway::wan {

inline constexpr std::size_t kEthernetHeader = 14;

using Mac = std::array<std::uint8_t, 6>;

enum class Kind : std::uint8_t {
  media,    // UDP whose payload begins with 128..191: RTP and RTCP (RFC 7983, 7)
  control,  // UDP whose payload begins with less than 64: frames between nodes, DTLS, STUN
  other_udp,
  other_ip,
  neighbour,  // ARP and NDP
  other,
};
inline constexpr std::size_t kKinds = 6;

struct FrameInfo {
  Kind kind = Kind::other;
  bool has_ports = false;  // UDP, and not a later fragment
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
};

// Untagged frames only.
FrameInfo read_frame(std::span<const std::uint8_t> frame);

// At least kEthernetHeader bytes.
Mac destination_of(std::span<const std::uint8_t> frame);
Mac source_of(std::span<const std::uint8_t> frame);

inline bool is_multicast(const Mac& mac) {
  return (mac[0] & 1) != 0;  // broadcast, too
}

}  // namespace causeway::wan
