// A port: a PCI device of a PMD, or a vdev, opened and started with what its driver can do.
#pragma once

#include <cstdint>
#include <string>

#include "config/config.h"
#include "dataplane/emit.h"
#include "dataplane/net/address.h"

struct rte_eth_conf;
struct rte_eth_dev_info;
struct rte_mempool;

namespace causeway::drivers {

// What the device counts itself, in packets.
struct PortStatistics {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t missed = 0;  // the receive queue was full
  std::uint64_t receive_errors = 0;
  std::uint64_t send_errors = 0;
  std::uint64_t no_buffer = 0;
};

// One started port. Closed (and a vdev removed) when it goes. Control thread only.
class Port {
 public:
  // Throws StartError. workers: queue pairs are wanted for so many; the configuration may want fewer, the
  // device may have fewer.
  Port(const config::Port& config, rte_mempool* pool, std::uint16_t workers);
  ~Port();
  Port(Port&& other) noexcept;
  Port& operator=(Port&&) = delete;

  std::uint16_t device() const { return device_; }
  const net::MacAddress& mac() const { return mac_; }
  const std::string& driver() const { return driver_; }
  TxChecksums tx_checksums() const { return tx_checksums_; }  // what the device does itself
  bool rx_checksums() const { return rx_checksums_; }
  std::uint16_t queues() const { return queues_; }  // RX/TX pairs, the n-th is worker n's
  bool rss() const { return rss_; }                 // the device spreads flows over them by their hash
  bool link_up() const;                             // any thread
  PortStatistics statistics() const;                // any thread; zeros where the driver has none

 private:
  static constexpr std::uint16_t kClosed = 0xffff;

  void probe(const config::Port& config);
  void spread_flows(const rte_eth_dev_info& info, rte_eth_conf& conf);
  void configure(const config::Port& config, rte_mempool* pool, std::uint16_t workers);

  std::uint16_t device_ = kClosed;
  net::MacAddress mac_;
  std::string driver_;
  TxChecksums tx_checksums_;
  bool rx_checksums_ = false;
  std::uint16_t queues_ = 1;
  bool rss_ = false;
};

}  // namespace causeway::drivers
