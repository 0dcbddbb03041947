#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "config/checker.h"
#include "config/schema.h"

namespace causeway::config {
namespace {

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f'); });
}

// "03:00.1" and "0000:03:00.1" as the latter, in small letters.
std::optional<std::string> pci_address(std::string_view device) {
  constexpr std::size_t kShort = 7;  // BB:DD.F
  constexpr std::size_t kLong = 12;  // DDDD:BB:DD.F
  std::string text(device);
  if (text.size() == kShort) text.insert(0, "0000:");
  if (text.size() != kLong || text[4] != ':' || text[7] != ':' || text[10] != '.') return std::nullopt;
  const std::string digits = text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 2);
  // 5 bits of device, 3 of function.
  if (!is_hex(digits) || text[8] > '1' || text[11] < '0' || text[11] > '7') return std::nullopt;
  std::transform(text.begin(), text.end(), text.begin(), to_lower);
  return text;
}

// The instance, such as "net_af_packet0"; the arguments behind the comma are the driver's business.
std::optional<std::string> vdev_name(std::string_view device) {
  constexpr std::size_t kMaxDigits = 4;
  const std::string_view name = device.substr(0, device.find(','));
  const bool printable =
      std::all_of(device.begin(), device.end(), [](char c) { return c > ' ' && c <= '~'; });
  for (const std::string_view driver : kVdevDrivers) {
    if (!printable || !name.starts_with(driver)) continue;
    const std::string_view number = name.substr(driver.size());
    if (number.size() <= kMaxDigits && std::all_of(number.begin(), number.end(), is_digit))
      return std::string(name);
  }
  return std::nullopt;
}

void check_devices(const Config& config, Findings& findings) {
  std::string drivers;
  for (const std::string_view driver : kVdevDrivers)
    drivers.append(" ").append(driver);
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < config.ports.size(); ++i) {
    const Port& port = config.ports[i];
    const std::string path = join("ports", i) + ".device";
    const auto pci = pci_address(port.device);
    const auto name = pci ? pci : vdev_name(port.device);
    if (!name) {
      findings.error(path, quote(port.device) + " is neither a PCI address nor a known virtual device",
                     "give 0000:03:00.1 or, without spaces, one of" + drivers);
      continue;
    }
    const auto [first, is_new] = seen.emplace(*name, i);
    if (is_new) continue;
    const std::string other = join("ports", first->second);
    findings.error(path, *name + " is the device of " + other + ", too", "give another", {other});
  }
}

// The network's first and last IPv4 address are nobody's (RFC 1122, 3.2.1.3), but for /31 (RFC 3021) and /32.
std::string_view not_a_host(const net::InterfaceAddress& own) {
  if (own.prefix_length == 0) return "has no network: its prefix length is 0";
  if (!own.address.is_v4() || own.prefix_length > 30) return "";
  const std::uint32_t host_bits = own.address.v4_host_order() & (0xffffffffu >> own.prefix_length);
  if (host_bits == 0) return "is the network's own address";
  if (host_bits == 0xffffffffu >> own.prefix_length) return "is the network's broadcast address";
  return "";
}

struct OwnAddress {
  net::InterfaceAddress address;
  std::size_t port;
};

bool overlap(const net::InterfaceAddress& a, const net::InterfaceAddress& b) {
  return a.prefix_length <= b.prefix_length ? a.on_link(b.address) : b.on_link(a.address);
}

void check_addresses(const Config& config, Findings& findings) {
  std::vector<OwnAddress> seen;
  for (std::size_t i = 0; i < config.ports.size(); ++i) {
    const Port& port = config.ports[i];
    for (std::size_t j = 0; j < port.addresses.size(); ++j) {
      const net::InterfaceAddress& own = port.addresses[j];
      const std::string path = join(join("ports", i) + ".addresses", j);
      const std::string_view unusable = unusable_address(own.address);
      if (!unusable.empty()) {
        findings.error(path, own.to_string() + " is " + std::string(unusable), "give a unicast address");
        continue;
      }
      if (const std::string_view why = not_a_host(own); !why.empty()) {
        findings.error(path, own.to_string() + " " + std::string(why),
                       "give a host's address and its prefix");
        continue;
      }
      for (const OwnAddress& other : seen) {
        const std::string there = join("ports", other.port);
        if (own.address == other.address.address) {
          findings.error(path, own.address.to_string() + " is an address of " + there + ", too",
                         "give another", {there});
          break;
        }
        // Every port has fe80::/10 of its own.
        if (other.port != i && !own.address.is_link_local() && overlap(own, other.address)) {
          findings.error(path, own.to_string() + " overlaps " + other.address.to_string() + " of " + there,
                         "give ports separate networks: a remote must belong to one", {there});
          break;
        }
      }
      seen.push_back({own, i});
    }
  }
}

