// RTCP: the walk over a compound packet, and its two ways through the appliance. Downstream: what a publisher
// says of its own stream (SR, SDES, BYE, APP) goes to each leg in the leg's numbers. Upstream: what a
// subscriber says of a leg (RR, NACK, PLI, FIR, REMB ...) goes to the publisher in the publisher's numbers.
// Nothing here decides or aggregates. What is about a transport or for the appliance itself stays here: XR
// (RFC 3611), transport-wide congestion control feedback, types and formats not named below. Pure, over
// bytes; never reads or writes outside its spans, whatever they hold; output is never longer than input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/rewrite.h"

namespace causeway::rtcp {

// Packet types (RFC 3550 12.1, RFC 4585 6.1, RFC 3611 2).
inline constexpr std::uint8_t kSenderReport = 200;
inline constexpr std::uint8_t kReceiverReport = 201;
inline constexpr std::uint8_t kSourceDescription = 202;
inline constexpr std::uint8_t kBye = 203;
inline constexpr std::uint8_t kApp = 204;
inline constexpr std::uint8_t kTransportFeedback = 205;
inline constexpr std::uint8_t kPayloadFeedback = 206;
inline constexpr std::uint8_t kExtendedReport = 207;

// One layer of one track as one leg shows it: publisher's numbers <-> leg's numbers.
struct Mapping {
  std::uint32_t publisher_ssrc = 0;
  std::uint32_t leg_ssrc = 0;
  std::uint32_t timestamp_offset = 0;  // leg = publisher + offset
  std::int64_t sequence_delta = 0;     // leg's extended sequence = publisher's + delta
};

// Is this a well-formed compound or reduced-size packet: every packet of version 2 and of an RTCP type (RFC
// 5761, 4), lengths that add up exactly, counts and items that fit their packets, an SSRC in the first one,
// padding only on the last (RFC 3550 A.2, RFC 5506)?
bool valid(std::span<const std::uint8_t> compound);

// The sender's SSRC: bytes 4..7. Requires valid().
std::uint32_t sender_ssrc(std::span<const std::uint8_t> compound);

// Does anything in the compound concern this SSRC as its *sender or source* (SR sender, SDES chunk, BYE
// source, APP sender)? Requires valid(). True exactly if to_leg() writes something for it.
bool speaks_for(std::span<const std::uint8_t> compound, std::uint32_t ssrc);

// Writes the SSRCs that the compound reports *about* (report blocks, media SSRC of feedback, FIR and REMB
// entries), each once, in the order of their appearance, until `out` is full; returns how many. Requires
// valid(). SSRC 0 is left out: feedback without one media source has it.
inline constexpr std::size_t kMaxTargets = 256;  // enough for a REMB, whose count has 8 bits
std::size_t targets(std::span<const std::uint8_t> compound, std::span<std::uint32_t> out);

// Writes what the publisher said of mapping.publisher_ssrc in the leg's numbers: SSRCs renamed, SR's RTP
// timestamp shifted (NTP time and counts are kept), report blocks left out (they concern what the appliance
// sends to the publisher), chunks of other sources left out. If the input begins with a report, so does the
// output, if need be with an empty RR (RFC 3550, 6.1). Returns the bytes written: 0 if nothing of it concerns
// the mapping; never more than compound.size(). Requires valid() and out.size() >= compound.size(). `out`
// does not overlap.
std::size_t to_leg(std::span<const std::uint8_t> compound, const Mapping& mapping,
                   std::span<std::uint8_t> out);

// Writes what the subscriber said about mapping.leg_ssrc in the publisher's numbers: report blocks (extended
// highest sequence number shifted modulo 2^32), generic NACK (PIDs shifted), PLI, FIR, SLI and RPSI as they
// are, REMB with the one entry; the sender's SSRC becomes own_ssrc. An SR of the subscriber is turned into an
// RR. SDES, BYE and APP of the subscriber stay here. Same bounds, and same empty RR, as to_leg.
std::size_t to_publisher(std::span<const std::uint8_t> compound, const Mapping& mapping,
                         std::uint32_t own_ssrc, std::span<std::uint8_t> out);

}  // namespace causeway::rtcp
