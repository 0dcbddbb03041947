// The worker: one poll-mode lcore. Its turn() is a packet's journey, stage by stage; DPDK is met only here
// and in drivers/.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/counters.h"
#include "dataplane/open.h"
#include "dataplane/packet.h"
#include "dataplane/session.h"
#include "dataplane/tables.h"
#include "dataplane/worker/transport_index.h"

struct rte_mbuf;
struct rte_mempool;
struct rte_rcu_qsbr;
struct rte_ring;

namespace causeway {

// One port as one worker uses it.
struct WorkerPort {
  std::uint16_t device = 0;  // DPDK's port id
  std::uint16_t queue = 0;   // this worker's RX and TX queue
  TxChecksums checksums;
  rte_ring* punt = nullptr;  // frames for the kernel: this worker produces, control consumes; null if there
                             // is no exception interface
  rte_ring* neighbours = nullptr;  // the same for ARP and NDP, which a flood of others must not push out
  rte_ring* inject = nullptr;      // frames from the kernel: control produces, this worker consumes
};

// Everything a worker is given; all of it outlives the worker.
struct WorkerEnvironment {
  unsigned lcore = 0;
  const std::atomic<const Snapshot*>* snapshot = nullptr;
  Tables* tables = nullptr;
  const TransportIndex* index = nullptr;
  rte_rcu_qsbr* qsbr = nullptr;
  rte_mempool* pool = nullptr;
  std::vector<WorkerPort> ports = {};  // as in Snapshot::ports
};

class Worker {
 public:
  Worker(WorkerEnvironment environment, std::unique_ptr<srtp::Engine> engine);
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Starts polling on the worker's own lcore, and stops. Main thread; stop() is idempotent.
  void start();
  void stop();

  // One turn of the loop; true if there was anything to do. On the worker's own lcore.
  bool turn();

  // Any thread: each counter is whole, the set of them may straddle a turn.
  const WorkerCounters& counters() const { return counters_; }
  const LegCounters& leg_counters(Id leg) const { return session_.legs[leg].counters; }
  const TransportCounters& transport_counters(Id transport) const {
    return session_.transports[transport].counters;
  }

 private:
  // One output copy on its way to a port.
  struct Copy {
    rte_mbuf* mbuf = nullptr;
    const HeaderTemplate* header = nullptr;
    net::MacAddress next_hop = {};
    std::uint16_t port_index = 0;
    Id leg = kNoId;  // kNoId: RTCP towards a publisher
    std::uint32_t payload_length = 0;
    std::uint64_t arrival_tsc = 0;  // 0 for RTCP
  };

  static constexpr std::size_t kCopies =
      64;  // few in flight: cache-hot buffers are worth more than long batches

  void run();

  // worker.cc: the journey
  std::size_t receive(std::uint16_t port_index);
  void classify_burst(std::span<Packet> burst);
  void fan_out(std::span<Packet> burst);
  void settle(std::span<Packet> burst);
  void punt(Packet& packet);
  bool inject(const WorkerPort& port);

  // fanout.cc: one packet, N copies
  void fan_out_rtp(Packet& packet);
  void copy_rtp(const Packet& packet, Id leg_id);
  rte_mbuf* take_buffer();
  void drop_copy(EgressDrop reason, Id leg);
  void seal_and_emit();
  bool take_sealed(Copy& copy, const srtp::SealJob& job);
  void emit(std::span<Copy> copies);
  void transmit(std::uint16_t port_index, std::span<Copy*> copies);
  void count_sent(const Copy& copy, std::uint64_t now_tsc);

  // rtcp_forward.cc: both ways through the appliance
  void forward_rtcp(Packet& packet);
  std::size_t rtcp_to_legs(const Packet& packet);
  std::size_t rtcp_to_publishers(const Packet& packet);
  bool rtcp_to_publisher(std::span<const std::uint8_t> compound, Id leg_id);
  void send_rtcp(Id to, Id leg, std::uint32_t& send_index, std::span<const std::uint8_t> compound);

  WorkerEnvironment env_;
  std::atomic<bool> stop_{false};
  bool running_ = false;  // main thread's
  std::unique_ptr<srtp::Engine> engine_;
  const Snapshot* snapshot_ = nullptr;  // of this turn
  Session session_;
  OpenStage open_stage_;
  WorkerCounters counters_;

  std::array<Packet, kBurst> burst_;
  std::array<rte_mbuf*, kBurst> received_{};
  std::array<Copy, kCopies> copies_;
  std::array<srtp::SealJob, kCopies> seal_jobs_;
  std::size_t pending_ = 0;                   // copies that wait to be sealed
  std::array<rte_mbuf*, kCopies> buffers_{};  // allocated in bulk, not used yet
  std::size_t buffers_left_ = 0;
  std::vector<std::uint8_t> scratch_;  // one rewritten RTCP compound
};

}  // namespace causeway
