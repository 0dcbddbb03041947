#include "dataplane/worker/handoff.h"

#include <stdexcept>

#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

namespace causeway {

Note& note_of(rte_mbuf& mbuf) {
  return *static_cast<Note*>(rte_mbuf_to_priv(&mbuf));
}

void free_buffers(std::span<rte_mbuf*> mbufs) {
#ifdef __SANITIZE_THREAD__
  // The last owner finds the count at 1 by a relaxed read, which on x86 orders it behind the others'
  // accesses. The sanitizer must be told.
  for (rte_mbuf* mbuf : mbufs)
    __atomic_fetch_add(&mbuf->refcnt, 0, __ATOMIC_ACQ_REL);
#endif
  rte_pktmbuf_free_bulk(mbufs.data(), static_cast<unsigned>(mbufs.size()));
}

// Not by rte_ring_create(): each ring would take one of the EAL's 2560 memory zones, and 64 workers have
// 4032.
Handoff::Handoff(std::size_t workers) : workers_(workers), rings_(workers * workers) {
  const auto bytes = static_cast<std::size_t>(rte_ring_get_memsize(kRingSize));
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    if (i / workers == i % workers) continue;
    auto* ring = static_cast<rte_ring*>(rte_zmalloc("handoff", bytes, RTE_CACHE_LINE_SIZE));
    if (ring == nullptr) {
      for (rte_ring* made : rings_)
        rte_free(made);
      throw std::runtime_error("no memory for the rings between workers: raise memory.size_mb");
    }
    rte_ring_init(ring, "handoff", kRingSize, RING_F_SP_ENQ | RING_F_SC_DEQ);
    rings_[i] = ring;
  }
}

Handoff::~Handoff() {
  for (rte_ring* ring : rings_) {
    void* mbuf = nullptr;
    while (ring != nullptr && rte_ring_sc_dequeue(ring, &mbuf) == 0)
      rte_pktmbuf_free(static_cast<rte_mbuf*>(mbuf));
    rte_free(ring);
  }
}

bool Handoff::give(std::size_t from, std::size_t to, rte_mbuf* mbuf) {
  return rte_ring_sp_enqueue(rings_[from * workers_ + to], mbuf) == 0;
}

std::size_t Handoff::take(std::size_t from, std::size_t to, std::span<rte_mbuf*> mbufs) {
  return rte_ring_sc_dequeue_burst(rings_[from * workers_ + to], reinterpret_cast<void**>(mbufs.data()),
                                   static_cast<unsigned>(mbufs.size()), nullptr);
}

}  // namespace causeway
