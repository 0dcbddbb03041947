#include "tests/worker/traced.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include <rte_ethdev.h>
#include <rte_mempool.h>

namespace causeway::test {

namespace {

std::atomic<std::uint64_t> arrivals{0};
std::atomic<std::uint64_t> departures{0};

std::uint16_t acquire_arrivals(std::uint16_t, std::uint16_t, rte_mbuf**, std::uint16_t n, std::uint16_t,
                               void*) {
  arrivals.fetch_add(0, std::memory_order_acq_rel);
  return n;
}

std::uint16_t release_departures(std::uint16_t, std::uint16_t, rte_mbuf**, std::uint16_t n, void*) {
  departures.fetch_add(1, std::memory_order_acq_rel);
  return n;
}

// A stack under a lock.
struct Stack {
  std::mutex mutex;
  std::vector<void*> objects;
};

Stack& stack_of(const rte_mempool* pool) {
  return *static_cast<Stack*>(pool->pool_data);
}

int allocate(rte_mempool* pool) {
  pool->pool_data = new Stack;
  return 0;
}

void release(rte_mempool* pool) {
  delete &stack_of(pool);
}

int put(rte_mempool* pool, void* const* objects, unsigned n) {
  const std::lock_guard lock(stack_of(pool).mutex);
  stack_of(pool).objects.insert(stack_of(pool).objects.end(), objects, objects + n);
  return 0;
}

int get(rte_mempool* pool, void** objects, unsigned n) {
  const std::lock_guard lock(stack_of(pool).mutex);
  std::vector<void*>& all = stack_of(pool).objects;
  if (all.size() < n) return -ENOBUFS;
  std::copy(all.end() - n, all.end(), objects);
  all.resize(all.size() - n);
  return 0;
}

unsigned count(const rte_mempool* pool) {
  const std::lock_guard lock(stack_of(pool).mutex);
  return static_cast<unsigned>(stack_of(pool).objects.size());
}

// Registered before main(): it is there without running anything.
constinit const rte_mempool_ops operations{
    .name = "traced", .alloc = allocate, .free = release, .enqueue = put, .dequeue = get, .get_count = count};
RTE_MEMPOOL_REGISTER_OPS(operations)

}  // namespace

void trace_port(std::uint16_t device, std::uint16_t queues) {
  for (std::uint16_t queue = 0; queue < queues; ++queue) {
    rte_eth_add_rx_callback(device, queue, acquire_arrivals, nullptr);
    rte_eth_add_tx_callback(device, queue, release_departures, nullptr);
  }
}

void before_receive_ring() {
  arrivals.fetch_add(1, std::memory_order_acq_rel);
}

void behind_transmit_ring() {
  departures.fetch_add(0, std::memory_order_acq_rel);
}

}  // namespace causeway::test
