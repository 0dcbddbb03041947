// How packets cross from one worker to another: a single-producer, single-consumer ring for each ordered pair
// of workers, so that nobody ever waits for anybody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/packet.h"
#include "dataplane/tables.h"

struct rte_mbuf;
struct rte_ring;

namespace causeway {

// Where the journey goes on with the worker that takes a packet.
enum class Stage : std::uint8_t {
  open,      // received for one of its transports, found by the lookup
  rtp,       // opened RTP: its shard of the layer's legs
  rtcp,      // opened RTCP: its shard of the legs, and those of its legs that the packet speaks of
  rtcp_up,   // plain RTCP for the publisher that is `packet.transport`
  transmit,  // a finished frame for packet.port_index, where the sender has no queue
};

// What travels with a packet, in its buffer's private area. Written by one worker before the packet is
// enqueued; only read afterwards, by all who share the buffer.
struct Note {
  Packet packet;
  Stage stage = Stage::open;
  Priority priority = Priority::normal;  // of transmit
  std::uint32_t layer_generation = 0;    // of rtp
};

// Bytes of the private area that every packet buffer has.
inline constexpr std::uint16_t kBufferPrivate = (sizeof(Note) + 63) / 64 * 64;

Note& note_of(rte_mbuf& mbuf);

// Gives back a reference to each of the buffers.
void free_buffers(std::span<rte_mbuf*> mbufs);

class Handoff {
 public:
  // Main thread. Throws std::runtime_error without memory.
  explicit Handoff(std::size_t workers);
  ~Handoff();  // frees what nobody took; no worker runs any more
  Handoff(const Handoff&) = delete;
  Handoff& operator=(const Handoff&) = delete;

  std::size_t workers() const { return workers_; }

  // Worker `from`. False if the ring is full; the packet stays the caller's.
  bool give(std::size_t from, std::size_t to, rte_mbuf* mbuf);
  // Worker `to`. Returns how many were taken.
  std::size_t take(std::size_t from, std::size_t to, std::span<rte_mbuf*> mbufs);

 private:
  static constexpr unsigned kRingSize = 1024;

  std::size_t workers_;
  std::vector<rte_ring*> rings_;  // from * workers + to; null from a worker to itself
};

}  // namespace causeway
