#include "tests/bench/memif_client.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>
#include <time.h>
#include <vector>

#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

namespace causeway::bench {

namespace {

constexpr std::uint16_t kDescriptors = 1024;
constexpr std::size_t kInFlight = 768;  // below the descriptors of a ring
constexpr std::uint16_t kBurstSize = 32;
constexpr double kWindow_ms = 10;
constexpr double kStall_ms = 5;
constexpr double kPatience_ms = 3000;  // until a server that has started forwards

}  // namespace

MemifClient::MemifClient(const std::string& socket, rte_mempool* pool,
                         const std::function<bool()>& server_runs) {
  static int count = 0;
  const std::string number = std::to_string(count++);
  const std::string name = "net_memif" + number;
  const std::string device = name + ",role=client,id=0,socket=" + socket + ",socket-abstract=no,rsize=10";
  if (rte_dev_probe(device.c_str()) != 0 || rte_eth_dev_get_port_by_name(name.c_str(), &device_) != 0) {
    throw std::runtime_error("DPDK has no net_memif");
  }
  try {
    rte_eth_conf conf{};
    if (rte_eth_dev_configure(device_, 1, 1, &conf) != 0 ||
        rte_eth_rx_queue_setup(device_, 0, kDescriptors, 0, nullptr, pool) != 0 ||
        rte_eth_tx_queue_setup(device_, 0, kDescriptors, 0, nullptr) != 0) {
      throw std::runtime_error("net_memif cannot be configured");
    }
    connect(socket, server_runs);
  } catch (...) {
    rte_eth_dev_stop(device_);
    rte_eth_dev_close(device_);
    throw;
  }
}

// A server that is not ready refuses, and a client that was refused tries again only when it starts anew.
void MemifClient::connect(const std::string& socket, const std::function<bool()>& server_runs) {
  bool started = false;
  for (int i = 0; i < 500; ++i) {
    if (started && i % 10 == 0) {
      rte_eth_dev_stop(device_);
      started = false;
    }
    if (!started && std::filesystem::exists(socket)) started = rte_eth_dev_start(device_) == 0;
    rte_eth_link link{};
    if (started && rte_eth_link_get_nowait(device_, &link) == 0 && link.link_status == RTE_ETH_LINK_UP)
      return;
    if (!server_runs()) throw std::runtime_error("the server has ended");
    const timespec pause{.tv_sec = 0, .tv_nsec = 20'000'000};
    nanosleep(&pause, nullptr);
  }
  throw std::runtime_error("the server does not answer");
}

MemifClient::~MemifClient() {
  rte_eth_dev_stop(device_);
  rte_eth_dev_close(device_);
}

MemifClient::Rate MemifClient::run(measure::TscRate rate, double milliseconds, std::size_t fan_out,
                                   const std::function<rte_mbuf*()>& make_packet) {
  const std::uint64_t window = rate.from_ns(kWindow_ms * 1e6);
  const std::uint64_t stall = rate.from_ns(kStall_ms * 1e6);
  const std::uint64_t patience = rate.from_ns(kPatience_ms * 1e6);
  const std::uint64_t begin = measure::read_tsc();
  std::uint64_t end = begin + patience;  // until the first packet comes back
  const std::size_t burst = std::clamp<std::size_t>(kInFlight / fan_out / 2, 1, kBurstSize);
  Rate result;
  std::vector<double> windows;
  std::array<rte_mbuf*, kBurstSize> packets;
  std::size_t in_flight = 0;  // packets to come back
  std::uint64_t in_window = 0;
  std::uint64_t window_began = begin;
  std::uint64_t last_received = begin;
  for (std::uint64_t now = begin; now < end; now = measure::read_tsc()) {
    if (in_flight + burst * fan_out <= kInFlight) {
      std::generate_n(packets.begin(), burst, make_packet);
      const std::uint16_t sent =
          rte_eth_tx_burst(device_, 0, packets.data(), static_cast<std::uint16_t>(burst));
      rte_pktmbuf_free_bulk(packets.data() + sent, static_cast<unsigned>(burst - sent));
      in_flight += sent * fan_out;
    }
    const std::uint16_t n = rte_eth_rx_burst(device_, 0, packets.data(), kBurstSize);
    if (n != 0) {
      rte_pktmbuf_free_bulk(packets.data(), n);
      in_flight -= std::min<std::size_t>(in_flight, n);
      if (result.received == 0) {
        window_began = now;
        end = now + rate.from_ns(milliseconds * 1e6);
      }
      in_window += n;
      result.received += n;
      last_received = now;
    } else if (in_flight != 0 && now - last_received > stall) {
      in_flight = 0;
      last_received = now;
      if (result.received != 0) ++result.stalls;
    }
    if (result.received == 0 || now - window_began < window) continue;
    windows.push_back(static_cast<double>(in_window) / rate.to_ns(now - window_began) * 1e3);
    in_window = 0;
    window_began = now;
  }
  if (windows.empty()) throw std::runtime_error("nothing comes back");
  std::ranges::sort(windows);
  result.best_mpps = windows.back();
  result.median_mpps = windows[windows.size() / 2];
  return result;
}

}  // namespace causeway::bench
