#include "dataplane/worker/node_queue.h"

#include <cstring>
#include <stdexcept>

#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/worker/handoff.h"

namespace causeway {

namespace {

rte_ring* make_ring(unsigned size) {
  const auto bytes = static_cast<std::size_t>(rte_ring_get_memsize(size));
  auto* ring = static_cast<rte_ring*>(rte_zmalloc("nodes", bytes, RTE_CACHE_LINE_SIZE));
  if (ring == nullptr)
    throw std::runtime_error("no memory for the queues of peer nodes: raise memory.size_mb");
  rte_ring_init(ring, "nodes", size, RING_F_SP_ENQ | RING_F_SC_DEQ);
  return ring;
}

void free_ring(rte_ring* ring) {
  void* mbuf = nullptr;
  while (ring != nullptr && rte_ring_sc_dequeue(ring, &mbuf) == 0)
    rte_pktmbuf_free(static_cast<rte_mbuf*>(mbuf));
  rte_free(ring);
}

}  // namespace

NodeQueue::NodeQueue(std::size_t workers, rte_mempool* pool)
    : pool_(pool), received_(workers, nullptr), reports_(workers) {
  try {
    for (rte_ring*& ring : received_)
      ring = make_ring(kRingSize);
    to_send_ = make_ring(kRingSize);
  } catch (...) {
    for (rte_ring* ring : received_)
      rte_free(ring);
    throw;
  }
}

NodeQueue::~NodeQueue() {
  for (rte_ring* ring : received_)
    free_ring(ring);
  free_ring(to_send_);
}

bool NodeQueue::give(std::size_t from, rte_mbuf* mbuf) {
  return rte_ring_sp_enqueue(received_[from], mbuf) == 0;
}

std::size_t NodeQueue::take(std::span<rte_mbuf*> mbufs) {
  return rte_ring_sc_dequeue_burst(to_send_, reinterpret_cast<void**>(mbufs.data()),
                                   static_cast<unsigned>(mbufs.size()), nullptr);
}

std::size_t NodeQueue::dequeue(std::size_t worker, std::span<rte_mbuf*> mbufs) {
  return rte_ring_sc_dequeue_burst(received_[worker], reinterpret_cast<void**>(mbufs.data()),
                                   static_cast<unsigned>(mbufs.size()), nullptr);
}

NodeDatagram NodeQueue::datagram_of(rte_mbuf& mbuf) {
  const Packet& packet = note_of(mbuf).packet;
  return {.transport = packet.transport,
          .local_port = packet.key.local_port,
          .arrival_tsc = packet.arrival_tsc,
          .bytes = {packet.payload, packet.payload_length}};
}

void NodeQueue::release(std::span<rte_mbuf*> mbufs) {
  free_buffers(mbufs);
}

bool NodeQueue::send(const HeaderTemplate& header, const net::MacAddress& next_hop, std::uint16_t port_index,
                     std::span<const std::uint8_t> payload) {
  rte_mbuf* mbuf = rte_pktmbuf_alloc(pool_);
  if (mbuf == nullptr) return false;
  char* room = rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(header.length + payload.size()));
  if (room != nullptr) {
    auto* frame = reinterpret_cast<std::uint8_t*>(room);
    std::memcpy(frame + header.length, payload.data(), payload.size());
    write_headers(header, next_hop, static_cast<std::uint32_t>(payload.size()), {}, frame);
    note_of(*mbuf) = {.packet = {.port_index = port_index}};
    if (rte_ring_sp_enqueue(to_send_, mbuf) == 0) return true;
  }
  rte_pktmbuf_free(mbuf);
  return false;
}

}  // namespace causeway
