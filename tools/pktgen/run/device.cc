#include "tools/pktgen/run/device.h"

#include <algorithm>
#include <system_error>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ring.h>

#include "drivers/start_error.h"

namespace causeway::pktgen {

namespace {

constexpr unsigned kReplies = 256;
constexpr unsigned kLeastBuffers = 8192;

config::Config make_config(const DeviceOptions& options) {
  config::Config config;
  config.workers.control_lcore = options.lcores.front();
  config.workers.lcores.assign(options.lcores.begin() + 1, options.lcores.end());
  config.memory.huge_pages = options.huge_pages;
  config.memory.size_mb = options.memory_mb;
  config.memory.packet_buffers = std::max(kLeastBuffers, 4 * options.descriptors);
  config.eal.file_prefix = "causeway-pktgen-" + std::to_string(getpid());
  config.eal.extra_args = {"--no-telemetry"};
  config.eal.extra_args.insert(config.eal.extra_args.end(), options.eal.begin(), options.eal.end());
  config::Port port;
  port.name = "pktgen";
  port.device = options.device;
  port.mtu = options.mtu;
  port.rx_descriptors = options.descriptors;
  port.tx_descriptors = options.descriptors;
  config.ports.push_back(port);
  return config;
}

}  // namespace

Device::Device(const DeviceOptions& options)
    : lcores_(options.lcores),
      config_(make_config(options)),
      eal_(std::make_unique<drivers::Eal>(config_)),
      pool_(drivers::make_packet_pool(config_, 0)),
      replies_(rte_ring_create("replies", kReplies, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ)) {
  folder_.path = rte_eal_get_runtime_dir();
  if (replies_ == nullptr) {
    throw drivers::StartError({}, "no memory for a ring of replies", "raise --memory");
  }
  port_ = std::make_unique<drivers::Port>(config_.ports.front(), pool_, std::uint16_t{1});
  rte_eth_promiscuous_enable(id());  // the remotes that are played may have other addresses than the device
}

Device::~Device() {
  port_.reset();  // before the EAL
}

Device::RuntimeFolder::~RuntimeFolder() {
  std::error_code ignored;
  if (!path.empty()) std::filesystem::remove_all(path, ignored);
}

DeviceCounters Device::counters() const {
  const drivers::PortStatistics statistics = port_->statistics();
  return {.received = statistics.received, .missed = statistics.missed, .no_buffer = statistics.no_buffer};
}

}  // namespace causeway::pktgen
