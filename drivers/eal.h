// DPDK's environment: started from the configuration, its log routed into ours, and everything that every
// worker shares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"

struct rte_mempool;

namespace causeway::drivers {

// The EAL, once per process. Main thread only. Throws StartError.
class Eal {
 public:
  explicit Eal(const config::Config& config);
  ~Eal();
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;
};

// The EAL arguments for this configuration (without argv[0]); pure, for tests and the log.
std::vector<std::string> eal_arguments(const config::Config& config);

// True if the device is a PCI address and not a vdev string.
bool is_pci_device(const std::string& device);

// Ticks of the time-stamp counter per second (as the EAL measured it; rounded).
std::uint64_t tsc_hz();

// DPDK's lcore of a worker; control's is 0.
inline unsigned worker_lcore(std::size_t worker) {
  return static_cast<unsigned>(worker) + 1;
}

// Packet buffers that hold frames of every port's MTU, each with a private area. Lives until the EAL is
// cleaned up. Throws StartError.
rte_mempool* make_packet_pool(const config::Config& config, std::uint16_t private_size);

}  // namespace causeway::drivers
