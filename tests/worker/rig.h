// Workers over ports made of rings, in one process: what a test puts into a ring arrives, what is sent can be
// taken out. No root, no huge page, no device.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "control/publish/publisher.h"
#include "dataplane/worker/node_queue.h"
#include "dataplane/worker/qsbr.h"
#include "dataplane/worker/worker.h"

struct rte_mempool;
struct rte_ring;

namespace causeway::test {

struct RigOptions {
  std::size_t workers = 1;
  std::uint16_t queues = 1;  // of the port; below `workers`, packets cross between workers
  std::size_t legs_per_shard = 1024;
  unsigned ring_size = 4096;  // of each queue, each way
  unsigned buffers = 16383;
  std::size_t transports = 256;
  std::size_t layers = 256;
  std::size_t legs = 4096;
  std::uint64_t max_queue_delay_ms = 10000;
  std::size_t relays = 0;       // of a node of a fleet
  std::uint8_t node = kNoNode;  // which one
  std::uint64_t keepalive_ms = 100;
};

// One plain RTP packet as it was sent to a leg.
struct Sent {
  std::uint16_t port = 0;  // of the subscriber
  std::uint32_t ssrc = 0;
  std::uint16_t sequence = 0;
  std::uint32_t track = 0;   // as the publisher wrote it into the payload
  std::uint32_t number = 0;  // and its count
  bool rtcp = false;
};

class Rig {
 public:
  explicit Rig(RigOptions options = {});
  ~Rig();
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  // A remote at this UDP port, without SRTP. Its appliance end has the same port plus kLocalOffset.
  static config::Transport transport(const std::string& name, std::uint16_t port);
  Id add_transport(const config::Transport& transport, const control::NodeLink& link = {});
  void add_track(const std::string& id, const std::string& transport, std::uint32_t ssrc,
                 Priority priority = Priority::normal);
  static config::Leg leg(const std::string& name, const std::string& track, const std::string& transport,
                         std::uint32_t ssrc);

  // From the publisher at this port: RTP with the track and number as payload. False if the queue is full.
  bool publish(std::uint16_t queue, std::uint16_t port, std::uint32_t ssrc, std::uint16_t sequence,
               std::uint32_t track, std::uint32_t number);
  bool send(std::uint16_t queue, std::uint16_t port, std::span<const std::uint8_t> payload) {
    return send_to(queue, port, static_cast<std::uint16_t>(port + kLocalOffset), payload);
  }
  bool send_to(std::uint16_t queue, std::uint16_t port, std::uint16_t local_port,
               std::span<const std::uint8_t> payload);
  std::vector<Sent> take();  // what was sent from all queues
  struct Datagram {
    std::uint16_t port = 0;  // of the remote
    std::vector<std::uint8_t> payload;
  };
  std::vector<Datagram> take_datagrams();  // the same, as it was sent

  // Each worker on a thread of its own, and the end of that.
  void run_workers();
  void end_workers();

  Worker& worker(std::size_t i) { return *workers_[i]; }
  NodeQueue& nodes() { return *nodes_; }
  std::uint64_t sum(Cell WorkerCounters::*cell) const;
  std::uint64_t dropped(Drop drop) const;
  std::uint64_t dropped(EgressDrop drop) const;
  std::uint64_t all_drops() const;
  std::uint64_t all_egress_drops() const;
  void expect_conservation() const;
  // Removes the workers, and says how many packet buffers did not come back.
  unsigned lost_buffers();

  static constexpr std::uint16_t kLocalOffset = 10000;

  RigOptions options;
  Qsbr qsbr;
  Tables tables;
  Session session;
  TransportIndex index;
  std::unique_ptr<srtp::Engine> engine = srtp::make_ipsec_mb_engine();
  control::Publisher publisher;

 private:
  void make_port();
  void make_workers();

  std::string name_;
  rte_mempool* pool_ = nullptr;
  std::vector<rte_ring*> received_;
  std::vector<rte_ring*> sent_;
  std::uint16_t device_ = 0;
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
  std::unique_ptr<Handoff> handoff_;
  std::unique_ptr<NodeQueue> nodes_;
  std::vector<std::unique_ptr<Worker>> workers_;
  HeaderTemplate to_appliance(std::uint16_t port, std::uint16_t local_port) const;
};

}  // namespace causeway::test
