#include "drivers/port.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <system_error>
#include <utility>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <spdlog/spdlog.h>

#include "drivers/eal.h"
#include "drivers/kernel_net.h"
#include "drivers/start_error.h"

namespace causeway::drivers {

namespace {

// The value of `key=` in "net_af_packet0,iface=eth1,qpairs=1"; empty if absent.
std::string device_argument(const std::string& device, const std::string& key) {
  std::size_t at = device.find("," + key + "=");
  if (at == std::string::npos) return "";
  at += key.size() + 2;
  return device.substr(at, device.find(',', at) - at);
}

[[noreturn]] void fail(const config::Port& config, const std::string& what, const std::string& mend) {
  throw StartError(config.device_where, "port " + config.name + ": " + what, mend);
}

// The device is a PMD over an interface that stays the kernel's.
void take_kernel_interface(const config::Port& config, const std::string& interface) {
  const unsigned index = KernelNet::interface_index(interface);
  if (index == 0) {
    fail(config, "there is no network interface '" + interface + "'", "`ip link` lists what is there");
  }
  try {
    KernelNet().set_link_up(index);  // while it is down, nothing is received
  } catch (const std::system_error& error) {
    fail(config, "cannot set the interface " + interface + " up: " + error.what(),
         "it needs CAP_NET_ADMIN and CAP_NET_RAW: run as root");
  }
  for (const std::string& sysctl : KernelNet::silence(interface)) {
    spdlog::warn("port {}: cannot set {} to 1: the kernel may answer twice for this port's addresses",
                 config.name, sysctl);
  }
}

// What the PMD would only say in its own words, or not at all.
void require_device(const config::Port& config) {
  const std::string& device = config.device;
  if (is_pci_device(device)) {
    std::string full = std::ranges::count(device, ':') == 1 ? "0000:" + device : device;
    std::ranges::transform(full, full.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!std::filesystem::exists("/sys/bus/pci/devices/" + full)) {
      fail(config, "there is no PCI device " + full,
           "`dpdk-devbind.py --status-dev net` lists what is there");
    }
    return;
  }
  const bool pcap = device.starts_with("net_pcap");  // may have files instead
  if (!pcap && !device.starts_with("net_af_packet") && !device.starts_with("net_af_xdp")) return;
  const std::string interface = device_argument(device, "iface");
  if (!interface.empty()) {
    take_kernel_interface(config, interface);
  } else if (!pcap) {
    fail(config, "device '" + device + "' names no interface", "add ,iface=NAME");
  }
}

// The longest IP packet that the driver would be configured for; it says so of frames, with a header of its
// own measure.
std::uint32_t longest_mtu(const rte_eth_dev_info& info) {
  const bool says_mtu = info.max_mtu != UINT16_MAX && info.max_rx_pktlen > info.max_mtu;
  return says_mtu ? info.max_mtu : info.max_rx_pktlen - RTE_ETHER_HDR_LEN - RTE_ETHER_CRC_LEN;
}

// net_ring and net_null have no MAC address of their own: a stable locally administered one.
net::MacAddress made_up_mac(const std::string& name) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : name)
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  net::MacAddress mac = net::MacAddress::from_u48(hash & 0xffffffffffff);
  mac.bytes[0] = 0x02;
  return mac;
}

// A key for which the hash of a flow is that of its answers (both directions meet the same worker): 16 bits
// that repeat.
constexpr std::array<std::uint8_t, 64> make_symmetric_key() {
  std::array<std::uint8_t, 64> key{};
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = i % 2 == 0 ? 0x6d : 0x5a;
  return key;
}

}  // namespace

Port::Port(const config::Port& config, rte_mempool* pool, std::uint16_t workers) {
  require_device(config);
  probe(config);
  try {
    configure(config, pool, workers);
  } catch (...) {
    rte_eth_dev_close(device_);
    throw;
  }
  spdlog::info("port {}: {} ({}), MAC {}, checksums: transmit {}, receive {}; {} queue pairs{}", config.name,
               config.device, driver_, mac_.to_string(),
               tx_checksums_.udp_by_port ? "by the device" : "in software",
               rx_checksums_ ? "by the device" : "in software", queues_, rss_ ? " (RSS)" : "");
}

void Port::probe(const config::Port& config) {
  const std::string name = config.device.substr(0, config.device.find(','));
  const bool already_probed = rte_eth_dev_get_port_by_name(name.c_str(), &device_) == 0;
  if (already_probed && !is_pci_device(config.device)) {
    fail(config, "device '" + name + "' exists already", "give each port a device of its own");
  }
  if (!already_probed) {
    const int error = rte_dev_probe(config.device.c_str());
    if (error != 0) {
      fail(config, fmt::format("DPDK cannot open '{}': {}", config.device, rte_strerror(-error)),
           is_pci_device(config.device) ? "is it bound to vfio-pci? `dpdk-devbind.py --status-dev net`"
                                        : "the lines above that begin with 'dpdk:' say why");
    }
    if (rte_eth_dev_get_port_by_name(name.c_str(), &device_) != 0) {
      device_ = kClosed;
      fail(config, "no driver took '" + config.device + "'",
           "is its PMD installed (package librte-meta-net23)?");
    }
  }
}

