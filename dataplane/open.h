// The stage that turns what arrived into what was published: replay check, SRTP or SRTCP open of the whole
// burst as one batch, replay update after authentication. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/packet.h"
#include "dataplane/session.h"
#include "dataplane/srtp/engine.h"
#include "dataplane/tables.h"

namespace causeway {

// Packets that one call of a stage takes at most: the receive burst.
inline constexpr std::size_t kBurst = 32;

// Opens RTP and RTCP in place. In: packets with kind rtp or rtcp and their transport; out: `payload` is the
// plain packet with its length, RTP has its layer and index; or `drop` says why not. Packets with a drop or
// another kind are passed over. Nothing is remembered of a packet that did not authenticate, but that it
// failed (LayerSession::rollover_guess).
class OpenStage {
 public:
  OpenStage(Tables& tables, Session& session, srtp::Engine& engine)
      : tables_(tables), session_(session), engine_(engine) {}

  void open(std::span<Packet> burst);  // at most kBurst

 private:
  void open_rtp(std::span<Packet> burst);
  void open_rtcp(std::span<Packet> burst);
  bool prepare_rtp(Packet& packet, srtp::OpenJob& job);
  void estimate(Packet& packet, srtp::Suite suite);
  static const srtp::SessionKeys* estimate_relayed(Packet& packet, const TransportSettings& settings);
  bool find_inlet(Packet& packet) const;
  bool prepare_rtcp(Packet& packet, srtp::OpenJob& job);
  void settle_rtp(Packet& packet, const srtp::OpenJob& job);
  void settle_rtcp(Packet& packet, const srtp::OpenJob& job);

  Tables& tables_;
  Session& session_;
  srtp::Engine& engine_;
  std::array<srtp::OpenJob, kBurst> jobs_;
  std::array<Packet*, kBurst> owners_{};
};

}  // namespace causeway
