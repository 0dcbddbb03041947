// Counters: one writer each, read by anybody. A worker's add is a plain load and store, never a locked
// instruction.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "dataplane/drop.h"

namespace causeway {

// Written by one thread, read by any. A reader may see a value that is a few packets old, never a torn one.
class Cell {
 public:
  void add(std::uint64_t n) { set(value_.load(std::memory_order_relaxed) + n); }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// What became of everything that one worker received, and of every copy that it made. Two sums hold whenever
// the worker is between two turns of its loop:
//   received + taken_over = forwarded + punted + handed_off + waiting + sum(drops)
//   copies + frames_taken_over = sent + frames_handed_off + sum(egress_drops)
struct alignas(64) WorkerCounters {
  Cell received;                   // frames from the ports' queues
  Cell received_bytes;             // of frames, without FCS
  Cell taken_over;                 // packets that another worker received for a transport of this one
  Cell forwarded;                  // packets from which copies were made
  Cell punted;                     // handed to the kernel's exception interface, or to the control thread
  Cell handed_off;                 // packets given to the worker that owns their transport
  Cell waiting;                    // packets whose copies are not all made yet
  std::array<Cell, kDrops> drops;  // by Drop; entry 0 stays 0
  Cell copies;                     // packets made for legs and publishers
  Cell frames_taken_over;          // copies of workers that have no queue on the port
  Cell frames_handed_off;          // copies given to the worker that has a queue on the port
  Cell sent;                       // of all these, given to a port, or held for it since they go first
  Cell sent_bytes;
  std::array<Cell, kEgressDrops> egress_drops;  // by EgressDrop; entry 0 stays 0
  Cell injected;        // frames from the kernel and the control thread sent out of a port
  Cell injected_drops;  // of these, refused by the port
  Cell relayed;         // of the forwarded packets, those that came from peer nodes
  Cell reports_lost;    // of media of peers, to the control thread: its queue was full
  Cell turns;           // of the loop; those that found no packet are turns - busy_turns
  Cell busy_turns;
};

// What one leg was sent. Written by the worker that owns the leg's track.
struct LegCounters {
  Cell packets;          // RTP
  Cell bytes;            // of these, UDP payload as sent
  Cell latency_tsc_sum;  // from the receive burst to the transmit burst, over `packets`
  Cell latency_tsc_max;
  Cell rtcp_packets;
  Cell dropped;  // copies of either kind that were not sent
};

// What one transport sent us, of packets that were forwarded. Written by its owner.
struct TransportCounters {
  Cell packets;  // RTP
  Cell bytes;    // of these, plain RTP: without the tag
  Cell rtcp_packets;
  Cell dropped;  // packets that reached the transport and were then dropped
};

}  // namespace causeway
