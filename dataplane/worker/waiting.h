// Packets whose copies are not all made yet. What a worker has to send is bounded here, and nowhere else: it
// makes some copies, looks for new packets, and goes on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dataplane/packet.h"
#include "dataplane/tables.h"

struct rte_mbuf;

namespace causeway {

// One opened packet on its way to the legs of one layer. Its pointers lie in `mbuf`, of which it holds one
// reference while it waits.
struct Waiting {
  rte_mbuf* mbuf = nullptr;
  const std::uint8_t* payload = nullptr;  // plain RTP or RTCP
  std::uint32_t payload_length = 0;
  Id layer = kNoId;
  std::uint32_t generation = 0;  // of the layer
  Id transport = kNoId;          // the publisher's
  RtpHeader rtp;                 // of RTP
  std::uint64_t index = 0;       // of RTP
  std::uint64_t arrival_tsc = 0;
  Id last_leg = 0;       // the last one that got its copy, if any did
  bool started = false;  // at least one leg got its copy
  bool rtcp = false;
  bool counted = false;    // a received packet, which ends with this; else a share of one
  std::uint8_t shard = 0;  // whose legs get copies
};

// First in, first out. One worker's.
template <std::size_t kCapacity>
class WaitingQueue {
 public:
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == kCapacity; }
  Waiting& front() { return ring_[first_]; }
  void push(const Waiting& item) { ring_[(first_ + size_++) % kCapacity] = item; }  // not if full()
  void pop() {
    first_ = (first_ + 1) % kCapacity;
    --size_;
  }

 private:
  std::array<Waiting, kCapacity> ring_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace causeway
