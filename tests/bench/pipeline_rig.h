// The whole pipeline in one process: a Worker on a port made of two rings. What the worker sends is taken out
// of its ring and freed by the next transmit burst, as a NIC's driver does. All that knows how a worker is
// built stands here.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/publish/publisher.h"
#include "dataplane/worker/qsbr.h"
#include "dataplane/worker/transport_index.h"
#include "dataplane/worker/worker.h"
#include "tests/bench/rounds.h"

struct rte_mempool;
struct rte_mbuf;
struct rte_ring;

namespace causeway::bench {

using MakeEngine = std::function<std::unique_ptr<srtp::Engine>()>;

struct RigOptions {
  srtp::Suite suite = srtp::Suite::aead_aes_128_gcm;
  std::size_t bytes = 1200;  // of the plain RTP packet, 12 of them header
  std::size_t tracks = 1;    // each with a publisher of its own
  std::size_t legs = 64;     // of each track, each with a transport of its own
  std::size_t crowd = 0;     // legs of one more track
  std::size_t burst = 1;     // packets that the worker finds in its receive queue at a turn
  bool relays = false;       // the legs go to peer nodes, with the shim
  bool offload = false;      // the port computes UDP and IPv4 checksums
  MakeEngine make_engine = [] { return srtp::make_ipsec_mb_engine(); };
};

class PipelineRig {
 public:
  // With packet buffers of its own: buffers that rigs share would no longer be the hot ones of any. On the
  // calling thread's lcore. Throws std::runtime_error.
  explicit PipelineRig(const RigOptions& options);
  ~PipelineRig();
  PipelineRig(const PipelineRig&) = delete;
  PipelineRig& operator=(const PipelineRig&) = delete;

  // Injects packets of all tracks in random order until there are at least so many outputs (without legs:
  // inputs), and times the worker's turns only. Throws std::runtime_error if not every output comes out.
  Sample round(std::size_t outputs);

  // Adds and removes so many legs of the first track, and lets the worker see it. Returns the time of the
  // control thread's part.
  Sample change(std::size_t legs);

  // Sends one packet through and opens what comes out. Throws std::runtime_error if it is not right.
  void verify();

  // For the latency: gives the worker one packet of a random track, lets it turn, and says what it sent. The
  // packet is made before.
  rte_mbuf* make_input();
  rte_mbuf* make_crowd_input() { return make_input(options_.tracks); }
  void inject(rte_mbuf* input);
  // As many turns as all copies take.
  void turn() {
    do {
      worker_->turn();
    } while (worker_->counters().waiting.read() != 0);
  }
  void turn_once() { worker_->turn(); }
  std::uint64_t take_sent();  // of outputs since the last call, without those to the crowd

 private:
  struct Track {
    std::unique_ptr<srtp::SessionKeys> keys;
    HeaderTemplate header;  // towards the appliance
    std::uint64_t next_index = 0;
  };

  void make_port();
  void make_tables(const RigOptions& options);
  void add_transport(const std::string& name, std::uint32_t remote, bool publisher);
  rte_mbuf* make_input(std::size_t track);
  std::uint16_t free_sent(rte_mbuf** next, std::uint16_t count);
  [[noreturn]] void explain(std::uint64_t wanted, std::uint64_t got) const;

  RigOptions options_;
  std::string name_;
  rte_mempool* pool_;
  Qsbr qsbr_;
  std::unique_ptr<srtp::Engine> peer_;  // seals what is injected
  std::unique_ptr<srtp::Engine> keys_maker_;
  Tables tables_;
  Session session_;
  TransportIndex index_;
  control::Publisher publisher_;
  std::vector<Track> tracks_;
  std::vector<rte_mbuf*> inputs_;
  std::vector<std::uint8_t> plain_;
  rte_ring* rx_ = nullptr;
  rte_ring* tx_ = nullptr;
  std::uint16_t device_ = 0;
  const void* callback_ = nullptr;
  std::uint64_t sent_ = 0;
  bool keep_ = false;  // verify() wants to see what is sent
  std::uint64_t random_ = 88172645463325252;
  Handoff handoff_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace causeway::bench
