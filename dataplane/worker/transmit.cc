// The last stage: copies are sealed from the one plaintext as a batch, get their headers, and go to their
// ports.
#include <algorithm>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "dataplane/worker/worker.h"

namespace causeway {

namespace {

void request_checksums(rte_mbuf& mbuf, const HeaderTemplate& header, TxChecksums checksums) {
  if (checksums.udp_by_port) mbuf.ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
  if (checksums.ipv4_by_port && !header.v6) mbuf.ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
  if (!checksums.udp_by_port && !checksums.ipv4_by_port) return;
  mbuf.ol_flags |= header.v6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4;
  mbuf.l2_len = header.l3_offset & 0x7f;  // a bit field of 7
  mbuf.l3_len = header.v6 ? 40 : 20;
}

}  // namespace

void Worker::seal_and_emit() {
  if (pending_ == 0) return;
  engine_->seal_rtp(std::span(seal_jobs_).first(pending_));
  std::size_t sealed = 0;
  for (std::size_t i = 0; i < pending_; ++i) {
    if (!take_sealed(copies_[i], seal_jobs_[i])) continue;
    if (sealed != i) copies_[sealed] = copies_[i];
    ++sealed;
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
  if (copies.empty()) return;
  for (const Copy& copy : copies) {
    const TxChecksums checksums = env_.ports[copy.port_index].checksums;
    write_headers(*copy.header, copy.next_hop, copy.payload_length, checksums,
                  rte_pktmbuf_mtod(copy.mbuf, std::uint8_t*));
    request_checksums(*copy.mbuf, *copy.header, checksums);
    const std::uint32_t length = copy.header->length + copy.payload_length;
    copy.mbuf->data_len = static_cast<std::uint16_t>(length);
    copy.mbuf->pkt_len = length;
  }
  // Almost always all are for one port, and of one priority.
  const auto alike = [&first = copies.front()](const Copy& copy) {
    return copy.port_index == first.port_index && copy.priority == first.priority;
  };
  if (std::ranges::all_of(copies, alike)) return transmit(copies);
  // Those that go first in front: if a port cannot take all, it is the others that are lost.
  std::array<Copy, kCopies> group;
  for (const Priority priority : {Priority::high, Priority::normal}) {
    for (std::uint16_t port = 0; port < env_.ports.size(); ++port) {
      const auto wanted = [&](const Copy& copy) {
        return copy.port_index == port && copy.priority == priority;
      };
      const auto end = std::ranges::copy_if(copies, group.begin(), wanted).out;
      const auto n = static_cast<std::size_t>(end - group.begin());
      if (n != 0) transmit(std::span<const Copy>(group).first(n));
    }
  }
}

// Copies for one port and of one priority.
void Worker::transmit(std::span<const Copy> copies) {
  std::array<rte_mbuf*, kCopies> mbufs;
  for (std::size_t i = 0; i < copies.size(); ++i)
    mbufs[i] = copies[i].mbuf;
  const std::uint16_t port_index = copies[0].port_index;
  const std::size_t given = give(port_index, std::span(mbufs).first(copies.size()), copies[0].priority);
  const bool by_worker = env_.ports[port_index].queue == kNoQueue;
  const std::uint64_t now_tsc = rte_rdtsc();
  std::uint64_t bytes = 0;
  for (const Copy& copy : copies.first(given)) {
    bytes += copy.header->length + copy.payload_length;
    count_sent(copy, now_tsc);
  }
  if (by_worker) {
    counters_.frames_handed_off.add(given);
  } else {
    counters_.sent.add(given);
    counters_.sent_bytes.add(bytes);
  }
  for (const Copy& copy : copies.subspan(given))
    drop_copy(by_worker ? EgressDrop::legs_handoff_full : EgressDrop::tx_full, copy.leg);
  rte_pktmbuf_free_bulk(mbufs.data() + given, static_cast<unsigned>(copies.size() - given));
}

// Returns how many of the frames, from the first one on, the port took or will get; the others stay the
// caller's.
std::size_t Worker::give(std::uint16_t port_index, std::span<rte_mbuf*> frames, Priority priority) {
  const WorkerPort& port = env_.ports[port_index];
  if (port.queue == kNoQueue) return give_to_worker(port_index, frames, priority);
  offer_held(port_index);
  Held& held = held_[port_index];
  std::size_t given = 0;
  if (held.empty()) {
    given =
        rte_eth_tx_burst(port.device, port.queue, frames.data(), static_cast<std::uint16_t>(frames.size()));
  }
  if (priority == Priority::high) given += held.push(frames.subspan(given));
  return given;
}

// Offers to the port once more what it refused.
void Worker::offer_held(std::uint16_t port_index) {
  Held& held = held_[port_index];
  if (held.empty()) return;
  const WorkerPort& port = env_.ports[port_index];
  const std::span<rte_mbuf*> frames = held.frames();
  held.pop(
      rte_eth_tx_burst(port.device, port.queue, frames.data(), static_cast<std::uint16_t>(frames.size())));
}

std::size_t Worker::give_to_worker(std::uint16_t port_index, std::span<rte_mbuf*> frames, Priority priority) {
  const WorkerId to = env_.ports[port_index].queue_worker;
  std::size_t given = 0;
  for (rte_mbuf* frame : frames) {
    Note& note = note_of(*frame);
    note.packet.port_index = port_index;
    note.stage = Stage::transmit;
    note.priority = priority;
    if (!env_.handoff->give(env_.id, to, frame)) break;
    ++given;
  }
  return given;
}

void Worker::count_sent(const Copy& copy, std::uint64_t now_tsc) {
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
