// Frames as hosts behind the WAN send them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "tests/support/wan/frame.h"

namespace causeway::wan {

using Frame = std::vector<std::uint8_t>;

inline constexpr Mac kBroadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

inline Mac mac(std::uint8_t number) {
  return {2, 0, 0, 0, 0, number};
}

inline Frame ethernet(const Mac& to, const Mac& from, std::uint16_t type, const Frame& payload) {
  Frame frame(to.begin(), to.end());
  frame.insert(frame.end(), from.begin(), from.end());
  frame.push_back(static_cast<std::uint8_t>(type >> 8));
  frame.push_back(static_cast<std::uint8_t>(type));
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

inline Frame udp(std::uint16_t from, std::uint16_t to, const Frame& payload) {
  const auto length = static_cast<std::uint16_t>(8 + payload.size());
  Frame bytes;
  for (const std::uint16_t word : {from, to, length, std::uint16_t{0}}) {
    bytes.push_back(static_cast<std::uint8_t>(word >> 8));
    bytes.push_back(static_cast<std::uint8_t>(word));
  }
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

// Only what the WAN reads of the headers.
inline Frame ipv4(std::uint8_t protocol, const Frame& payload, std::uint8_t words_of_options = 0,
                  std::uint16_t fragment = 0) {
  Frame bytes(20u + words_of_options * 4u, 0);
  bytes[0] = static_cast<std::uint8_t>(0x45 + words_of_options);
  bytes[6] = static_cast<std::uint8_t>(fragment >> 8);
  bytes[7] = static_cast<std::uint8_t>(fragment);
  bytes[9] = protocol;
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

inline Frame ipv6(std::uint8_t next_header, const Frame& payload) {
  Frame bytes(40, 0);
  bytes[0] = 0x60;
  bytes[6] = next_header;
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

inline constexpr std::uint8_t kUdp = 17;

// An RTP packet whose last byte is its number.
inline Frame rtp(const Mac& to, const Mac& from, std::uint8_t number = 0) {
  return ethernet(to, from, 0x0800, ipv4(kUdp, udp(20000, 6000, {0x80, 96, number})));
}

inline Frame control(const Mac& to, const Mac& from, std::uint8_t number = 0) {
  return ethernet(to, from, 0x0800, ipv4(kUdp, udp(4000, 4000, {1, number})));
}

inline Frame arp(const Mac& to, const Mac& from) {
  return ethernet(to, from, 0x0806, Frame(28, 0));
}

}  // namespace causeway::wan
