// The generator's own port: DPDK started, one device opened, with a pool of buffers.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "drivers/eal.h"
#include "drivers/port.h"
#include "tools/pktgen/report.h"

struct rte_mempool;
struct rte_ring;

namespace causeway::pktgen {

struct DeviceOptions {
  std::string device;               // PCI address or vdev string
  std::vector<unsigned> lcores{0};  // one that sends and receives, or one for each
  bool huge_pages = true;
  unsigned memory_mb = 256;
  std::uint16_t mtu = 1500;
  unsigned descriptors = 1024;
  std::vector<std::string> eal;  // more arguments for the EAL
};

// Once per process, on the main thread. Throws drivers::StartError.
class Device {
 public:
  explicit Device(const DeviceOptions& options);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  std::uint16_t id() const { return port_->device(); }
  const net::MacAddress& mac() const { return port_->mac(); }
  TxChecksums tx_checksums() const { return port_->tx_checksums(); }
  bool link_up() const { return port_->link_up(); }
  DeviceCounters counters() const;
  rte_mempool* pool() const { return pool_; }
  rte_ring* replies() const { return replies_; }  // receiver -> transmitter: answers to neighbours
  bool splits() const { return lcores_.size() > 1; }
  unsigned receive_lcore() const { return lcores_.back(); }

 private:
  // DPDK's folder of this process, whose name nobody uses again: goes after the EAL, however that ends.
  struct RuntimeFolder {
    std::filesystem::path path;
    ~RuntimeFolder();
  };

  std::vector<unsigned> lcores_;
  config::Config config_;
  RuntimeFolder folder_;
  std::unique_ptr<drivers::Eal> eal_;
  rte_mempool* pool_ = nullptr;
  rte_ring* replies_ = nullptr;
  std::unique_ptr<drivers::Port> port_;
};

}  // namespace causeway::pktgen