// RSS over addresses and ports, where the device has it and there is more than one queue.
void Port::spread_flows(const rte_eth_dev_info& info, rte_eth_conf& conf) {
  static std::array<std::uint8_t, 64> key = make_symmetric_key();  // the device only reads it
  const std::uint64_t hashes = info.flow_type_rss_offloads &
                               (RTE_ETH_RSS_IP | RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV6_UDP);
  rss_ = queues_ > 1 && hashes != 0;
  if (!rss_) return;
  conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
  conf.rx_adv_conf.rss_conf.rss_hf = hashes;
  if (info.hash_key_size == 0 || info.hash_key_size > key.size()) return;  // its own key
  conf.rx_adv_conf.rss_conf.rss_key = key.data();
  conf.rx_adv_conf.rss_conf.rss_key_len = info.hash_key_size;
}

void Port::configure(const config::Port& config, rte_mempool* pool, std::uint16_t workers) {
  rte_eth_dev_info info{};
  const auto check = [&config](int error, const char* step) {
    if (error != 0) {
      fail(config, fmt::format("{}: {}", step, rte_strerror(-error)),
           "the lines above that begin with 'dpdk:' say why");
    }
  };
  check(rte_eth_dev_info_get(device_, &info), "reading the device's capabilities");
  driver_ = info.driver_name;
  const std::uint16_t offered = std::min(info.max_rx_queues, info.max_tx_queues);
  if (config.queues > offered) {
    fail(config, fmt::format("{} queue pairs are wanted, the device has {}", config.queues, offered),
         fmt::format("set the port's queues to {} or less", offered));
  }
  // A memif has as many rings as its client wants, which nobody knows before it comes: what a worker sent
  // into one that never comes would be lost.
  const std::uint16_t likely = driver_ == "net_memif" ? std::uint16_t{1} : offered;
  const unsigned wanted = config.queues == 0 ? std::min(workers, likely) : config.queues;
  queues_ = static_cast<std::uint16_t>(std::min<unsigned>(wanted, workers));
  if (config.mtu > longest_mtu(info)) {
    fail(config, fmt::format("an MTU of {} is beyond what the device takes", config.mtu),
         fmt::format("set the port's mtu to {} or less", longest_mtu(info)));
  }

  rte_eth_conf conf{};
  conf.rxmode.mtu = config.mtu;
  conf.rxmode.offloads =
      info.rx_offload_capa & (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM);
  conf.txmode.offloads =
      info.tx_offload_capa & (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM);
  rx_checksums_ = (conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_UDP_CKSUM) != 0;
  tx_checksums_ = {.ipv4_by_port = (conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0,
                   .udp_by_port = (conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_UDP_CKSUM) != 0};
  spread_flows(info, conf);
  check(rte_eth_dev_configure(device_, queues_, queues_, &conf), "configuring the device");

  auto rx_descriptors = static_cast<std::uint16_t>(config.rx_descriptors);
  auto tx_descriptors = static_cast<std::uint16_t>(config.tx_descriptors);
  check(rte_eth_dev_adjust_nb_rx_tx_desc(device_, &rx_descriptors, &tx_descriptors), "sizing its queues");
  const auto socket = static_cast<unsigned>(std::max(0, rte_eth_dev_socket_id(device_)));
  for (std::uint16_t queue = 0; queue < queues_; ++queue) {
    check(rte_eth_rx_queue_setup(device_, queue, rx_descriptors, socket, nullptr, pool),
          "setting up a receive queue");
    check(rte_eth_tx_queue_setup(device_, queue, tx_descriptors, socket, nullptr),
          "setting up a transmit queue");
  }
  const int mtu_error = rte_eth_dev_set_mtu(device_, config.mtu);
  if (mtu_error != 0 && mtu_error != -ENOTSUP) check(mtu_error, "setting its MTU");
  check(rte_eth_dev_start(device_), "starting the device");
  rte_eth_allmulticast_enable(device_);  // neighbour discovery; a vdev without the switch sees all anyway

  rte_ether_addr address{};
  check(rte_eth_macaddr_get(device_, &address), "reading its MAC address");
  std::copy_n(address.addr_bytes, mac_.bytes.size(), mac_.bytes.begin());
  if (mac_ == net::MacAddress{}) mac_ = made_up_mac(config.name);
}

Port::Port(Port&& other) noexcept
    : device_(std::exchange(other.device_, kClosed)),
      mac_(other.mac_),
      driver_(std::move(other.driver_)),
      tx_checksums_(other.tx_checksums_),
      rx_checksums_(other.rx_checksums_),
      queues_(other.queues_),
      rss_(other.rss_) {}

Port::~Port() {
  if (device_ == kClosed) return;
  rte_eth_dev_stop(device_);
  rte_eth_dev_close(device_);
}

bool Port::link_up() const {
  rte_eth_link link{};
  return rte_eth_link_get_nowait(device_, &link) == 0 && link.link_status == RTE_ETH_LINK_UP;
}

PortStatistics Port::statistics() const {
  rte_eth_stats stats{};
  rte_eth_stats_get(device_, &stats);
  return {.received = stats.ipackets,
          .sent = stats.opackets,
          .missed = stats.imissed,
          .receive_errors = stats.ierrors,
          .send_errors = stats.oerrors,
          .no_buffer = stats.rx_nombuf};
}

}  // namespace causeway::drivers
