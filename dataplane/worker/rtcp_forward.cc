// RTCP's two ways: a publisher's words go down each leg, a subscriber's words about a leg go up to the
// publisher. Both may be other workers' affair: the legs of a sharded track, and tracks that others own.
#include <algorithm>
#include <array>

#include <rte_mbuf.h>

#include "dataplane/relay/shim.h"
#include "dataplane/rtcp.h"
#include "dataplane/worker/worker.h"

namespace causeway {

namespace {

constexpr std::uint32_t kRtcpHeader = 8;

}  // namespace

void Worker::forward_rtcp(Packet& packet) {
  if (!rtcp::valid({packet.payload, packet.payload_length})) {
    packet.drop = Drop::rtcp_malformed;
    return;
  }
  std::uint64_t others = 0;  // a bit for each worker whose affair it is, too
  const std::size_t copies = spread_rtcp(packet, *static_cast<rte_mbuf*>(packet.buffer), false, others);
  if (packet.drop != Drop::none) return;
  if (copies == 0 && others == 0) packet.drop = Drop::rtcp_no_target;
  share(packet, Stage::rtcp, others, 0);
}

// This worker's part of it. Returns how many that was, and adds the workers that have a part, too. is_share:
// another worker has opened and judged it.
std::size_t Worker::spread_rtcp(Packet& packet, rte_mbuf& mbuf, bool is_share, std::uint64_t& workers) {
  if (packet.from_node && packet.layer != kNoId) {
    if (const auto label = relay::read_keepalive({packet.payload, packet.payload_length})) {
      take_keepalive(packet, *label, is_share, workers);
      return 1;
    }
  }
  return rtcp_to_legs(packet, mbuf, workers) + rtcp_to_publishers(packet, workers);
}

// The packet's way to this worker's legs of each layer that it speaks for. Returns the layers, and adds the
// workers that serve the other legs.
std::size_t Worker::rtcp_to_legs(const Packet& packet, rte_mbuf& mbuf, std::uint64_t& workers) {
  if (packet.from_node) {
    const Id layer = upstream_layer(packet);
    if (layer == kNoId) return 0;
    return rtcp_to_legs_of(layer, env_.tables->layers[layer].ssrc, packet, mbuf, workers);
  }
  const SsrcMap* layers = env_.tables->transports[packet.transport].layers.load(std::memory_order_acquire);
  if (layers == nullptr) return 0;
  std::size_t served = 0;
  for (const auto& [ssrc, layer] : layers->entries)
    served += rtcp_to_legs_of(layer, ssrc, packet, mbuf, workers);
  return served;
}

// What a peer says of a leg of its own speaks for that one only. kNoId if the peer is not the track's
// upstream.
Id Worker::upstream_layer(const Packet& packet) const {
  if (packet.layer == kNoId) return kNoId;
  const Id outlet = env_.tables->layers[packet.layer].outlet;
  const RelaySettings* relay = env_.tables->relay_of(env_.tables->layers[outlet]);
  return relay != nullptr && relay->active == packet.transport ? outlet : kNoId;
}

std::size_t Worker::rtcp_to_legs_of(Id layer_id, std::uint32_t ssrc, const Packet& packet, rte_mbuf& mbuf,
                                    std::uint64_t& workers) {
  const Layer& layer = env_.tables->layers[layer_id];
  const LegList* legs = layer.legs.load(std::memory_order_acquire);
  const std::uint32_t generation = layer.generation.load(std::memory_order_acquire);
  const std::span<const std::uint8_t> compound{packet.payload, packet.payload_length};
  if (legs == nullptr || !is_live(generation) || !rtcp::speaks_for(compound, ssrc)) return 0;
  const std::uint8_t own = shard_of(layer_id);
  const std::size_t all = env_.handoff->workers();
  for (std::size_t shard = 0; shard < legs->shards.size(); ++shard) {
    if (shard == own || legs->shards[shard].empty()) continue;
    workers |= std::uint64_t{1} << (env_.id + all - own + shard) % all;
  }
  if (legs->shard(own).empty()) return 0;
  Waiting item{.mbuf = &mbuf,
               .payload = packet.payload,
               .payload_length = packet.payload_length,
               .layer = layer_id,
               .generation = generation,
               .transport = packet.transport,
               .arrival_tsc = packet.arrival_tsc,
               .rtcp = true,
               .shard = own};
  start(item, nullptr);
  return 1;
}

void Worker::copy_rtcp(const Waiting& item, Id leg_id) {
  seal_and_emit();  // a BYE must not overtake the media in front of it
  const LegSettings& leg = *env_.tables->legs[leg_id].settings.load(std::memory_order_acquire);
  LegSession& session = session_.legs[leg_id];
  const rtcp::Mapping mapping{.publisher_ssrc = env_.tables->layers[item.layer].ssrc,
                              .leg_ssrc = leg.rewrite.ssrc,
                              .timestamp_offset = leg.rewrite.timestamp_offset,
                              .sequence_delta = session.sequence.delta};
  const std::size_t length = rtcp::to_leg({item.payload, item.payload_length}, mapping, scratch_);
  if (length == 0) return;
  send_rtcp(leg.transport, leg_id, leg.priority, session.rtcp_send_index, std::span(scratch_).first(length));
}

// Returns the copies that this worker made, and adds the workers that serve the other legs it speaks of.
std::size_t Worker::rtcp_to_publishers(const Packet& packet, std::uint64_t& workers) {
  const std::span<const std::uint8_t> compound{packet.payload, packet.payload_length};
  const SsrcMap* legs = env_.tables->transports[packet.transport].legs.load(std::memory_order_acquire);
  if (legs == nullptr) return 0;
  std::array<std::uint32_t, rtcp::kMaxTargets> ssrcs;
  const std::size_t n = rtcp::targets(compound, ssrcs);
  std::size_t copies = 0;
  for (const std::uint32_t ssrc : std::span(ssrcs).first(n)) {
    const Id id = legs->find(ssrc);
    if (id == kNoId) continue;
    const LegSettings& leg = *env_.tables->legs[id].settings.load(std::memory_order_acquire);
    const WorkerId owner = env_.tables->owner_of(env_.tables->layers[leg.layer]);
    if (owner == kUnclaimed) continue;  // nothing was published yet
    const std::size_t server = (owner + leg.shard) % env_.handoff->workers();
    if (server != env_.id) {
      workers |= std::uint64_t{1} << server;
    } else if (rtcp_to_publisher(compound, leg, id)) {
      ++copies;
    }
  }
  return copies;
}

// True if a copy was made, sent or not.
bool Worker::rtcp_to_publisher(std::span<const std::uint8_t> compound, const LegSettings& leg, Id leg_id) {
  const Layer& layer = env_.tables->layers[leg.layer];
  const Id publisher_id = publisher_of(layer);
  if (publisher_id == kNoId) return false;
  const Transport& publisher = env_.tables->transports[publisher_id];
  const LegSequence& sequence = session_.legs[leg_id].sequence;
  // Before the leg's first packet nothing can be said of it; without keys the publisher is never spoken to.
  if (!sequence.started || publisher.settings.load(std::memory_order_acquire)->send == nullptr) return false;
  if (feedback_ == 0) {
    counters_.copies.add(1);
    drop_copy(EgressDrop::feedback_overload, kNoId);
    return true;
  }
  --feedback_;
  const rtcp::Mapping mapping{.publisher_ssrc = layer.ssrc,
                              .leg_ssrc = leg.rewrite.ssrc,
                              .timestamp_offset = leg.rewrite.timestamp_offset,
                              .sequence_delta = sequence.delta};
  const std::size_t length =
      rtcp::to_publisher(compound, mapping, publisher.own_ssrc.load(std::memory_order_relaxed), scratch_);
  if (length == 0) return false;
  rtcp_up(publisher_id, std::span(scratch_).first(length));
  return true;
}

// Who is told what subscribers say: of a relayed track its upstream, if it has one.
Id Worker::publisher_of(const Layer& layer) const {
  if (layer.transport != kNoId) return layer.transport;
  const RelaySettings* relay = env_.tables->relay_of(layer);
  return relay == nullptr ? kNoId : relay->active;
}

// What the appliance says to a publisher has one index, which the publisher's owner counts.
void Worker::rtcp_up(Id publisher, std::span<const std::uint8_t> compound) {
  const Transport& transport = env_.tables->transports[publisher];
  const WorkerId owner = transport.owner.load(std::memory_order_acquire);
  const std::uint32_t generation = transport.generation.load(std::memory_order_acquire);
  if (!is_live(generation)) return;
  if (owner == env_.id) {
    return send_rtcp(publisher, kNoId, Priority::high, session_.transports[publisher].rtcp_send_index,
                     compound);
  }
  rte_mbuf* mbuf = take_buffer();
  if (mbuf == nullptr || rte_pktmbuf_tailroom(mbuf) < compound.size()) {
    counters_.copies.add(1);
    drop_copy(mbuf == nullptr ? EgressDrop::no_buffer : EgressDrop::mtu_exceeded, kNoId);
    return rte_pktmbuf_free(mbuf);
  }
  auto* payload = rte_pktmbuf_mtod(mbuf, std::uint8_t*);
  std::ranges::copy(compound, payload);
  Packet packet{.payload = payload,
                .payload_length = static_cast<std::uint32_t>(compound.size()),
                .transport = publisher,
                .generation = generation};
  note_of(*mbuf) = {.packet = packet, .stage = Stage::rtcp_up};
  if (env_.handoff->give(env_.id, owner, mbuf)) return;
  counters_.copies.add(1);
  drop_copy(EgressDrop::legs_handoff_full, kNoId);
  rte_pktmbuf_free(mbuf);
}

void Worker::send_rtcp(Id to_id, Id leg, Priority priority, std::uint32_t& send_index,
                       std::span<const std::uint8_t> compound) {
  const Transport& slot = env_.tables->transports[to_id];
  const TransportSettings& to = *slot.settings.load(std::memory_order_acquire);
  if (to.send == nullptr) return;  // its keys were taken away meanwhile
  counters_.copies.add(1);
  Copy copy{.header = &to.rtcp_header, .port_index = to.port_index, .priority = priority, .leg = leg};
  const auto sealed_length =
      static_cast<std::uint32_t>(compound.size() + srtp::rtcp_overhead(to.send->suite()));
  if (ip_length(to.rtcp_header, sealed_length) > to.mtu) return drop_copy(EgressDrop::mtu_exceeded, leg);
  if (!slot.next_hop.read(copy.next_hop)) return drop_copy(EgressDrop::next_hop_unresolved, leg);
  if (send_index > (leg == kNoId ? kFirstLegRtcpIndex - 1 : kLastRtcpIndex))
    return drop_copy(EgressDrop::key_exhausted, leg);
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
