// Session state: everything that changes per packet. Each entry has exactly one writer, the worker that owns
// it; nobody else touches it, so there are no locks. Indexed by the ids of the tables. While no worker can
// see an entry (before it is published, and after the grace period of its removal) it is control's, which
// clears it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataplane/counters.h"
#include "dataplane/relay/label.h"
#include "dataplane/rewrite.h"
#include "dataplane/srtp/index.h"

namespace causeway {

// Replay windows of the RTCP sources behind one transport. An entry is taken only by an authenticated packet,
// so strangers cannot fill it; more sources than entries are a counted drop.
class RtcpSources {
 public:
  static constexpr std::size_t kSources = 16;

  // Before authentication: the verdict for this source and SRTCP index; a new source is fresh if there is
  // room.
  srtp::ReplayWindow::Verdict check(std::uint32_t ssrc, std::uint32_t index) const;
  // After authentication. False if there is no room for a new source.
  bool room_for(std::uint32_t ssrc) const;
  srtp::ReplayWindow::Verdict accept(std::uint32_t ssrc, std::uint32_t index);  // requires room_for(ssrc)

 private:
  struct Source {
    std::uint32_t ssrc = 0;
    srtp::ReplayWindow window;
  };
  const Source* find(std::uint32_t ssrc) const;

  std::array<Source, kSources> sources_{};
  std::size_t used_ = 0;
};

// The SRTCP indices under one key (31 bits; RFC 3711, 3.4) have two halves: the lower one is for what the
// appliance says for itself, the upper one for its legs. So where a leg gets the SSRC under which the
// appliance has spoken until then, no index of it is sealed twice, and the remote takes the leg's for new
// ones.
inline constexpr std::uint32_t kFirstLegRtcpIndex = 1u << 30;
inline constexpr std::uint32_t kLastRtcpIndex = 0x7fffffff;

struct alignas(64) TransportSession {
  RtcpSources rtcp_sources;
  std::uint32_t rtcp_send_index = 0;  // SRTCP index of the appliance's own packets to this remote
  TransportCounters counters;
};

struct alignas(64) LayerSession {
  srtp::RtpIndex index;
  // Of an inlet: what control was told last of the media that comes by it. Of an outlet: whose media it was
  // (the origin alone).
  Label reported;
  std::uint64_t reported_tsc = 0;
  std::uint32_t next_rtcp_index = 0;  // of an inlet: the lowest SRTCP index that is still accepted
  std::uint16_t failures = 0;         // packets that did not authenticate before the first one that did

  // The rollover counter to try for the next packet while nothing was accepted yet: SRTP does not say it (RFC
  // 3711, 3.3.1), and the publisher may have been running for long. 0, 1, 0, 2, 0, 3 ...: the tag decides,
  // and a forged packet costs a publisher that begins with 0 one packet. Up to 255: 46 hours at 100 packets a
  // second.
  std::uint64_t rollover_guess() const { return failures % 2 == 0 ? 0 : (failures / 2 + 1) % 256; }
};

struct alignas(64) LegSession {
  LegSequence sequence;  // with the first counters it fills the cache line that each RTP packet needs
  LegCounters counters;
  std::uint32_t rtcp_send_index = kFirstLegRtcpIndex;  // SRTCP index of packets under the leg's SSRC
  // Of a relay leg: what the peer heard last of the track.
  std::uint64_t sent_tsc = 0;
  std::uint64_t sent_stamp = 0;
};

// All session state of a node. Entries fill whole cache lines, since neighbours have other owners.
struct Session {
  Session(std::size_t transport_capacity, std::size_t layer_capacity, std::size_t leg_capacity)
      : transports(transport_capacity), layers(layer_capacity), legs(leg_capacity) {}

  std::vector<TransportSession> transports;
  std::vector<LayerSession> layers;
  std::vector<LegSession> legs;
};

}  // namespace causeway
