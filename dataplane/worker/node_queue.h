// Between the workers and the control thread: what peer nodes say, and what they are told. It goes by the
// ports and queues of the media, so that who hears a peer knows that media gets through.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/emit.h"
#include "dataplane/net/address.h"
#include "dataplane/relay/label.h"
#include "dataplane/ring.h"
#include "dataplane/tables.h"

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

namespace causeway {

// One datagram of a peer node. Nothing of it is authentic but what the control thread finds to be.
struct NodeDatagram {
  Id transport = kNoId;
  std::uint16_t local_port = 0;
  std::uint64_t arrival_tsc = 0;
  std::span<const std::uint8_t> bytes;  // valid in the visitor only
};

// Media of a track came from a peer, authentic: the first of an inlet, each new label, and else one now and
// then.
struct RelayReport {
  Id inlet = kNoId;
  std::uint32_t generation = 0;  // of the inlet
  Label label;
  std::uint64_t arrival_tsc = 0;
};

class NodeQueue {
 public:
  // Main thread. Throws std::runtime_error without memory.
  NodeQueue(std::size_t workers, rte_mempool* pool);
  ~NodeQueue();  // frees what nobody took; no worker runs any more
  NodeQueue(const NodeQueue&) = delete;
  NodeQueue& operator=(const NodeQueue&) = delete;

  // ---- worker `from`
  bool give(std::size_t from, rte_mbuf* mbuf);  // with its note. False: full; it stays the caller's
  bool report(std::size_t from, const RelayReport& report) { return reports_[from].push(report); }
  // ---- worker 0: frames for ports, with their notes. Returns how many.
  std::size_t take(std::span<rte_mbuf*> mbufs);

  // ---- control
  // Calls visit(const NodeDatagram&) for what waits, at most `most` of each worker.
  template <class Visit>
  void receive(std::size_t most, Visit&& visit) {
    for (std::size_t worker = 0; worker < received_.size(); ++worker) {
      for (std::size_t left = most; left > 0;) {
        std::array<rte_mbuf*, kBurst> mbufs;
        const std::size_t n = dequeue(worker, std::span(mbufs).first(left < kBurst ? left : kBurst));
        if (n == 0) break;
        left -= n;
        for (rte_mbuf* mbuf : std::span(mbufs).first(n))
          visit(datagram_of(*mbuf));
        release(std::span(mbufs).first(n));
      }
    }
  }
  template <class Visit>
  void reports(Visit&& visit) {
    for (auto& ring : reports_) {
      for (std::size_t left = kReports; left > 0; --left) {
        const auto report = ring.pop();
        if (!report) break;
        visit(*report);
      }
    }
  }
  // False: no buffer, or the queue is full.
  bool send(const HeaderTemplate& header, const net::MacAddress& next_hop, std::uint16_t port_index,
            std::span<const std::uint8_t> payload);

 private:
  static constexpr unsigned kRingSize = 4096;
  static constexpr std::size_t kBurst = 32;
  static constexpr std::size_t kReports = 8192;

  std::size_t dequeue(std::size_t worker, std::span<rte_mbuf*> mbufs);
  static NodeDatagram datagram_of(rte_mbuf& mbuf);
  static void release(std::span<rte_mbuf*> mbufs);

  rte_mempool* pool_;
  std::vector<rte_ring*> received_;  // by worker
  rte_ring* to_send_ = nullptr;
  std::vector<Ring<RelayReport, kReports>> reports_;  // by worker
};

}  // namespace causeway
