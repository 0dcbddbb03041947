#include "drivers/eal.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <semaphore>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_alarm.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <spdlog/spdlog.h>

#include "drivers/start_error.h"

namespace causeway::drivers {

namespace {

constexpr unsigned kBufferCache = 256;  // per lcore
constexpr unsigned kLinkHeader = 26;    // Ethernet, two VLAN tags, FCS
constexpr unsigned kMegabyte = 1U << 20;

// One line of DPDK's log becomes one line of ours.
ssize_t write_log(void*, const char* text, std::size_t length) {
  std::string_view line(text, length);
  while (!line.empty() && line.back() == '\n')
    line.remove_suffix(1);
  if (line.empty()) return static_cast<ssize_t>(length);
  const int level = rte_log_cur_msg_loglevel();
  const auto ours = level <= static_cast<int>(RTE_LOG_ERR)       ? spdlog::level::err
                    : level == static_cast<int>(RTE_LOG_WARNING) ? spdlog::level::warn
                                                                 : spdlog::level::debug;
  spdlog::log(ours, "dpdk: {}", line);
  return static_cast<ssize_t>(length);
}

void route_log() {
  cookie_io_functions_t functions{};
  functions.write = write_log;
  std::FILE* stream = fopencookie(nullptr, "w", functions);
  if (stream == nullptr) return;
  std::setvbuf(stream, nullptr, _IOLBF, BUFSIZ);
  rte_openlog_stream(stream);
}

void require_lcores(const config::Config& config) {
  cpu_set_t available;
  CPU_ZERO(&available);
  if (sched_getaffinity(0, sizeof available, &available) != 0) return;
  std::vector<unsigned> wanted = config.workers.lcores;
  wanted.push_back(config.workers.control_lcore);
  for (const unsigned lcore : wanted) {
    if (lcore < CPU_SETSIZE && CPU_ISSET(lcore, &available)) continue;
    throw StartError(config.workers.where, fmt::format("workers: this process may not run on CPU {}", lcore),
                     fmt::format("this machine lends it {} CPUs (see `taskset -cp $$`); name others",
                                 CPU_COUNT(&available)));
  }
}

std::uint64_t read_number(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  file >> value;
  return value;
}

void require_huge_pages(const config::Config& config) {
  if (!config.memory.huge_pages) return;
  std::uint64_t free_mb = 0;
  std::error_code error;
  for (const auto& folder : std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", error)) {
    const std::string name = folder.path().filename();  // hugepages-2048kB
    const std::uint64_t page_kb = std::strtoull(name.c_str() + std::strlen("hugepages-"), nullptr, 10);
    free_mb += read_number(folder.path() / "free_hugepages") * page_kb / 1024;
  }
  if (free_mb >= config.memory.size_mb) return;
  throw StartError(
      config.memory.where,
      fmt::format("memory: {} MB of huge pages are wanted, {} MB are free", config.memory.size_mb, free_mb),
      fmt::format("run `echo {} > /proc/sys/vm/nr_hugepages`, or set memory.huge_pages: false (slower)",
                  (config.memory.size_mb + 1) / 2));
}

// DPDK would start a second process under the same prefix and both would be confused.
void require_free_prefix(const config::Config& config) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/var/run/dpdk/" + config.eal.file_prefix + "/dpdk_telemetry.v2";
  if (path.size() >= sizeof address.sun_path) return;
  std::ranges::copy(path, address.sun_path);
  const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const bool taken = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  if (!taken) return;
  throw StartError(config.eal.where,
                   "eal.file_prefix: another DPDK process runs as '" + config.eal.file_prefix + "'",
                   "stop it, or give this appliance another eal.file_prefix");
}

// DPDK's interrupt thread goes on through rte_eal_cleanup(), which takes away the memory of handlers that a
// driver leaves registered (net_memif's listener does). What closing the ports made that thread look into, it
// must have looked into before. An alarm runs on that thread; the first may run in the midst of its round
// over what is ready, the second only after it.
void settle_interrupts() {
  static std::counting_semaphore<> ran{0};  // outlives an alarm that comes too late
  for (int i = 0; i < 2; ++i) {
    if (rte_eal_alarm_set(
            1, [](void*) { ran.release(); }, nullptr) != 0)
      return;
    if (!ran.try_acquire_for(std::chrono::milliseconds(200))) return;
  }
}

}  // namespace

