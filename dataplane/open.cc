#include "dataplane/open.h"

#include "dataplane/net/bytes.h"
#include "dataplane/relay/shim.h"

namespace causeway {

namespace {

using Verdict = srtp::ReplayWindow::Verdict;

Drop drop_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::fresh:
      return Drop::none;
    case Verdict::replayed:
      return Drop::srtp_replayed;
    case Verdict::too_old:
      return Drop::srtp_too_old;
  }
  return Drop::srtp_replayed;
}

constexpr std::size_t kRtcpHeader = 8;

}  // namespace

void OpenStage::open(std::span<Packet> burst) {
  open_rtp(burst);
  open_rtcp(burst);
}

void OpenStage::open_rtp(std::span<Packet> burst) {
  std::size_t n = 0;
  for (Packet& packet : burst) {
    if (packet.drop != Drop::none || packet.kind != Kind::rtp) continue;
    if (!prepare_rtp(packet, jobs_[n])) continue;
    // The indices of a burst are estimated from what was accepted before it. Two kinds of packet are settled
    // at once, so that the next one is estimated from them: a source's first, for its sequence number may
    // wrap in this very burst; and plain ones, for a stray number among them must not cost the others (and
    // nothing is gained by opening them together).
    const bool first = !session_.layers[packet.layer].index.started();
    if (first || jobs_[n].keys->suite() == srtp::Suite::none) {
      engine_.open_rtp({&jobs_[n], 1});
      settle_rtp(packet, jobs_[n]);
    } else {
      owners_[n++] = &packet;
    }
  }
  engine_.open_rtp(std::span(jobs_).first(n));
  for (std::size_t i = 0; i < n; ++i)
    settle_rtp(*owners_[i], jobs_[i]);
}

void OpenStage::open_rtcp(std::span<Packet> burst) {
  std::size_t n = 0;
  for (Packet& packet : burst) {
    if (packet.drop != Drop::none || packet.kind != Kind::rtcp) continue;
    if (prepare_rtcp(packet, jobs_[n])) owners_[n++] = &packet;
  }
  engine_.open_rtcp(std::span(jobs_).first(n));
  for (std::size_t i = 0; i < n; ++i)
    settle_rtcp(*owners_[i], jobs_[i]);
}

bool OpenStage::prepare_rtp(Packet& packet, srtp::OpenJob& job) {
  const Transport& transport = tables_.transports[packet.transport];
  const TransportSettings& settings = *transport.settings.load(std::memory_order_acquire);
  const srtp::SessionKeys* keys = settings.receive.get();
  const SsrcMap* layers = transport.layers.load(std::memory_order_acquire);
  packet.layer = layers == nullptr ? kNoId : layers->find(packet.rtp.ssrc);
  if (keys == nullptr) {
    packet.drop = Drop::not_a_sender;
  } else if (packet.layer == kNoId) {
    packet.drop = Drop::unknown_ssrc;
  } else if (packet.payload_length < packet.rtp.length + srtp::info(keys->suite()).rtp_tag_length) {
    packet.drop = Drop::srtp_too_short;
  }
  if (packet.drop != Drop::none) return false;

  if (tables_.layers[packet.layer].outlet != kNoId) {
    keys = estimate_relayed(packet, settings);
  } else {
    estimate(packet, keys->suite());
  }
  if (packet.drop != Drop::none) return false;
  packet.drop = drop_of(session_.layers[packet.layer].index.check(packet.index));
  job = {.keys = keys,
         .packet = packet.payload,
         .length = packet.payload_length,
         .header_length = packet.rtp.length,
         .index = packet.index};
  return packet.drop == Drop::none;
}

void OpenStage::estimate(Packet& packet, srtp::Suite suite) {
  LayerSession& layer = session_.layers[packet.layer];
  packet.index = suite == srtp::Suite::none ? layer.index.estimate_plain(packet.rtp.sequence)
                                            : layer.index.estimate(packet.rtp.sequence);
  if (!layer.index.started()) packet.index += layer.rollover_guess() << 16;
}

