// The exception path: a TAP interface per port through which the kernel owns ARP, NDP, ICMP and TCP on the
// port's addresses. Workers meet only the two rings; the control thread carries frames between rings and TAP,
// so that no worker makes a syscall for a stranger's packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"
#include "dataplane/counters.h"
#include "dataplane/net/address.h"
#include "drivers/kernel_net.h"

struct rte_mempool;
struct rte_ring;

namespace causeway::drivers {

// What one exception interface carried. Written by control, read by any thread.
struct ExceptionCounters {
  Cell to_kernel;
  Cell to_kernel_drops;
  Cell from_kernel;
  Cell from_kernel_drops;
};

class ExceptionInterface {
 public:
  // Makes the interface with the port's MAC and MTU, brings it up, gives it the addresses and default routes.
  // Throws StartError.
  // workers: each of them may punt.
  ExceptionInterface(const config::Port& config, const net::MacAddress& mac, rte_mempool* pool,
                     KernelNet& kernel, std::size_t workers);
  ~ExceptionInterface();
  ExceptionInterface(const ExceptionInterface&) = delete;
  ExceptionInterface& operator=(const ExceptionInterface&) = delete;

  rte_ring* punt(std::size_t worker) const { return punt_[worker]; }  // worker -> kernel
  rte_ring* neighbours(std::size_t worker) const {
    return neighbours_[worker];
  }                                             // the same, first: ARP and NDP
  rte_ring* inject() const { return inject_; }  // kernel -> one worker
  unsigned interface_index() const { return interface_index_; }
  const ExceptionCounters& counters() const { return counters_; }

  // Carries what waits, both ways, at most a burst of each ring. True if there was anything. Control thread.
  bool pump();

 private:
  void open(const config::Port& config, const net::MacAddress& mac, rte_mempool* pool);
  void hand_over_addresses(const config::Port& config, KernelNet& kernel);
  bool pump_to_kernel(rte_ring* ring);
  bool pump_from_kernel();
  void close();

  static constexpr std::uint16_t kClosed = 0xffff;

  std::uint16_t device_ = kClosed;
  std::uint16_t vlan_ = 0;
  unsigned interface_index_ = 0;
  std::vector<rte_ring*> punt_;        // by worker
  std::vector<rte_ring*> neighbours_;  // by worker
  rte_ring* inject_ = nullptr;
  ExceptionCounters counters_;
};

}  // namespace causeway::drivers
