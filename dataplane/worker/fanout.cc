// One opened packet becomes N copies: rewritten for each leg, sealed from the one plaintext as a batch, sent.
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "dataplane/worker/worker.h"

namespace causeway {

namespace {

constexpr std::uint64_t kLastRtpIndex = (std::uint64_t{1} << 48) - 1;

// RFC 3550, 5.1: the last byte counts the padding, itself included.
bool padding_is_sane(const Packet& packet) {
  if (!packet.rtp.padding) return true;
  const std::uint32_t room = packet.payload_length - packet.rtp.length;
  return room > 0 && packet.payload[packet.payload_length - 1] != 0 &&
         packet.payload[packet.payload_length - 1] <= room;
}

void request_checksums(rte_mbuf& mbuf, const HeaderTemplate& header, TxChecksums checksums) {
  if (checksums.udp_by_port) mbuf.ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
  if (checksums.ipv4_by_port && !header.v6) mbuf.ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
  if (!checksums.udp_by_port && !checksums.ipv4_by_port) return;
  mbuf.ol_flags |= header.v6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4;
  mbuf.l2_len = header.l3_offset & 0x7f;  // a bit field of 7
  mbuf.l3_len = header.v6 ? 40 : 20;
}

}  // namespace

void Worker::fan_out_rtp(Packet& packet) {
  if (!padding_is_sane(packet)) {
    packet.drop = Drop::rtp_bad_padding;
    return;
  }
  const LegList* legs = env_.tables->layers[packet.layer].legs.load(std::memory_order_acquire);
  if (legs == nullptr || legs->legs.empty()) {
    packet.drop = Drop::track_without_legs;
    return;
  }
  for (const Id leg : legs->legs)
    copy_rtp(packet, leg);
}

void Worker::copy_rtp(const Packet& packet, Id leg_id) {
  const Leg& leg = env_.tables->legs[leg_id];
  const Transport& to = env_.tables->transports[leg.transport];
  counters_.copies.add(1);

  Copy copy{.header = &to.rtp_header,
            .port_index = to.port_index,
            .leg = leg_id,
            .arrival_tsc = packet.arrival_tsc};
  const std::size_t tag = srtp::info(to.send->suite()).rtp_tag_length;
  const auto sealed_length = static_cast<std::uint32_t>(packet.payload_length + tag);
  if (ip_length(to.rtp_header, sealed_length) > to.mtu) return drop_copy(EgressDrop::mtu_exceeded, leg_id);
  if (!to.next_hop.read(copy.next_hop)) return drop_copy(EgressDrop::next_hop_unresolved, leg_id);
  const auto index = session_.legs[leg_id].sequence.map(packet.index, leg.rewrite.sequence_offset);
  if (!index) return drop_copy(EgressDrop::before_first, leg_id);
  if (*index > kLastRtpIndex) return drop_copy(EgressDrop::key_exhausted, leg_id);
  copy.mbuf = take_buffer();
  if (copy.mbuf == nullptr) return drop_copy(EgressDrop::no_buffer, leg_id);

  std::uint8_t* rtp = rte_pktmbuf_mtod(copy.mbuf, std::uint8_t*) + to.rtp_header.length;
  rewrite_rtp_header({packet.payload, packet.payload_length}, packet.rtp, leg.rewrite, *index, rtp);
  seal_jobs_[pending_] = {.keys = to.send.get(),
                          .payload = packet.payload + packet.rtp.length,
                          .payload_length = packet.payload_length - packet.rtp.length,
                          .packet = rtp,
                          .header_length = packet.rtp.length,
                          .index = *index};
  copies_[pending_++] = copy;
  if (pending_ == kCopies) seal_and_emit();
}

rte_mbuf* Worker::take_buffer() {
  if (buffers_left_ == 0) {
    if (rte_pktmbuf_alloc_bulk(env_.pool, buffers_.data(), kCopies) != 0) return nullptr;
    buffers_left_ = kCopies;
  }
  return buffers_[--buffers_left_];
}

void Worker::drop_copy(EgressDrop reason, Id leg) {
  counters_.egress_drops[static_cast<std::size_t>(reason)].add(1);
  if (leg != kNoId) session_.legs[leg].counters.dropped.add(1);
}

void Worker::seal_and_emit() {
  if (pending_ == 0) return;
  engine_->seal_rtp(std::span(seal_jobs_).first(pending_));
  std::size_t sealed = 0;
  for (std::size_t i = 0; i < pending_; ++i) {
    if (take_sealed(copies_[i], seal_jobs_[i])) copies_[sealed++] = copies_[i];
  }
  emit(std::span(copies_).first(sealed));
  pending_ = 0;
}

// False, and the copy is gone, if sealing failed: nothing unsealed may leave.
bool Worker::take_sealed(Copy& copy, const srtp::SealJob& job) {
  copy.payload_length = job.length;
  if (job.length != 0) return true;
  drop_copy(EgressDrop::seal_failed, copy.leg);
  rte_pktmbuf_free(copy.mbuf);
  return false;
}

// Headers and checksums for each copy, then one transmit burst per port.
void Worker::emit(std::span<Copy> copies) {
  for (Copy& copy : copies) {
    const TxChecksums checksums = env_.ports[copy.port_index].checksums;
    write_headers(*copy.header, copy.next_hop, copy.payload_length, checksums,
                  rte_pktmbuf_mtod(copy.mbuf, std::uint8_t*));
    request_checksums(*copy.mbuf, *copy.header, checksums);
    const std::uint32_t length = copy.header->length + copy.payload_length;
    copy.mbuf->data_len = static_cast<std::uint16_t>(length);
    copy.mbuf->pkt_len = length;
  }
  std::array<Copy*, kCopies> of_port;
  for (std::uint16_t port = 0; port < env_.ports.size(); ++port) {
    std::size_t n = 0;
    for (Copy& copy : copies) {
      if (copy.port_index == port) of_port[n++] = &copy;
    }
    if (n != 0) transmit(port, std::span(of_port).first(n));
  }
}

void Worker::transmit(std::uint16_t port_index, std::span<Copy*> copies) {
  const WorkerPort& port = env_.ports[port_index];
  std::array<rte_mbuf*, kCopies> mbufs;
  for (std::size_t i = 0; i < copies.size(); ++i)
    mbufs[i] = copies[i]->mbuf;
  const std::size_t sent =
      rte_eth_tx_burst(port.device, port.queue, mbufs.data(), static_cast<std::uint16_t>(copies.size()));
  const std::uint64_t now_tsc = rte_rdtsc();
  for (std::size_t i = 0; i < sent; ++i)
    count_sent(*copies[i], now_tsc);
  for (std::size_t i = sent; i < copies.size(); ++i)
    drop_copy(EgressDrop::tx_full, copies[i]->leg);
  rte_pktmbuf_free_bulk(mbufs.data() + sent, static_cast<unsigned>(copies.size() - sent));
}

void Worker::count_sent(const Copy& copy, std::uint64_t now_tsc) {
  counters_.sent.add(1);
  counters_.sent_bytes.add(copy.header->length + copy.payload_length);
  if (copy.leg == kNoId) return;
  LegCounters& counters = session_.legs[copy.leg].counters;
  if (copy.arrival_tsc == 0) {
    counters.rtcp_packets.add(1);
    return;
  }
  counters.packets.add(1);
  counters.bytes.add(copy.payload_length);
  const std::uint64_t latency_tsc = now_tsc - copy.arrival_tsc;
  counters.latency_tsc_sum.add(latency_tsc);
  if (latency_tsc > counters.latency_tsc_max.read()) counters.latency_tsc_max.set(latency_tsc);
}

}  // namespace causeway
