#include "config/validate.h"

#include <algorithm>
#include <set>

#include "config/checker.h"

namespace causeway::config {
namespace {

void check_workers(const Workers& workers, Findings& findings) {
  if (workers.share_cpus) return;
  std::set<unsigned> seen{workers.control_lcore};
  for (std::size_t i = 0; i < workers.lcores.size(); ++i) {
    const unsigned lcore = workers.lcores[i];
    if (seen.insert(lcore).second) continue;
    const bool control = lcore == workers.control_lcore;
    findings.error(
        join("workers.lcores", i),
        std::to_string(lcore) + (control ? " is the control thread's lcore, too" : " is given twice"),
        "give another lcore (share_cpus: true is for tests)", {"workers"});
  }
}

void check_limits(const Config& config, Findings& findings) {
  const auto check = [&](std::string_view list, const auto& items, unsigned limit) {
    if (items.size() <= limit) return;
    findings.error(
        join(list, limit),
        "is one more than limits." + std::string(list) + " (" + std::to_string(limit) + ") has room for",
        "raise limits." + std::string(list) + " to " + std::to_string(items.size()) + " or more", {"limits"});
  };
  check("transports", config.transports, config.limits.transports);
  check("tracks", config.tracks, config.limits.tracks);
  check("legs", config.legs, config.limits.legs);
}

// Every descriptor of a full ring holds a buffer; the rest is what the workers have in their hands.
void check_memory(const Config& config, Findings& findings) {
  constexpr std::uint64_t kInHands = 1024;
  const std::uint64_t workers = config.workers.lcores.size();
  std::uint64_t needed = kInHands * workers;
  for (const Port& port : config.ports) {
    const std::uint64_t queues = port.queues == 0 ? workers : std::min<std::uint64_t>(port.queues, workers);
    needed += queues * (port.rx_descriptors + port.tx_descriptors);
  }
  if (config.memory.packet_buffers >= needed) return;
  findings.error("memory.packet_buffers",
                 std::to_string(config.memory.packet_buffers) +
                     " are less than the descriptors of all queues and " + std::to_string(kInHands) +
                     " for each worker take",
                 "give at least " + std::to_string(needed), {"memory", "ports"});
}

void check_guard(const Guard& guard, Findings& findings) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < guard.signatures.size(); ++i) {
    if (seen.insert(guard.signatures[i]).second) continue;
    findings.error(join("guard.signatures", i), quote(guard.signatures[i]) + " is given twice",
                   "keep one of them");
  }
}

void check_api(const Api& api, Findings& findings) {
  if (!api.listen.empty() && !api.listen.starts_with('/')) {
    findings.error("api.listen", quote(api.listen) + " is no absolute path",
                   "give one such as /run/causeway/api.sock, or \"\" for none", {"api"});
  }
  if (api.tcp && api.token_file.empty()) {
    findings.error("api.tcp", "needs a token: whoever reaches it could do anything", "give token_file",
                   {"api"});
  }
  if (api.tcp && !api.tcp->address.is_loopback()) {
    findings.warning("api.tcp", "is plain HTTP: the token and keys can be read on the way",
                     "give a loopback address, and put a proxy with TLS in front", {"api"});
  }
  if (!api.tcp && !api.token_file.empty())
    findings.warning("api.token_file", "is not used without tcp", "leave it out", {"api"});
}

struct OwnedArgument {
  std::string_view flag;
  std::string_view instead;
};
constexpr OwnedArgument kOwnedArguments[] = {
    {"-l", "workers.lcores and workers.control_lcore"},
    {"-c", "workers.lcores and workers.control_lcore"},
    {"--lcores", "workers.lcores and workers.control_lcore"},
    {"--main-lcore", "workers.control_lcore"},
    {"--master-lcore", "workers.control_lcore"},
    {"-m", "memory.size_mb"},
    {"--socket-mem", "memory.size_mb"},
    {"--no-huge", "memory.huge_pages: false"},
    {"--in-memory", "memory.huge_pages"},
    {"--file-prefix", "eal.file_prefix"},
    {"--vdev", "ports[].device"},
    {"-a", "ports[].device"},
    {"--allow", "ports[].device"},
    {"-w", "ports[].device"},
    {"--no-pci", "ports[].device: without a PCI address there, none is probed"},
};

// As getopt_long reads it: "-l1" is -l, and a long option may be cut and may have "=value" behind it.
bool means(std::string_view argument, std::string_view flag) {
  if (!flag.starts_with("--")) return argument.starts_with(flag);
  const std::string_view name = argument.substr(0, argument.find('='));
  return name.size() > 3 && flag.starts_with(name);
}

void check_extra_args(const Eal& eal, Findings& findings) {
  for (std::size_t i = 0; i < eal.extra_args.size(); ++i) {
    for (const OwnedArgument& owned : kOwnedArguments) {
      if (!means(eal.extra_args[i], owned.flag)) continue;
      findings.error(join("eal.extra_args", i), std::string(owned.flag) + " is the appliance's to give",
                     "use " + std::string(owned.instead));
      break;
    }
  }
}

}  // namespace

std::string_view unusable_address(const net::IpAddress& address) {
  if (address.is_unspecified()) return "the unspecified address";
  if (address.is_multicast()) return "a multicast address";
  if (address.is_loopback()) return "a loopback address";
  if (address.is_broadcast()) return "the broadcast address";
  return "";
}

std::vector<Finding> validate(const Config& config) {
  Findings findings;
  const NameIndex sites = index_unique(config.sites, "sites", &Site::name, "name", findings);
  if (!sites.contains(config.node.site)) {
    findings.error("node.site", quote(config.node.site) + " is none of sites", "add it to sites",
                   {"node", "sites"});
  }
  check_workers(config.workers, findings);
  check_limits(config, findings);
  check_memory(config, findings);
  check_extra_args(config.eal, findings);
  check_guard(config.guard, findings);
  check_api(config.api, findings);
  check_timers(config, findings);
  check_fleet(config, findings);

  const NameIndex ports = index_unique(config.ports, "ports", &Port::name, "name", findings);
  const NameIndex transports =
      index_unique(config.transports, "transports", &Transport::name, "name", findings);
  const NameIndex tracks = index_unique(config.tracks, "tracks", &Track::id, "id", findings);
  index_unique(config.legs, "legs", &Leg::name, "name", findings);
  check_ports(config, findings);
  check_transports(config, ports, findings);
  check_keys(config, findings);
  check_tracks(config, transports, findings);
  check_legs(config, transports, tracks, findings);
  return findings.take();
}

}  // namespace causeway::config
