// RTCP: the walk over a compound packet, and its two ways through the appliance. Downstream: what a publisher
// says of its own stream (SR, SDES, BYE, APP) goes to each leg in the leg's numbers. Upstream: what a
// subscriber says of a leg (RR, NACK, PLI, FIR, REMB, TWCC ...) goes to the publisher in the publisher's
// numbers. Nothing here decides or aggregates: that comes later. Pure, over bytes; never reads or writes
// outside its spans; output is never longer than input + 4... see below.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/rewrite.h"

namespace causeway::rtcp {

// Packet types (RFC 3550, RFC 4585, RFC 3611).
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

// Is this a well-formed compound or reduced-size packet: every packet of version 2, lengths that add up
// exactly, counts that fit their packets, padding only on the last (RFC 3550 A.2, RFC 5506)?
bool valid(std::span<const std::uint8_t> compound);

// The sender's SSRC: bytes 4..7. Requires valid().
std::uint32_t sender_ssrc(std::span<const std::uint8_t> compound);

// Does anything in the compound concern this SSRC as its *sender or source* (SR sender, SDES chunk, BYE
// source, APP sender)? Requires valid().
bool speaks_for(std::span<const std::uint8_t> compound, std::uint32_t ssrc);

// Calls f(ssrc) for each SSRC that the compound reports *about* (report blocks, media SSRC of feedback, FIR
// and REMB entries). Requires valid(). Stops after 64.
template <class F>
void for_each_target(std::span<const std::uint8_t> compound, F&& f);

// Writes what the publisher said of mapping.publisher_ssrc in the leg's numbers: SSRCs renamed, SR's RTP
// timestamp shifted, report blocks left out (they concern what the appliance sends to the publisher), chunks
// of other sources left out. Returns the bytes written: 0 if nothing of it concerns the mapping; never more
// than compound.size(). Requires valid() and out.size() >= compound.size(). `out` does not overlap.
std::size_t to_leg(std::span<const std::uint8_t> compound, const Mapping& mapping,
                   std::span<std::uint8_t> out);

// Writes what the subscriber said about mapping.leg_ssrc in the publisher's numbers: report blocks (extended
// highest sequence number shifted), generic NACK (PIDs shifted), PLI, FIR, SLI/RPSI as they are, REMB entries
// renamed; the sender's SSRC becomes own_ssrc. SR sender info of the subscriber is turned into an RR. SDES,
// BYE and APP of the subscriber stay here. Same bounds as to_leg.
std::size_t to_publisher(std::span<const std::uint8_t> compound, const Mapping& mapping,
                         std::uint32_t own_ssrc, std::span<std::uint8_t> out);

}  // namespace causeway::rtcp
