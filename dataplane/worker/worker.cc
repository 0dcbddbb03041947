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

}  // namespace

Worker::Worker(WorkerEnvironment environment, std::unique_ptr<srtp::Engine> engine)
    : env_(std::move(environment)),
      engine_(std::move(engine)),
      session_(*env_.session),
      open_stage_(*env_.tables, session_, *engine_),
      guard_(env_.guard == nullptr ? nullptr : std::make_unique<guard::Guard>(env_.id, *env_.guard)),
      held_(env_.ports.size()),
      scratch_(kLargestPacket) {}

Worker::~Worker() {
  stop();
  rte_pktmbuf_free_bulk(buffers_.data(), static_cast<unsigned>(buffers_left_));
  for (Held& held : held_)
    rte_pktmbuf_free_bulk(held.frames().data(), static_cast<unsigned>(held.frames().size()));
  const auto drain = [](auto& queue) {
    for (; !queue.empty(); queue.pop())
      rte_pktmbuf_free(queue.front().mbuf);
  };
  for (Queues& queues : queues_) {
    drain(queues.few);
    drain(queues.many);
  }
}

void Worker::start() {
  const auto entry = [](void* argument) {
    auto& worker = *static_cast<Worker*>(argument);
    worker.enter();
    while (!worker.stop_.load(std::memory_order_relaxed))
      worker.turn();
    worker.leave();
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

void Worker::enter() {
  rte_rcu_qsbr_thread_register(env_.qsbr, env_.id);
  rte_rcu_qsbr_thread_online(env_.qsbr, env_.id);
}

void Worker::leave() {
  rte_rcu_qsbr_thread_offline(env_.qsbr, env_.id);
  rte_rcu_qsbr_thread_unregister(env_.qsbr, env_.id);
}

bool Worker::turn() {
  snapshot_ = env_.snapshot->load(std::memory_order_acquire);
  budget_ = kCopiesPerTurn;
  feedback_ = kFeedbackPerTurn;
  bool busy = take_handed();
  busy |= send_for_control();
  for (std::uint16_t port = 0; port < env_.ports.size(); ++port) {
    offer_held(port);
    busy |= inject(port);
    const std::span<Packet> burst = std::span(burst_).first(receive(port));
    if (burst.empty()) continue;
    busy = true;
    classify_burst(burst);
    env_.index->lookup(burst);
    guard_burst(burst);
    hand_off(burst);
    forward(burst);
  }
  fill_silence();
  busy |= serve();
  counters_.turns.add(1);
  counters_.busy_turns.add(busy ? 1 : 0);
  rte_rcu_qsbr_quiescent(env_.qsbr, env_.id);
  return busy;
}

std::size_t Worker::receive(std::uint16_t port_index) {
  const WorkerPort& port = env_.ports[port_index];
  if (port.queue == kNoQueue) return 0;
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

void Worker::guard_burst(std::span<Packet> burst) {
  if (guard_ == nullptr) return;
  guard_->judge(burst, env_.index->known(burst), *snapshot_->guard, burst[0].arrival_tsc);
}

// From the packets that this worker owns to their copies.
void Worker::forward(std::span<Packet> burst) {
  if (burst.empty()) return;
  open_stage_.open(burst);
  for (Packet& packet : burst) {
    if (packet.buffer == nullptr || packet.drop != Drop::none) continue;
    if (packet.kind == Kind::rtp) {
      if (packet.from_node) take_relayed(packet);
      if (packet.drop == Drop::none) fan_out_rtp(packet);
    } else if (packet.kind == Kind::rtcp) {
      forward_rtcp(packet);
    } else {
      punt(packet);
    }
  }
  seal_and_emit();
  settle(burst);
}

// What is still here has come to its end: one counter each, and the buffer goes back to the pool.
void Worker::settle(std::span<Packet> burst) {
  std::size_t to_free = 0;
  for (const Packet& packet : burst) {
    if (packet.buffer == nullptr) continue;
    end(packet);
    received_[to_free++] = static_cast<rte_mbuf*>(packet.buffer);
  }
  free_buffers(std::span(received_).first(to_free));
}

void Worker::end(const Packet& packet) {
  if (packet.drop != Drop::none) {
    counters_.drops[static_cast<std::size_t>(packet.drop)].add(1);
  } else {
    counters_.forwarded.add(1);
  }
  if (packet.transport == kNoId || packet.drop == Drop::handoff_full ||
      packet.drop == Drop::removed_meanwhile || packet.from_node)
    return;  // nobody's, or another worker's
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

void Worker::punt(Packet& packet) {
  const WorkerPort& port = env_.ports[packet.port_index];
  rte_ring* ring = packet.kind == Kind::neighbour ? port.neighbours : port.punt;
  if (ring == nullptr) {
    packet.drop = Drop::punt_no_interface;
  } else if (rte_ring_sp_enqueue(ring, packet.buffer) != 0) {
    packet.drop = Drop::punt_full;
  } else {
    packet.buffer = nullptr;  // control's now
    counters_.punted.add(1);
  }
}

// The kernel's frames go first: without its neighbour solicitations every leg would lose its next hop.
bool Worker::inject(std::uint16_t port_index) {
  const WorkerPort& port = env_.ports[port_index];
  if (port.inject == nullptr) return false;
  std::array<rte_mbuf*, kBurst> frames;
  auto** objects = reinterpret_cast<void**>(frames.data());
  const unsigned n = rte_ring_sc_dequeue_burst(port.inject, objects, kBurst, nullptr);
  if (n == 0) return false;
  const std::size_t sent = give(port_index, std::span(frames).first(n), Priority::high);
  rte_pktmbuf_free_bulk(frames.data() + sent, static_cast<unsigned>(n - sent));
  counters_.injected.add(sent);
  counters_.injected_drops.add(n - sent);
  return true;
}

}  // namespace causeway
