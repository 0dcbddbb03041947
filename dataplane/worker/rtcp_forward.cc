// RTCP's two ways: a publisher's words go down each leg, a subscriber's words about a leg go up to the
// publisher.
#include <algorithm>
#include <array>

#include <rte_mbuf.h>

#include "dataplane/rtcp.h"
#include "dataplane/worker/worker.h"

namespace causeway {

namespace {

constexpr std::uint32_t kRtcpHeader = 8;
constexpr std::uint32_t kLastRtcpIndex = 0x7fffffff;

}  // namespace

void Worker::forward_rtcp(Packet& packet) {
  if (!rtcp::valid({packet.payload, packet.payload_length})) {
    packet.drop = Drop::rtcp_malformed;
    return;
  }
  seal_and_emit();  // a BYE must not overtake the media in front of it
  if (rtcp_to_legs(packet) + rtcp_to_publishers(packet) == 0) packet.drop = Drop::rtcp_no_target;
}

// Returns the copies that were made, sent or not.
std::size_t Worker::rtcp_to_legs(const Packet& packet) {
  const std::span<const std::uint8_t> compound{packet.payload, packet.payload_length};
  const SsrcMap* layers = env_.tables->transports[packet.transport].layers.load(std::memory_order_acquire);
  if (layers == nullptr) return 0;
  std::size_t copies = 0;
  for (const auto& [ssrc, layer] : layers->entries) {
    const LegList* legs = env_.tables->layers[layer].legs.load(std::memory_order_acquire);
    if (legs == nullptr || !rtcp::speaks_for(compound, ssrc)) continue;
    for (const Id leg_id : legs->legs) {
      const Leg& leg = env_.tables->legs[leg_id];
      LegSession& session = session_.legs[leg_id];
      const rtcp::Mapping mapping{.publisher_ssrc = ssrc,
                                  .leg_ssrc = leg.rewrite.ssrc,
                                  .timestamp_offset = leg.rewrite.timestamp_offset,
                                  .sequence_delta = session.sequence.delta};
      const std::size_t length = rtcp::to_leg(compound, mapping, scratch_);
      if (length == 0) continue;
      send_rtcp(leg.transport, leg_id, session.rtcp_send_index, std::span(scratch_).first(length));
      ++copies;
    }
  }
  return copies;
}

// Returns the copies that were made, sent or not.
std::size_t Worker::rtcp_to_publishers(const Packet& packet) {
  const std::span<const std::uint8_t> compound{packet.payload, packet.payload_length};
  const SsrcMap* legs = env_.tables->transports[packet.transport].legs.load(std::memory_order_acquire);
  if (legs == nullptr) return 0;
  std::array<std::uint32_t, rtcp::kMaxTargets> ssrcs;
  const std::size_t n = rtcp::targets(compound, ssrcs);
  std::size_t copies = 0;
  for (const std::uint32_t ssrc : std::span(ssrcs).first(n)) {
    const Id leg = legs->find(ssrc);
    if (leg != kNoId && rtcp_to_publisher(compound, leg)) ++copies;
  }
  return copies;
}

// True if a copy was made, sent or not.
bool Worker::rtcp_to_publisher(std::span<const std::uint8_t> compound, Id leg_id) {
  const Leg& leg = env_.tables->legs[leg_id];
  const Layer& layer = env_.tables->layers[leg.layer];
  const Transport& publisher = env_.tables->transports[layer.transport];
  const LegSequence& sequence = session_.legs[leg_id].sequence;
  // Before the leg's first packet nothing can be said of it; without keys the publisher is never spoken to.
  if (!sequence.started || publisher.send == nullptr) return false;
  const rtcp::Mapping mapping{.publisher_ssrc = layer.ssrc,
                              .leg_ssrc = leg.rewrite.ssrc,
                              .timestamp_offset = leg.rewrite.timestamp_offset,
                              .sequence_delta = sequence.delta};
  const std::size_t length = rtcp::to_publisher(compound, mapping, publisher.own_ssrc, scratch_);
  if (length == 0) return false;
  send_rtcp(layer.transport, kNoId, session_.transports[layer.transport].rtcp_send_index,
            std::span(scratch_).first(length));
  return true;
}

void Worker::send_rtcp(Id to_id, Id leg, std::uint32_t& send_index, std::span<const std::uint8_t> compound) {
  const Transport& to = env_.tables->transports[to_id];
  counters_.copies.add(1);
  Copy copy{.header = &to.rtcp_header, .port_index = to.port_index, .leg = leg};
  const auto sealed_length =
      static_cast<std::uint32_t>(compound.size() + srtp::rtcp_overhead(to.send->suite()));
  if (ip_length(to.rtcp_header, sealed_length) > to.mtu) return drop_copy(EgressDrop::mtu_exceeded, leg);
  if (!to.next_hop.read(copy.next_hop)) return drop_copy(EgressDrop::next_hop_unresolved, leg);
  if (send_index > kLastRtcpIndex) return drop_copy(EgressDrop::key_exhausted, leg);
  copy.mbuf = take_buffer();
  if (copy.mbuf == nullptr) return drop_copy(EgressDrop::no_buffer, leg);

  std::uint8_t* rtcp = rte_pktmbuf_mtod(copy.mbuf, std::uint8_t*) + to.rtcp_header.length;
  std::ranges::copy(compound.first(kRtcpHeader), rtcp);
  srtp::SealJob job{.keys = to.send.get(),
                    .payload = compound.data() + kRtcpHeader,
                    .payload_length = static_cast<std::uint32_t>(compound.size()) - kRtcpHeader,
                    .packet = rtcp,
                    .header_length = kRtcpHeader,
                    .index = send_index++};
  engine_->seal_rtcp({&job, 1});
  if (take_sealed(copy, job)) emit({&copy, 1});
}

}  // namespace causeway
