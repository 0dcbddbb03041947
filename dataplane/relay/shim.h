// The relay shim: what a packet of a track says between two nodes, beside what its publisher said. Over RTP
// it is a header extension (RFC 3550, 5.3.1) in front of the publisher's own, which stays as it was behind
// it, whatever its kind; over RTCP it is an APP packet (RFC 3550, 6.7), the keepalive of a silent track. SRTP
// authenticates both. Pure, over bytes; layouts in docs/relay-protocol.md, section 7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/packet.h"
#include "dataplane/relay/label.h"

namespace causeway::relay {

struct Shim {
  Label label;                 // of the sending node, as its control thread last published it
  std::uint32_t rollover = 0;  // the packet's rollover counter (RFC 3711, 3.3.1): nobody has to guess it
  std::uint8_t epoch = 0;      // under which of the pair's keys, while two are in use
};

inline constexpr std::uint32_t kShimBytes = 20;  // with the extension's own header
inline constexpr std::size_t kKeepaliveBytes = 24;

// Writes the shim into a header that already stands at `rtp`, `length` bytes with CSRCs and extension, behind
// which there is room for kShimBytes more. Returns the new length.
std::uint32_t insert_shim(const Shim& shim, std::uint32_t length, std::uint8_t* rtp);

// Of a packet whose header classify has checked. nullopt if it carries none.
std::optional<Shim> read_shim(std::span<const std::uint8_t> rtp);

// Takes the shim, which read_shim() found, out of the packet: its header moves towards the payload. `payload`
// and `rtp` of the packet are then as the publisher sent them.
void strip_shim(Packet& packet);

// Writes an SRTCP packet's plain form, for the leg with this SSRC.
void write_keepalive(const Label& label, std::uint32_t ssrc, std::span<std::uint8_t, kKeepaliveBytes> out);
// nullopt if the compound is no keepalive. Requires rtcp::valid().
std::optional<Label> read_keepalive(std::span<const std::uint8_t> compound);

}  // namespace causeway::relay
