// The kernel's network tables by netlink (libmnl): links, addresses, routes and neighbours of the exception
// interfaces.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/net/address.h"

struct mnl_socket;
struct nlmsghdr;

namespace causeway::drivers {

// What the kernel now knows of one neighbour.
struct NeighbourEvent {
  unsigned interface_index = 0;
  net::IpAddress address;
  std::optional<net::MacAddress> mac;  // nullopt: not (or no longer) resolved
};

// One netlink socket for requests, in the calling process's network namespace. Control thread only. Requests
// throw std::system_error with the kernel's error.
class KernelNet {
 public:
  KernelNet();
  ~KernelNet();
  KernelNet(const KernelNet&) = delete;
  KernelNet& operator=(const KernelNet&) = delete;

  static unsigned interface_index(const std::string& name);  // 0 if there is none

  // Does another interface hold this address? Its name, or nullopt.
  static std::optional<std::string> holder_of(const net::IpAddress& address);

  void set_link_up(unsigned interface_index);

  // Keeps the kernel's own stack from answering what arrives on this interface: a PMD over a kernel interface
  // only listens in, and the kernel would answer a second time for the addresses that its exception interface
  // owns. Sysctls of this one interface (arp_ignore, rp_filter, disable_ipv6). The names of those that could
  // not be set.
  static std::vector<std::string> silence(const std::string& interface);

  void add_address(unsigned interface_index,
                   const net::InterfaceAddress& address);  // IPv6 without DAD: it is ours at once
  void add_default_route(unsigned interface_index, const net::IpAddress& gateway);

  // Whom to send to on this interface for a destination: a gateway, the destination itself if it is on link,
  // or nullopt if the kernel has no route there.
  std::optional<net::IpAddress> next_hop(unsigned interface_index, const net::IpAddress& destination);

  // Asks the kernel to resolve a neighbour, or to make sure that it is still there.
  void resolve(unsigned interface_index, const net::IpAddress& neighbour);

 private:
  void request(nlmsghdr* message);

  mnl_socket* socket_;
  unsigned port_id_ = 0;
  std::uint32_t sequence_ = 0;
};

// The kernel's announcements of neighbours, beginning with all that it knows. Control thread only.
class NeighbourMonitor {
 public:
  NeighbourMonitor();
  ~NeighbourMonitor();
  NeighbourMonitor(const NeighbourMonitor&) = delete;
  NeighbourMonitor& operator=(const NeighbourMonitor&) = delete;

  int fd() const;  // readable when there is something to take

  // All announcements that wait; never blocks. If the kernel had to drop some, asks for the whole table
  // again.
  std::vector<NeighbourEvent> take();

 private:
  void request_all();

  mnl_socket* socket_;
};

}  // namespace causeway::drivers
