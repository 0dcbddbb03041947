// The RTCP and STUN that stands between media: what publishers and subscribers say, as plain bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace causeway::pktgen {

inline constexpr std::size_t kMostControl = 128;  // bytes of each of these

// What a publisher says of its stream: sender report and CNAME (RFC 3550, 6.4.1 and 6.5). Returns the length.
struct SenderReport {
  std::uint32_t ssrc = 0;
  std::uint64_t media_ns = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
};
std::size_t write_sender_report(const SenderReport& report, std::span<std::uint8_t, kMostControl> out);

// What a subscriber says of a leg: receiver report and CNAME, and behind it a request where there is one (RFC
// 4585, 6.2.1 and 6.3.1).
struct Feedback {
  enum class Request : std::uint8_t { none, nack, pli };
  std::uint32_t own_ssrc = 0;
  std::uint32_t leg_ssrc = 0;
  std::uint32_t highest_sequence = 0;  // extended, in the leg's numbers
  Request request = Request::none;
};
std::size_t write_feedback(const Feedback& feedback, std::span<std::uint8_t, kMostControl> out);

// A connectivity check as ICE agents send it (RFC 8489, RFC 8445 7.1).
std::size_t write_stun(std::uint64_t transaction, std::span<std::uint8_t, kMostControl> out);

}  // namespace causeway::pktgen
