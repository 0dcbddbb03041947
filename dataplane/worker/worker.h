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
#include "dataplane/guard/guard.h"
#include "dataplane/open.h"
#include "dataplane/packet.h"
#include "dataplane/session.h"
#include "dataplane/tables.h"
#include "dataplane/worker/handoff.h"
#include "dataplane/worker/held.h"
#include "dataplane/worker/transport_index.h"
#include "dataplane/worker/waiting.h"

struct rte_mbuf;
struct rte_mempool;
struct rte_rcu_qsbr;
struct rte_ring;

namespace causeway {

class NodeQueue;

inline constexpr std::uint16_t kNoQueue = 0xffff;

// One port as one worker uses it.
struct WorkerPort {
  std::uint16_t device = 0;   // DPDK's port id
  std::uint16_t queue = 0;    // this worker's RX and TX queue; kNoQueue: the port has none for it
  WorkerId queue_worker = 0;  // who sends for this worker, if it has no queue
  bool spreads_flows = true;  // the device gives each worker its share of flows: who receives, owns
  TxChecksums checksums;
  rte_ring* punt = nullptr;  // frames for the kernel: this worker produces, control consumes; null if there
                             // is no exception interface
  rte_ring* neighbours = nullptr;  // the same for ARP and NDP, which a flood of others must not push out
  rte_ring* inject = nullptr;      // frames from the kernel: control produces, this worker consumes; null but
                                   // for one worker
};

// Everything a worker is given; all of it outlives the worker.
struct WorkerEnvironment {
  WorkerId id = 0;
  unsigned lcore = 0;
  const std::atomic<const Snapshot*>* snapshot = nullptr;
  Tables* tables = nullptr;
  Session* session = nullptr;
  const TransportIndex* index = nullptr;
  Handoff* handoff = nullptr;
  rte_rcu_qsbr* qsbr = nullptr;
  rte_mempool* pool = nullptr;  // its buffers have kBufferPrivate bytes of private area
  std::uint64_t max_queue_delay_tsc = 0;
  const guard::Settings* guard = nullptr;  // null if it is disabled
  std::vector<WorkerPort> ports = {};      // as in Snapshot::ports
  // Where there is a fleet:
  NodeQueue* nodes = nullptr;
  std::uint8_t node = kNoNode;      // this one
  std::uint8_t hop_limit = 0;       // relay.hop_limit
  std::uint64_t keepalive_tsc = 0;  // relay.keepalive_interval_ms
  std::uint64_t report_tsc = 0;     // a third of relay.feed_window_ms
};

class Worker {
 public:
  Worker(WorkerEnvironment environment, std::unique_ptr<srtp::Engine> engine);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Starts polling on the worker's own lcore, and stops. Main thread; stop() is idempotent.
  void start();
  void stop();

  // Registers the calling thread as the worker's reader of the tables, and ends that. Between the two it
  // calls turn(): what start() does on the lcore.
  void enter();
  void leave();

  // One turn of the loop; true if there was anything to do.
  bool turn();

  // Any thread: each counter is whole, the set of them may straddle a turn.
  const WorkerCounters& counters() const { return counters_; }

  // What the guard shows of what it dropped, for control alone; null if it is disabled.
  guard::Samples* samples() { return guard_ == nullptr ? nullptr : &guard_->samples(); }

 private:
  // One output copy on its way to a port, in one turn.
  struct Copy {
    rte_mbuf* mbuf = nullptr;
    const HeaderTemplate* header = nullptr;
    net::MacAddress next_hop = {};
    std::uint16_t port_index = 0;
    Priority priority = Priority::normal;
    Id leg = kNoId;  // kNoId: RTCP towards a publisher
    std::uint32_t payload_length = 0;
    std::uint64_t arrival_tsc = 0;  // 0 for RTCP
  };

  // Few in flight: cache-hot buffers are worth more than long batches.
  static constexpr std::size_t kCopies = 64;
  // Copies in one turn, before new packets are looked for; of these for tracks of many legs, which is what
  // they can delay the others by.
  static constexpr std::size_t kCopiesPerTurn = 128;
  static constexpr std::size_t kSlice = 32;
  // A track of more legs is served in slices beside the others, one of fewer at once.
  static constexpr std::size_t kManyLegs = 64;

  // Packets of one priority whose copies are not all made: of tracks with few legs and with many, so that the
  // former need not wait for the latter. Each track's packets stay in their order.
  struct Queues {
    WaitingQueue<1024> few;
    WaitingQueue<256> many;
    bool empty() const { return few.empty() && many.empty(); }
  };
  // Feedback to publishers in one turn: one packet may speak of rtcp::kMaxTargets legs, a burst of 32 times
  // so many, each of them a packet to walk through and to seal.
  static constexpr std::size_t kFeedbackPerTurn = 512;

  // worker.cc: the journey
  std::size_t receive(std::uint16_t port_index);
  void classify_burst(std::span<Packet> burst);
  void guard_burst(std::span<Packet> burst);
  void forward(std::span<Packet> burst);
  void settle(std::span<Packet> burst);
  void end(const Packet& packet);
  void punt(Packet& packet);
  bool inject(std::uint16_t port_index);

