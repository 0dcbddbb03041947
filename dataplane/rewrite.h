// What a leg changes in a packet: SSRC, payload type, sequence number and timestamp (RTP); the SSRCs and
// everything that counts in the publisher's numbers (RTCP). Pure, over bytes; never reads or writes outside
// its spans.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/packet.h"

namespace causeway {

inline constexpr std::uint8_t kPayloadTypes = 128;
inline constexpr std::uint8_t kSamePayloadType = 0xff;

// How one leg renames one layer. Immutable.
struct LegRewrite {
  std::uint32_t ssrc = 0;              // of the leg, towards the subscriber
  std::uint32_t timestamp_offset = 0;  // added, modulo 2^32
  std::uint16_t sequence_offset = 0;   // added to the first packet's sequence number, modulo 2^16
  std::array<std::uint8_t, kPayloadTypes>
      payload_types;  // by the publisher's type; kSamePayloadType passes it on
  LegRewrite() { payload_types.fill(kSamePayloadType); }
};

// The leg's extended sequence numbers: publisher's index + delta. Fixed by the first packet that the leg
// takes: its rollover counter starts at 0, whatever the publisher's is, since a receiver that joins assumes 0
// (RFC 3711, 3.3.1). A jump ahead that no receiver can follow (it would guess the wrong rollover counter and
// never authenticate again), as when a plain publisher restarts, is closed: the leg goes on with the next
// number. A leg that comes back under the SSRC and key of one that was removed begins at that one's next(),
// which is its floor. So no index is given twice. Session state: one worker owns it.
struct LegSequence {
  static constexpr std::uint64_t kLongestJump = 1 << 15;  // RFC 3711, 3.3.1: half of the sequence numbers

  std::int64_t delta = 0;
  std::int64_t floor = 0;           // no index below it is given any more
  std::uint64_t highest_index = 0;  // of the publisher's
  bool started = false;

  // The lowest index that was not given yet.
  std::int64_t next() const { return started ? static_cast<std::int64_t>(highest_index) + delta + 1 : floor; }

  // The index under which the leg sends the packet with this publisher's index. nullopt if that would be
  // below the leg's index 0, or, after a closed jump, among those that were given before it.
  std::optional<std::uint64_t> map(std::uint64_t index, std::uint16_t sequence_offset);

  // The same for a leg to a peer node: its sequence numbers are always the publisher's, so that what comes by
  // two ways has the same numbers. Where map() would go on with the next number, this goes on with the next
  // one that has the publisher's 16 bits; the peer is told the rollover counter.
  std::optional<std::uint64_t> map_keeping(std::uint64_t index);

 private:
  std::optional<std::uint64_t> give(std::uint64_t index);
};

// Writes the clear header of the leg's copy into `out` (at least header.length bytes): the publisher's header
// bytes with SSRC, payload type, sequence (low 16 bits of `index`) and timestamp replaced. `packet` starts
// with the RTP header.
void rewrite_rtp_header(std::span<const std::uint8_t> packet, const RtpHeader& header, const LegRewrite& leg,
                        std::uint64_t index, std::uint8_t* out);

}  // namespace causeway