bool is_pci_device(const std::string& device) {
  return !device.empty() && device.find_first_not_of("0123456789abcdefABCDEF:.") == std::string::npos;
}

std::vector<std::string> eal_arguments(const config::Config& config) {
  // DPDK's lcore 0 is control, lcore n + 1 is worker n, wherever they run.
  std::string lcores = "0@" + std::to_string(config.workers.control_lcore);
  for (std::size_t i = 0; i < config.workers.lcores.size(); ++i)
    lcores += fmt::format(",{}@{}", worker_lcore(i), config.workers.lcores[i]);
  std::vector<std::string> arguments{"--lcores",
                                     lcores,
                                     "--main-lcore",
                                     "0",
                                     "--file-prefix",
                                     config.eal.file_prefix,
                                     "-m",
                                     std::to_string(config.memory.size_mb)};
  // It would warn that nobody uses an interface of old.
  arguments.insert(arguments.end(), {"--log-level", "lib.telemetry:error"});
  // Neither way leaves files behind when a process dies: --in-memory takes anonymous huge pages.
  if (config.memory.huge_pages) {
    arguments.push_back("--in-memory");
  } else {
    arguments.insert(arguments.end(), {"--no-huge", "--no-shconf"});
  }
  bool any_pci = false;
  for (const config::Port& port : config.ports) {
    if (!is_pci_device(port.device)) continue;
    arguments.insert(arguments.end(), {"-a", port.device});
    any_pci = true;
  }
  if (!any_pci) arguments.push_back("--no-pci");
  arguments.insert(arguments.end(), config.eal.extra_args.begin(), config.eal.extra_args.end());
  return arguments;
}

Eal::Eal(const config::Config& config) {
  require_lcores(config);
  require_huge_pages(config);
  require_free_prefix(config);
  route_log();
  std::vector<std::string> arguments = eal_arguments(config);
  arguments.insert(arguments.begin(), "causeway");
  std::vector<char*> argv;
  for (std::string& argument : arguments)
    argv.push_back(argument.data());
  spdlog::debug("EAL arguments: {}", fmt::join(arguments, " "));
  if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0) {
    throw StartError(config.eal.where, std::string("DPDK did not start: ") + rte_strerror(rte_errno),
                     "the lines above that begin with 'dpdk:' say why; the arguments were: " +
                         fmt::format("{}", fmt::join(arguments, " ")));
  }
}

Eal::~Eal() {
  settle_interrupts();
  rte_eal_cleanup();
}

std::uint64_t tsc_hz() {
  return rte_get_tsc_hz();
}

rte_mempool* make_packet_pool(const config::Config& config, std::uint16_t private_size) {
  std::uint16_t mtu = 1500;
  for (const config::Port& port : config.ports)
    mtu = std::max(mtu, port.mtu);
  // Drivers round the buffer down to what their hardware counts in (ixgbe to 1 KiB): a frame of full MTU must
  // still fit.
  const unsigned room = RTE_PKTMBUF_HEADROOM + RTE_ALIGN_CEIL(std::max(2048U, mtu + kLinkHeader), 1024);
  rte_mempool* pool = rte_pktmbuf_pool_create("packets", config.memory.packet_buffers, kBufferCache,
                                              private_size, static_cast<std::uint16_t>(room), SOCKET_ID_ANY);
  if (pool == nullptr) {
    const std::uint64_t need_mb =
        std::uint64_t{config.memory.packet_buffers} * (room + private_size + 256U) / kMegabyte + 1;
    throw StartError(config.memory.where,
                     fmt::format("memory: {} packet buffers of {} bytes (about {} MB) do not fit: {}",
                                 config.memory.packet_buffers, room, need_mb, rte_strerror(rte_errno)),
                     "raise memory.size_mb or lower memory.packet_buffers");
  }
  return pool;
}

}  // namespace causeway::drivers