// A peer node says it, and which key it is. Both are authenticated with the packet: its keystream and its tag
// depend on them.
const srtp::SessionKeys* OpenStage::estimate_relayed(Packet& packet, const TransportSettings& settings) {
  const auto shim = relay::read_shim({packet.payload, packet.payload_length});
  if (!shim) {
    packet.drop = Drop::relay_without_shim;
    return nullptr;
  }
  packet.index = std::uint64_t{shim->rollover} << 16 | packet.rtp.sequence;
  const bool is_other = settings.receive_other != nullptr && shim->epoch == settings.other_epoch;
  return is_other ? settings.receive_other.get() : settings.receive.get();
}

void OpenStage::settle_rtp(Packet& packet, const srtp::OpenJob& job) {
  LayerSession& layer = session_.layers[packet.layer];
  if (!job.authentic) {
    ++layer.failures;
    packet.drop = Drop::srtp_auth_failed;
    return;
  }
  packet.drop = drop_of(layer.index.accept(packet.index));
  packet.payload_length = job.length;
}

// A peer node speaks RTCP under one SSRC for each layer that it relays: as many as there are inlets, each
// with the index of its last packet in place of a window. What overtook another one was the newer word.
bool OpenStage::find_inlet(Packet& packet) const {
  if (!packet.from_node) return false;
  const SsrcMap* layers = tables_.transports[packet.transport].layers.load(std::memory_order_acquire);
  if (layers != nullptr) packet.layer = layers->find(net::load_be32(packet.payload + 4));
  return packet.layer != kNoId;
}

bool OpenStage::prepare_rtcp(Packet& packet, srtp::OpenJob& job) {
  const srtp::SessionKeys* keys =
      tables_.transports[packet.transport].settings.load(std::memory_order_acquire)->receive.get();
  if (keys == nullptr) {
    packet.drop = Drop::not_a_sender;
    return false;
  }
  const auto trailer = srtp::rtcp_trailer(keys->suite(), {packet.payload, packet.payload_length});
  if (!trailer || packet.payload_length < kRtcpHeader) {
    packet.drop = Drop::srtp_too_short;
    return false;
  }
  job = {
      .keys = keys, .packet = packet.payload, .length = packet.payload_length, .header_length = kRtcpHeader};
  const bool is_of_inlet = find_inlet(packet);
  if (keys->suite() == srtp::Suite::none) return true;  // plain RTCP has no index
  packet.index = trailer->index;
  if (!trailer->encrypted) {
    packet.drop = Drop::srtcp_unencrypted;
  } else if (is_of_inlet) {
    if (packet.index < session_.layers[packet.layer].next_rtcp_index) packet.drop = Drop::srtp_replayed;
  } else {
    packet.drop = drop_of(session_.transports[packet.transport].rtcp_sources.check(
        net::load_be32(packet.payload + 4), trailer->index));
  }
  return packet.drop == Drop::none;
}

void OpenStage::settle_rtcp(Packet& packet, const srtp::OpenJob& job) {
  if (!job.authentic) {
    packet.drop = Drop::srtp_auth_failed;
    return;
  }
  packet.payload_length = job.length;
  if (job.keys->suite() == srtp::Suite::none) return;
  if (packet.layer != kNoId) {
    std::uint32_t& next = session_.layers[packet.layer].next_rtcp_index;
    if (packet.index < next) {
      packet.drop = Drop::srtp_replayed;  // by another one of this burst
    } else {
      next = static_cast<std::uint32_t>(packet.index) + 1;
    }
    return;
  }
  RtcpSources& sources = session_.transports[packet.transport].rtcp_sources;
  const std::uint32_t ssrc = net::load_be32(packet.payload + 4);
  if (!sources.room_for(ssrc)) {
    packet.drop = Drop::srtcp_too_many_sources;
    return;
  }
  packet.drop = drop_of(sources.accept(ssrc, static_cast<std::uint32_t>(packet.index)));
}

}  // namespace causeway
