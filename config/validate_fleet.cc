// The fleet: who is in it, and by which ports its nodes talk.
#include <algorithm>
#include <map>
#include <string>

#include "config/checker.h"

namespace causeway::config {
namespace {

void check_identity(const Config& config, const NameIndex& names, Findings& findings) {
  const auto own = names.find(config.node.name);
  if (own == names.end()) {
    findings.error("fleet.nodes", "has no node " + quote(config.node.name) + ", which is this one",
                   "add it, or give node.name as it stands here", {"node"});
    return;
  }
  const std::string path = join("fleet.nodes", own->second);
  const FleetNode& node = config.fleet.nodes[own->second];
  if (node.site != config.node.site) {
    findings.error(path + ".site",
                   quote(node.site) + " is not the site of this node, " + quote(config.node.site),
                   "give the same in both places", {"node"});
  }
  const bool is_own = std::ranges::any_of(config.ports, [&](const Port& port) {
    return std::ranges::any_of(port.addresses, [&](const net::InterfaceAddress& own_address) {
      return own_address.address == node.endpoint.address;
    });
  });
  if (!is_own) {
    findings.error(path + ".endpoint",
                   node.endpoint.address.to_string() + " is no address of this node's ports",
                   "give one of ports[].addresses", {"ports"});
  }
  const std::uint32_t last = std::uint32_t{node.endpoint.port} + config.heartbeat.flows - 1;
  const PortRange& media = config.media.port_range;
  if (node.endpoint.port <= media.last && last >= media.first) {
    findings.error(path + ".endpoint",
                   "UDP ports " + std::to_string(node.endpoint.port) + " to " + std::to_string(last) +
                       " (heartbeat.flows of them) reach into media.port_range",
                   "give ports outside of it", {"media", "heartbeat"});
  }
}

void check_nodes(const Config& config, Findings& findings) {
  std::map<unsigned, std::size_t> ids;
  std::map<net::Endpoint, std::size_t> endpoints;
  const bool v4 = config.fleet.nodes[0].endpoint.address.is_v4();
  for (std::size_t i = 0; i < config.fleet.nodes.size(); ++i) {
    const FleetNode& node = config.fleet.nodes[i];
    const std::string path = join("fleet.nodes", i);
    const auto same = [&](const auto& first, const char* key, const std::string& what) {
      const std::string other = join("fleet.nodes", first);
      findings.error(join(path, key), what + " is that of " + other + ", too", "give another", {other});
    };
    if (const auto [at, is_new] = ids.emplace(node.id, i); !is_new)
      same(at->second, "id", std::to_string(node.id));
    if (node.id >= config.fleet.nodes.size()) {
      findings.error(path + ".id",
                     std::to_string(node.id) + " leaves a gap: there are " +
                         std::to_string(config.fleet.nodes.size()) + " nodes",
                     "number the nodes from 0 without gaps");
    }
    if (const auto [at, is_new] = endpoints.emplace(node.endpoint, i); !is_new)
      same(at->second, "endpoint", node.endpoint.to_string());
    if (std::ranges::none_of(config.sites, [&](const Site& site) { return site.name == node.site; })) {
      findings.error(path + ".site", quote(node.site) + " is none of sites", "add it to sites", {"sites"});
    }
    if (const std::string_view unusable = unusable_address(node.endpoint.address); !unusable.empty()) {
      findings.error(path + ".endpoint", node.endpoint.to_string() + " is " + std::string(unusable),
                     "give a unicast address");
    } else if (node.endpoint.address.is_v4() != v4) {
      findings.error(path + ".endpoint", "is not of the first node's address family",
                     "give all nodes IPv4 or all of them IPv6 addresses");
    }
    if (node.endpoint.port + config.heartbeat.flows - 1 > 65535) {
      findings.error(path + ".endpoint", "has no room for heartbeat.flows ports above it",
                     "give a lower port", {"heartbeat"});
    }
  }
}

// One way to know each other, whole.
void check_means(const Fleet& fleet, Findings& findings) {
  const std::pair<const char*, const std::string*> files[] = {
      {"certificate_file", &fleet.certificate_file},
      {"private_key_file", &fleet.private_key_file},
      {"ca_file", &fleet.ca_file},
  };
  const bool has_any = std::ranges::any_of(files, [](const auto& file) { return !file.second->empty(); });
  if (!has_any && fleet.key_file.empty()) {
    findings.error(
        "fleet", "has nodes, and they have nothing by which to know each other",
        "add certificate_file, private_key_file and ca_file; or key_file, a file made with `openssl "
        "rand -base64 32`");
  }
  if (!has_any) return;
  if (!fleet.key_file.empty())
    findings.error("fleet.key_file", "is given beside certificates", "keep one of the two");
  for (const auto& [key, file] : files) {
    if (file->empty())
      findings.error("fleet", std::string(key) + " is missing", "certificates need all three files");
  }
}

}  // namespace

void check_fleet(const Config& config, Findings& findings) {
  constexpr std::size_t kMaxSites = 32;
  if (config.fleet.nodes.empty()) return;
  const NameIndex names = index_unique(config.fleet.nodes, "fleet.nodes", &FleetNode::name, "name", findings);
  check_nodes(config, findings);
  check_identity(config, names, findings);
  if (config.sites.size() > kMaxSites) {
    findings.error("sites", "are more than 32, which is as many as a fleet can have", "leave some out",
                   {"fleet"});
  }
  check_means(config.fleet, findings);
}

}  // namespace causeway::config