  // relay.cc: between nodes
  WorkerId owner_of_nodes(const Packet& packet);
  Drop judge_relayed(const Packet& packet, const Label& label);
  void report(const Packet& packet, const Label& label);
  static std::uint64_t estimate_relayed(LayerSession& outlet, const Label& label, std::uint16_t sequence);
  void take_relayed(Packet& packet);
  void take_keepalive(Packet& packet, const Label& label, bool is_share, std::uint64_t& workers);
  void keep_alive(const RelaySettings& relay, WorkerId owner, std::uint64_t now_tsc,
                  std::uint64_t silence_tsc, std::uint64_t& workers);
  void fill_silence();
  WorkerId claim_silent(const Layer& layer);
  bool send_for_control();
  void give_to_control(Packet& packet);

  // crossing.cc: between workers
  static std::uint32_t ssrc_of(const Packet& packet);  // of RTP, or its RTCP's sender
  WorkerId owner_of(const Packet& packet);
  void hand_off(std::span<Packet> burst);
  void share(const Packet& packet, Stage stage, std::uint64_t workers, std::uint32_t layer_generation);
  bool take_handed();
  void take(std::span<rte_mbuf*> mbufs);
  void take_packet(const Note& note, Packet& packet);
  void take_share(rte_mbuf& mbuf);
  std::size_t take_frames(std::span<rte_mbuf*> mbufs);
  std::uint8_t shard_of(Id layer) const;

  // fanout.cc: one packet, N copies
  void fan_out_rtp(Packet& packet);
  void start(Waiting& item, Packet* packet);
  bool serve();
  template <class Queue>
  bool serve(Queue& queue, std::size_t share, std::uint64_t now_tsc);
  template <class Queue>
  void wait(Queue& queue, const Waiting& item, Packet* packet);
  bool advance(Waiting& item);
  void refuse(const Waiting& item);
  void finish(const Waiting& item, Drop drop);
  void flush_finished();
  void copy_rtp(const Waiting& item, Id leg_id);
  rte_mbuf* take_buffer();
  void drop_copy(EgressDrop reason, Id leg);

  // transmit.cc: sealed copies to the ports
  void seal_and_emit();
  bool take_sealed(Copy& copy, const srtp::SealJob& job);
  void emit(std::span<Copy> copies);
  void transmit(std::span<const Copy> copies);
  std::size_t give(std::uint16_t port_index, std::span<rte_mbuf*> frames, Priority priority);
  std::size_t give_to_worker(std::uint16_t port_index, std::span<rte_mbuf*> frames, Priority priority);
  void offer_held(std::uint16_t port_index);
  void count_sent(const Copy& copy, std::uint64_t now_tsc);

  // rtcp_forward.cc: both ways through the appliance
  void forward_rtcp(Packet& packet);
  std::size_t spread_rtcp(Packet& packet, rte_mbuf& mbuf, bool is_share, std::uint64_t& workers);
  std::size_t rtcp_to_legs(const Packet& packet, rte_mbuf& mbuf, std::uint64_t& workers);
  std::size_t rtcp_to_legs_of(Id layer, std::uint32_t ssrc, const Packet& packet, rte_mbuf& mbuf,
                              std::uint64_t& workers);
  Id upstream_layer(const Packet& packet) const;
  Id publisher_of(const Layer& layer) const;
  std::size_t rtcp_to_publishers(const Packet& packet, std::uint64_t& workers);
  void copy_rtcp(const Waiting& item, Id leg_id);
  bool rtcp_to_publisher(std::span<const std::uint8_t> compound, const LegSettings& leg, Id leg_id);
  void rtcp_up(Id publisher, std::span<const std::uint8_t> compound);
  void send_rtcp(Id to, Id leg, Priority priority, std::uint32_t& send_index,
                 std::span<const std::uint8_t> compound);

  WorkerEnvironment env_;
  std::atomic<bool> stop_{false};
  bool running_ = false;  // main thread's
  std::unique_ptr<srtp::Engine> engine_;
  const Snapshot* snapshot_ = nullptr;  // of this turn
  Session& session_;
  OpenStage open_stage_;
  std::unique_ptr<guard::Guard> guard_;
  WorkerCounters counters_;

  std::array<Packet, kBurst> burst_;
  std::array<rte_mbuf*, kBurst> received_{};
  std::array<Queues, kPriorities> queues_;
  std::size_t budget_ = 0;          // copies that this turn may still make
  std::size_t feedback_ = 0;        // packets to publishers that this turn may still make
  std::uint32_t next_silence_ = 0;  // the relay that is looked at next for silence
  std::uint64_t silence_due_tsc_ = 0;
  std::array<std::size_t, 2> next_owner_{};  // of transports that no device spreads: those whose first packet
                                             // is media, and others
  std::array<rte_mbuf*, kCopies> finished_{};  // packets whose copies may still wait to be sealed
  std::size_t finished_count_ = 0;
  std::array<Copy, kCopies> copies_;
  std::array<srtp::SealJob, kCopies> seal_jobs_;
  std::size_t pending_ = 0;                   // copies that wait to be sealed
  std::array<rte_mbuf*, kCopies> buffers_{};  // allocated in bulk, not used yet
  std::size_t buffers_left_ = 0;
  std::vector<Held> held_;             // by port
  std::vector<std::uint8_t> scratch_;  // one rewritten RTCP compound
};

}  // namespace causeway
