#include "drivers/exception.h"

#include <array>
#include <system_error>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <spdlog/spdlog.h>

#include "drivers/start_error.h"

namespace causeway::drivers {

namespace {

constexpr std::uint16_t kBurst = 64;
constexpr unsigned kRingSize = 1024;
constexpr std::uint16_t kDescriptors = 512;

// To the kernel the port's worker produces and control consumes; from the kernel it is the other way round.
rte_ring* make_ring(const config::Port& config, const std::string& what) {
  const std::string name = what + "-" + config.exception_interface;
  rte_ring* ring = rte_ring_create(name.c_str(), kRingSize, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
  if (ring == nullptr) {
    throw StartError(
        config.where,
        "port " + config.name + ": no memory for its ring " + name + ": " + rte_strerror(rte_errno),
        "raise memory.size_mb");
  }
  return ring;
}

void drain(rte_ring* ring) {
  void* frame = nullptr;
  while (ring != nullptr && rte_ring_sc_dequeue(ring, &frame) == 0)
    rte_pktmbuf_free(static_cast<rte_mbuf*>(frame));
  rte_ring_free(ring);
}

}  // namespace

ExceptionInterface::ExceptionInterface(const config::Port& config, const net::MacAddress& mac,
                                       rte_mempool* pool, KernelNet& kernel, std::size_t workers)
    : vlan_(config.vlan) {
  try {
    for (std::size_t worker = 0; worker < workers; ++worker) {
      punt_.push_back(make_ring(config, "punt" + std::to_string(worker)));
      neighbours_.push_back(make_ring(config, "hops" + std::to_string(worker)));
    }
    inject_ = make_ring(config, "inject");
    open(config, mac, pool);
    hand_over_addresses(config, kernel);
  } catch (...) {
    close();
    throw;
  }
  spdlog::info("port {}: the kernel owns its addresses through {}", config.name, config.exception_interface);
}

void ExceptionInterface::open(const config::Port& config, const net::MacAddress& mac, rte_mempool* pool) {
  const std::string& interface = config.exception_interface;
  const auto fail = [&config, &interface](const std::string& what) {
    throw StartError(config.where, "port " + config.name + ": exception interface " + interface + ": " + what,
                     "it needs CAP_NET_ADMIN and /dev/net/tun (`modprobe tun`)");
  };
  if (KernelNet::interface_index(interface) != 0) {
    throw StartError(config.where,
                     "port " + config.name + ": the exception interface " + interface + " exists already",
                     "remove it (`ip link del " + interface + "`) or give another exception_interface");
  }
  const std::string name = "net_tap_" + config.name;
  const std::string arguments = "iface=" + interface + ",mac=" + mac.to_string();
  // The PMD reports as errors that the kernel has no multiq qdisc, which only rte_flow would want.
  rte_log_set_level_pattern("pmd.net.tap", RTE_LOG_CRIT);
  int error = rte_eal_hotplug_add("vdev", name.c_str(), arguments.c_str());
  if (error != 0) fail(rte_strerror(-error));
  rte_eth_dev_get_port_by_name(name.c_str(), &device_);
  rte_eth_conf conf{};
  conf.rxmode.mtu = config.mtu;
  error = rte_eth_dev_configure(device_, 1, 1, &conf);
  if (error == 0) error = rte_eth_rx_queue_setup(device_, 0, kDescriptors, 0, nullptr, pool);
  if (error == 0) error = rte_eth_tx_queue_setup(device_, 0, kDescriptors, 0, nullptr);
  if (error == 0) error = rte_eth_dev_set_mtu(device_, config.mtu);
  if (error == 0) error = rte_eth_dev_start(device_);
  if (error != 0) fail(rte_strerror(-error));
  interface_index_ = KernelNet::interface_index(interface);
}

void ExceptionInterface::hand_over_addresses(const config::Port& config, KernelNet& kernel) {
  for (const net::InterfaceAddress& address : config.addresses) {
    if (const auto holder = KernelNet::holder_of(address.address)) {
      throw StartError(config.where,
                       "port " + config.name + ": address " + address.address.to_string() +
                           " is in use by interface " + *holder,
                       "remove it there (`ip address del " + address.to_string() + " dev " + *holder +
                           "`): the appliance gives it to its exception interface");
    }
  }
  try {
    kernel.set_link_up(interface_index_);
    for (const net::InterfaceAddress& address : config.addresses)
      kernel.add_address(interface_index_, address);
    if (config.gateway_v4) kernel.add_default_route(interface_index_, *config.gateway_v4);
    if (config.gateway_v6) kernel.add_default_route(interface_index_, *config.gateway_v6);
  } catch (const std::system_error& error) {
    throw StartError(config.where,
                     "port " + config.name + ": the kernel refuses an address or default route on " +
                         config.exception_interface + ": " + error.what(),
                     "see `ip address` and `ip route`; a default route may exist already");
  }
}

ExceptionInterface::~ExceptionInterface() {
  close();
}

void ExceptionInterface::close() {
  if (device_ != kClosed) {
    rte_eth_dev_stop(device_);
    rte_eth_dev_close(device_);
    device_ = kClosed;
  }
  for (rte_ring* ring : punt_)
    drain(ring);
  for (rte_ring* ring : neighbours_)
    drain(ring);
  drain(inject_);
  punt_.clear();
  neighbours_.clear();
  inject_ = nullptr;
}

bool ExceptionInterface::pump() {
  bool any = false;
  for (rte_ring* ring : neighbours_)
    any |= pump_to_kernel(ring);
  for (rte_ring* ring : punt_)
    any |= pump_to_kernel(ring);
  return pump_from_kernel() || any;
}

bool ExceptionInterface::pump_to_kernel(rte_ring* ring) {
  std::array<rte_mbuf*, kBurst> frames;
  auto** objects = reinterpret_cast<void**>(frames.data());
  const unsigned n = rte_ring_sc_dequeue_burst(ring, objects, kBurst, nullptr);
  if (n == 0) return false;
  for (unsigned i = 0; i < n; ++i) {
    // The kernel's interface is untagged: the tag is the port's affair. Classify let only the port's own tag
    // (or the priority tag 0) pass.
    if (rte_pktmbuf_mtod(frames[i], rte_ether_hdr*)->ether_type == RTE_BE16(RTE_ETHER_TYPE_VLAN))
      rte_vlan_strip(frames[i]);
    frames[i]->ol_flags = 0;
  }
  const unsigned sent = rte_eth_tx_burst(device_, 0, frames.data(), static_cast<std::uint16_t>(n));
  rte_pktmbuf_free_bulk(frames.data() + sent, n - sent);
  counters_.to_kernel.add(sent);
  counters_.to_kernel_drops.add(n - sent);
  return true;
}

bool ExceptionInterface::pump_from_kernel() {
  std::array<rte_mbuf*, kBurst> frames;
  const std::uint16_t n = rte_eth_rx_burst(device_, 0, frames.data(), kBurst);
  for (std::uint16_t i = 0; i < n; ++i) {
    frames[i]->ol_flags = 0;
    frames[i]->vlan_tci = vlan_;
    if ((vlan_ != 0 && rte_vlan_insert(&frames[i]) != 0) || rte_ring_sp_enqueue(inject_, frames[i]) != 0) {
      rte_pktmbuf_free(frames[i]);
      counters_.from_kernel_drops.add(1);
    } else {
      counters_.from_kernel.add(1);
    }
  }
  return n != 0;
}

}  // namespace causeway::drivers
