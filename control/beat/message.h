// The bodies of the records BEAT, PROBE_REQUEST and PROBE_REPLY. All numbers are big-endian; times are
// microseconds. Frames carry the boot ids of both ends, so that the bodies need none.
//
// | BEAT, 101 bytes | bytes | |
// | --- | --- | --- |
// | number | 8 | of the beats from the sender to this receiver, from 1, in the sender's boot |
// | sent | 8 | the sender's clock |
// | echo: number | 8 | of the newest beat that the sender got from the receiver's present boot; 0: none |
// | echo: sent | 8 | that beat's `sent`: the receiver's own clock |
// | echo: held | 4 | from that beat's arrival until this one was sent; the greatest number stands for more |
// | received | 4 | how many different beats the sender got from the receiver's present boot, modulo 2^32 |
// | state | 1 | the sender's state of the link: 1 Down, 2 Init, 3 Up (RFC 5880, 4.1) |
// | drain | 1 | of the sender: 0 none, 1 soft, 2 hard |
// | load | 1 | of the sender, in percent, at most 100 |
// | flags | 1 | 1: stalled, its own view is frozen. 2: it has local media. Others are not looked at |
// | heard | 16 | the nodes that the sender heard lately: nodes 0 to 63, then 64 to 127 |
// | two-way | 16 | those of them that hear the sender |
// | hear you | 16 | those of them that hear the receiver, as their last rows told the sender |
// | clock | 8 | the greatest stamp that the sender knows of (Lamport) |
// | broken flows | 1 | bit f: nothing comes by the receiver's source port f any more, though it does by
// others |
//
// | PROBE_REQUEST, 5 bytes | bytes | |
// | --- | --- | --- |
// | target | 1 | the node that the sender does not hear |
// | nonce | 4 | not 0; comes back with the answer |
//
// | PROBE_REPLY, 6 bytes | bytes | |
// | --- | --- | --- |
// | target, nonce | 5 | as asked |
// | answer | 1 | 1: it answered the sender. 2: the sender asked it, and it is silent |
//
// Later versions may append: what is longer is read, what is shorter is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "control/verdict/view.h"
#include "control/wire/bytes.h"
#include "control/wire/ids.h"

namespace causeway::control::beat {

inline constexpr std::size_t kBeatBytes = 101;
inline constexpr std::size_t kProbeRequestBytes = 5;
inline constexpr std::size_t kProbeReplyBytes = 6;

// RFC 5880, 4.1, with its values. AdminDown (0) is not used: a node that is not to be used drains.
enum class LinkState : std::uint8_t { down = 1, init = 2, up = 3 };

// What one end says of the newest beat of the other end.
struct Echo {
  std::uint64_t number = 0;  // 0: it got none, and the rest is 0
  TimeUs sent_us = 0;
  std::uint32_t held_us = 0;
  bool operator==(const Echo&) const = default;
};

struct Beat {
  std::uint64_t number = 0;
  TimeUs sent_us = 0;
  Echo echo;
  std::uint32_t received = 0;
  LinkState state = LinkState::down;
  Row row;  // at_us is the receiver's
  Stamp clock = 0;
  std::uint8_t broken_flows = 0;
};

struct ProbeRequest {
  NodeId target = kNoNode;
  std::uint32_t nonce = 0;
};

enum class ProbeAnswer : std::uint8_t { alive = 1, silent = 2 };
struct ProbeReply {
  NodeId target = kNoNode;
  std::uint32_t nonce = 0;
  ProbeAnswer answer = ProbeAnswer::silent;
};

void write(wire::Writer& writer, const Beat& beat);
void write(wire::Writer& writer, const ProbeRequest& request);
void write(wire::Writer& writer, const ProbeReply& reply);

// False, and `out` is not to be used, if the body is too short or holds a value that none may have. Which
// nodes exist is for the caller to check; what the sets after `heard` have beyond it is left out.
bool read(std::span<const std::uint8_t> body, Beat& out);
bool read(std::span<const std::uint8_t> body, ProbeRequest& out);
bool read(std::span<const std::uint8_t> body, ProbeReply& out);

}  // namespace causeway::control::beat
