#include "dataplane/worker/worker.h"

#include <stdexcept>
#include <string>
#include <utility>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_mbuf.h>
#include <rte_rcu_qsbr.h>
#include <rte_ring.h>

namespace causeway {

namespace {

constexpr std::size_t kLargestPacket = 65536;

RxHints hints_of(const rte_mbuf& mbuf) {
  RxHints hints;
  const std::uint64_t ip = mbuf.ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
  const std::uint64_t l4 = mbuf.ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
  hints.ip_checksum_good = ip == RTE_MBUF_F_RX_IP_CKSUM_GOOD;
  hints.ip_checksum_bad = ip == RTE_MBUF_F_RX_IP_CKSUM_BAD;
  // NONE: not finished in the packet, but known to be intact (virtio).
  hints.l4_checksum_good = l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD || l4 == RTE_MBUF_F_RX_L4_CKSUM_NONE;
  hints.l4_checksum_bad = l4 == RTE_MBUF_F_RX_L4_CKSUM_BAD;
  hints.vlan_stripped = (mbuf.ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0;
  hints.vlan_tci = mbuf.vlan_tci;
  return hints;
}

bool for_kernel(Kind kind) {
  return kind == Kind::punt || kind == Kind::neighbour;
}

}  // namespace

Worker::Worker(WorkerEnvironment environment, std::unique_ptr<srtp::Engine> engine)
    : env_(std::move(environment)),
      engine_(std::move(engine)),
      session_(env_.tables->transports.size(), env_.tables->layers.size(), env_.tables->legs.size()),
      open_stage_(*env_.tables, session_, *engine_),
      scratch_(kLargestPacket) {}

void Worker::start() {
  const auto entry = [](void* worker) {
    static_cast<Worker*>(worker)->run();
    return 0;
  };
  running_ = rte_eal_remote_launch(entry, this, env_.lcore) == 0;
  if (!running_) throw std::runtime_error("lcore " + std::to_string(env_.lcore) + " is busy");
}

void Worker::stop() {
  if (!running_) return;
  stop_.store(true, std::memory_order_relaxed);
  rte_eal_wait_lcore(env_.lcore);
  running_ = false;
}

void Worker::run() {
  rte_rcu_qsbr_thread_register(env_.qsbr, env_.lcore);
  rte_rcu_qsbr_thread_online(env_.qsbr, env_.lcore);
  while (!stop_.load(std::memory_order_relaxed))
    turn();
  rte_rcu_qsbr_thread_offline(env_.qsbr, env_.lcore);
  rte_rcu_qsbr_thread_unregister(env_.qsbr, env_.lcore);
  rte_pktmbuf_free_bulk(buffers_.data(), static_cast<unsigned>(buffers_left_));
  buffers_left_ = 0;
}

bool Worker::turn() {
  snapshot_ = env_.snapshot->load(std::memory_order_acquire);
  bool busy = false;
  for (std::uint16_t port = 0; port < env_.ports.size(); ++port) {
    const std::span<Packet> burst = std::span(burst_).first(receive(port));
    busy |= inject(env_.ports[port]) || !burst.empty();
    if (burst.empty()) continue;
    classify_burst(burst);
    env_.index->lookup(burst);
    open_stage_.open(burst);
    fan_out(burst);
    settle(burst);
  }
  counters_.turns.add(1);
  counters_.busy_turns.add(busy ? 1 : 0);
  rte_rcu_qsbr_quiescent(env_.qsbr, env_.lcore);
  return busy;
}

std::size_t Worker::receive(std::uint16_t port_index) {
  const WorkerPort& port = env_.ports[port_index];
  const std::size_t n = rte_eth_rx_burst(port.device, port.queue, received_.data(), kBurst);
  if (n == 0) return 0;
  const std::uint64_t now_tsc = rte_rdtsc();
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < n; ++i) {
    rte_mbuf* mbuf = received_[i];
    Packet& packet = burst_[i];
    packet = Packet{};
    packet.buffer = mbuf;
    packet.frame = rte_pktmbuf_mtod(mbuf, std::uint8_t*);
    packet.frame_length = mbuf->data_len;
    packet.port_index = port_index;
    packet.hints = hints_of(*mbuf);
    packet.arrival_tsc = now_tsc;
    if (mbuf->nb_segs != 1) packet.drop = Drop::rx_multi_segment;
    bytes += mbuf->pkt_len;
  }
  counters_.received.add(n);
  counters_.received_bytes.add(bytes);
  return n;
}

void Worker::classify_burst(std::span<Packet> burst) {
  for (Packet& packet : burst) {
    if (packet.drop == Drop::none) classify(snapshot_->ports[packet.port_index], packet);
  }
}

void Worker::fan_out(std::span<Packet> burst) {
  for (Packet& packet : burst) {
    if (packet.drop != Drop::none) continue;
    if (packet.kind == Kind::rtp) {
      fan_out_rtp(packet);
    } else if (packet.kind == Kind::rtcp) {
      forward_rtcp(packet);
    } else {
      punt(packet);
    }
  }
  seal_and_emit();
}

// Each received packet ends in exactly one counter here, and its buffer goes back to the pool.
void Worker::settle(std::span<Packet> burst) {
  std::size_t to_free = 0;
  for (const Packet& packet : burst) {
    if (packet.drop != Drop::none) {
      counters_.drops[static_cast<std::size_t>(packet.drop)].add(1);
    } else {
      (for_kernel(packet.kind) ? counters_.punted : counters_.forwarded).add(1);
    }
    if (packet.transport != kNoId) {
      TransportCounters& counters = session_.transports[packet.transport].counters;
      if (packet.drop != Drop::none) {
        counters.dropped.add(1);
      } else if (packet.kind == Kind::rtcp) {
        counters.rtcp_packets.add(1);
      } else {
        counters.packets.add(1);
        counters.bytes.add(packet.payload_length);
      }
    }
    if (packet.buffer != nullptr) received_[to_free++] = static_cast<rte_mbuf*>(packet.buffer);
  }
  rte_pktmbuf_free_bulk(received_.data(), static_cast<unsigned>(to_free));
}

void Worker::punt(Packet& packet) {
  const WorkerPort& port = env_.ports[packet.port_index];
  rte_ring* ring = packet.kind == Kind::neighbour ? port.neighbours : port.punt;
  if (ring == nullptr) {
    packet.drop = Drop::punt_no_interface;
  } else if (rte_ring_sp_enqueue(ring, packet.buffer) != 0) {
    packet.drop = Drop::punt_full;
  } else {
    packet.buffer = nullptr;  // control's now
  }
}

bool Worker::inject(const WorkerPort& port) {
  if (port.inject == nullptr) return false;
  std::array<rte_mbuf*, kBurst> frames;
  auto** objects = reinterpret_cast<void**>(frames.data());
  const unsigned n = rte_ring_sc_dequeue_burst(port.inject, objects, kBurst, nullptr);
  if (n == 0) return false;
  const unsigned sent =
      rte_eth_tx_burst(port.device, port.queue, frames.data(), static_cast<std::uint16_t>(n));
  rte_pktmbuf_free_bulk(frames.data() + sent, n - sent);
  counters_.injected.add(sent);
  counters_.injected_drops.add(n - sent);
  return true;
}

}  // namespace causeway