bool on_link(const Port& port, const net::IpAddress& address) {
  return std::any_of(port.addresses.begin(), port.addresses.end(),
                     [&](const net::InterfaceAddress& own) { return own.on_link(address); });
}

bool is_own(const Port& port, const net::IpAddress& address) {
  return std::any_of(port.addresses.begin(), port.addresses.end(),
                     [&](const net::InterfaceAddress& own) { return own.address == address; });
}

// Gateways and neighbours: somebody else on one of the port's networks.
bool check_station(const Port& port, const net::IpAddress& address, const std::string& path,
                   Findings& findings) {
  std::string what;
  if (const std::string_view unusable = unusable_address(address); !unusable.empty()) {
    what = "is " + std::string(unusable);
  } else if (is_own(port, address)) {
    what = "is the port's own address";
  } else if (!on_link(port, address)) {
    what = "is on no network of the port's addresses";
  }
  if (!what.empty()) {
    findings.error(path, address.to_string() + " " + what,
                   "give a neighbour's address on one of the port's networks");
  }
  return what.empty();
}

void check_gateways(const Port& port, const std::string& path, Findings& findings) {
  const auto check = [&](const std::optional<net::IpAddress>& gateway, const char* key, bool v4) {
    if (!gateway) return;
    const std::string gateway_path = join(path, key);
    if (gateway->is_v4() != v4) {
      findings.error(gateway_path, gateway->to_string() + " is not an " + (v4 ? "IPv4" : "IPv6") + " address",
                     "give one, or use the other key");
    } else if (check_station(port, *gateway, gateway_path, findings) && port.exception_interface.empty()) {
      findings.error(gateway_path, "a gateway needs an exception interface: the kernel holds the routes",
                     "add exception_interface");
    }
  };
  check(port.gateway_v4, "gateway_v4", true);
  check(port.gateway_v6, "gateway_v6", false);
}

void check_neighbours(const Port& port, const std::string& path, Findings& findings) {
  std::set<net::IpAddress> seen;
  for (std::size_t i = 0; i < port.neighbours.size(); ++i) {
    const StaticNeighbour& neighbour = port.neighbours[i];
    const std::string item = join(path + ".neighbours", i);
    check_station(port, neighbour.address, item + ".address", findings);
    if (!seen.insert(neighbour.address).second) {
      findings.error(item + ".address", neighbour.address.to_string() + " is given twice", "keep one");
    }
    if (neighbour.mac.is_multicast() || neighbour.mac == net::MacAddress{}) {
      findings.error(item + ".mac", neighbour.mac.to_string() + " is not one station's address",
                     "give a unicast MAC address");
    }
  }
}

}  // namespace

void check_ports(const Config& config, Findings& findings) {
  constexpr std::uint16_t kMinMtuV6 = 1280;
  check_devices(config, findings);
  check_addresses(config, findings);
  std::map<std::string_view, std::size_t> interfaces;
  for (std::size_t i = 0; i < config.ports.size(); ++i) {
    const Port& port = config.ports[i];
    const std::string path = join("ports", i);
    check_gateways(port, path, findings);
    check_neighbours(port, path, findings);
    const bool v6 = std::any_of(port.addresses.begin(), port.addresses.end(),
                                [](const net::InterfaceAddress& own) { return !own.address.is_v4(); });
    if (v6 && port.mtu < kMinMtuV6) {
      findings.error(path + ".mtu", std::to_string(port.mtu) + " is too short for IPv6 (RFC 8200, 5)",
                     "give 1280 or more, or no IPv6 address");
    }
    const std::string& interface = port.exception_interface;
    if (interface.empty()) continue;
    if (interface == "." || interface == "..") {
      findings.error(path + ".exception_interface", quote(interface) + " is no interface name",
                     "give another");
    }
    const auto [first, is_new] = interfaces.emplace(interface, i);
    if (is_new) continue;
    const std::string other = join("ports", first->second);
    findings.error(path + ".exception_interface", interface + " is the interface of " + other + ", too",
                   "give another", {other});
  }
}

}  // namespace causeway::config
