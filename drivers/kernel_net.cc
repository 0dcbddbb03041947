#include "drivers/kernel_net.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <type_traits>

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

namespace causeway::drivers {

namespace {

using Buffer = std::array<char, 8192>;

constexpr std::uint32_t kDefaultRouteMetric = 100000;

std::uint8_t family_of(const net::IpAddress& address) {
  return address.is_v4() ? AF_INET : AF_INET6;
}

void put_address(nlmsghdr* message, std::uint16_t type, const net::IpAddress& address) {
  const auto wire = address.wire();
  mnl_attr_put(message, type, wire.size(), wire.data());
}

std::optional<net::IpAddress> address_of(const nlattr* attribute) {
  const auto* bytes = static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute));
  switch (mnl_attr_get_payload_len(attribute)) {
    case 4:
      return net::IpAddress::v4(std::span<const std::uint8_t, 4>(bytes, 4));
    case 16:
      return net::IpAddress::v6(std::span<const std::uint8_t, 16>(bytes, 16));
    default:
      return std::nullopt;
  }
}

nlmsghdr* start_message(Buffer& buffer, std::uint16_t type, std::uint16_t flags) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
  message->nlmsg_type = type;
  message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  return message;
}

template <class Header>
Header* put_header(nlmsghdr* message) {
  return static_cast<Header*>(mnl_nlmsg_put_extra_header(message, sizeof(Header)));
}

mnl_socket* open_socket(unsigned groups) {
  mnl_socket* socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
  if (socket == nullptr || mnl_socket_bind(socket, groups, MNL_SOCKET_AUTOPID) < 0) {
    const int error = errno;
    if (socket != nullptr) mnl_socket_close(socket);
    throw std::system_error(error, std::generic_category(), "netlink");
  }
  const timeval patience{.tv_sec = 1,
                         .tv_usec = 0};  // the kernel answers at once, unless it had to drop the answer
  setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return socket;
}

// mnl_attr_for_each is C: it leans on conversions that C++ does not have.
template <class F>
void for_each_attribute(const nlmsghdr* message, std::size_t header_length, F&& f) {
  const auto call = [](const nlattr* attribute, void* data) {
    (*static_cast<std::remove_reference_t<F>*>(data))(attribute);
    return MNL_CB_OK;
  };
  mnl_attr_parse(message, static_cast<unsigned>(header_length), call, &f);
}

struct RouteAnswer {
  bool found = false;
  std::optional<net::IpAddress> gateway;
};

int on_route(const nlmsghdr* message, void* data) {
  auto& answer = *static_cast<RouteAnswer*>(data);
  if (message->nlmsg_type != RTM_NEWROUTE) return MNL_CB_OK;
  const auto* route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
  answer.found = route->rtm_type == RTN_UNICAST;
  for_each_attribute(message, sizeof(rtmsg), [&answer](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == RTA_GATEWAY) answer.gateway = address_of(attribute);
    if (mnl_attr_get_type(attribute) == RTA_VIA) {  // an IPv6 gateway of an IPv4 route (RFC 5549)
      const auto* via = static_cast<const rtvia*>(mnl_attr_get_payload(attribute));
      if (via->rtvia_family == AF_INET6 && mnl_attr_get_payload_len(attribute) == sizeof(rtvia) + 16) {
        answer.gateway = net::IpAddress::v6(std::span<const std::uint8_t, 16>(via->rtvia_addr, 16));
      }
    }
  });
  return MNL_CB_OK;
}

int on_neighbour(const nlmsghdr* message, void* data) {
  auto& events = *static_cast<std::vector<NeighbourEvent>*>(data);
  if (message->nlmsg_type != RTM_NEWNEIGH && message->nlmsg_type != RTM_DELNEIGH) return MNL_CB_OK;
  const auto* neighbour = static_cast<const ndmsg*>(mnl_nlmsg_get_payload(message));
  if (neighbour->ndm_family != AF_INET && neighbour->ndm_family != AF_INET6) return MNL_CB_OK;
  constexpr std::uint16_t kUsable =
      NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP;
  NeighbourEvent event;
  event.interface_index = static_cast<unsigned>(neighbour->ndm_ifindex);
  bool named = false;
  for_each_attribute(message, sizeof(ndmsg), [&event, &named](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == NDA_DST) {
      if (const auto address = address_of(attribute)) {
        event.address = *address;
        named = true;
      }
    } else if (mnl_attr_get_type(attribute) == NDA_LLADDR && mnl_attr_get_payload_len(attribute) == 6) {
      event.mac.emplace();
      std::memcpy(event.mac->bytes.data(), mnl_attr_get_payload(attribute), 6);
    }
  });
  if (message->nlmsg_type == RTM_DELNEIGH || (neighbour->ndm_state & kUsable) == 0) event.mac.reset();
  if (named) events.push_back(event);
  return MNL_CB_OK;
}

}  // namespace

KernelNet::KernelNet() : socket_(open_socket(0)), port_id_(mnl_socket_get_portid(socket_)) {}

KernelNet::~KernelNet() {
  mnl_socket_close(socket_);
}

unsigned KernelNet::interface_index(const std::string& name) {
  return if_nametoindex(name.c_str());
}

std::optional<std::string> KernelNet::holder_of(const net::IpAddress& address) {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return std::nullopt;
  std::optional<std::string> holder;
  for (const ifaddrs* each = all; each != nullptr && !holder; each = each->ifa_next) {
    if (each->ifa_addr == nullptr) continue;
    net::IpAddress held;
    if (each->ifa_addr->sa_family == AF_INET) {
      held = net::IpAddress::v4(ntohl(reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr.s_addr));
    } else if (each->ifa_addr->sa_family == AF_INET6) {
      const auto& bytes = reinterpret_cast<const sockaddr_in6*>(each->ifa_addr)->sin6_addr.s6_addr;
      held = net::IpAddress::v6(std::span<const std::uint8_t, 16>(bytes, 16));
    } else {
      continue;
    }
    if (held == address) holder = each->ifa_name;
  }
  freeifaddrs(all);
  return holder;
}

// Sends a request that is to be acknowledged, and waits for the acknowledgement.
void KernelNet::request(nlmsghdr* message) {
  message->nlmsg_flags |= NLM_F_ACK;
  message->nlmsg_seq = ++sequence_;
  Buffer answer;
  if (mnl_socket_sendto(socket_, message, message->nlmsg_len) < 0) {
    throw std::system_error(errno, std::generic_category(), "netlink");
  }
  int more = MNL_CB_OK;
  while (more > MNL_CB_STOP) {
    const ssize_t length = mnl_socket_recvfrom(socket_, answer.data(), answer.size());
    if (length < 0 && errno == EINTR) continue;
    more = length < 0 ? MNL_CB_ERROR
                      : mnl_cb_run(answer.data(), static_cast<std::size_t>(length), sequence_, port_id_,
                                   nullptr, nullptr);
    if (more == MNL_CB_ERROR) throw std::system_error(errno, std::generic_category(), "netlink");
  }
}

void KernelNet::set_link_up(unsigned interface_index) {
  Buffer buffer{};
  nlmsghdr* message = start_message(buffer, RTM_NEWLINK, 0);
  auto* link = put_header<ifinfomsg>(message);
  link->ifi_family = AF_UNSPEC;
  link->ifi_index = static_cast<int>(interface_index);
  link->ifi_change = IFF_UP;
  link->ifi_flags = IFF_UP;
  request(message);
}

std::vector<std::string> KernelNet::silence(const std::string& interface) {
  std::vector<std::string> failed;
  const auto set = [&failed](const std::string& name) {
    std::ofstream file("/proc/sys/" + name);
    file << "1" << std::flush;
    if (!file) failed.push_back(name);
  };
  set("net/ipv4/conf/" + interface + "/arp_ignore");  // ARP: only for addresses of the interface itself: none
  set("net/ipv4/conf/" + interface + "/rp_filter");   // IPv4: the way back is through another interface
  set("net/ipv6/conf/" + interface + "/disable_ipv6");
  return failed;
}

void KernelNet::add_address(unsigned interface_index, const net::InterfaceAddress& address) {
  Buffer buffer{};
  nlmsghdr* message = start_message(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  auto* header = put_header<ifaddrmsg>(message);
  header->ifa_family = family_of(address.address);
  header->ifa_prefixlen = address.prefix_length;
  header->ifa_flags = address.address.is_v4() ? IFA_F_PERMANENT : IFA_F_PERMANENT | IFA_F_NODAD;
  header->ifa_index = interface_index;
  put_address(message, IFA_LOCAL, address.address);
  put_address(message, IFA_ADDRESS, address.address);
  request(message);
}

void KernelNet::add_default_route(unsigned interface_index, const net::IpAddress& gateway) {
  Buffer buffer{};
  nlmsghdr* message = start_message(buffer, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
  auto* route = put_header<rtmsg>(message);
  route->rtm_family = family_of(gateway);
  route->rtm_table = RT_TABLE_MAIN;
  route->rtm_protocol = RTPROT_STATIC;
  route->rtm_scope = RT_SCOPE_UNIVERSE;
  route->rtm_type = RTN_UNICAST;
  put_address(message, RTA_GATEWAY, gateway);
  mnl_attr_put_u32(message, RTA_OIF, interface_index);
  // Behind every other default route: the machine's own traffic stays where it was, and several ports may
  // have a gateway.
  mnl_attr_put_u32(message, RTA_PRIORITY, kDefaultRouteMetric + interface_index);
  request(message);
}

std::optional<net::IpAddress> KernelNet::next_hop(unsigned interface_index,
                                                  const net::IpAddress& destination) {
  Buffer buffer{};
  nlmsghdr* message = start_message(buffer, RTM_GETROUTE, 0);
  auto* route = put_header<rtmsg>(message);
  route->rtm_family = family_of(destination);
  route->rtm_dst_len = static_cast<std::uint8_t>(destination.wire().size() * 8);
  put_address(message, RTA_DST, destination);
  mnl_attr_put_u32(message, RTA_OIF, interface_index);
  message->nlmsg_seq = ++sequence_;
  if (mnl_socket_sendto(socket_, message, message->nlmsg_len) < 0) return std::nullopt;
  // An error answer ("network is unreachable") means that there is no route; an answer to an earlier request
  // that timed out (EPROTO) is passed over.
  RouteAnswer answer;
  int result = MNL_CB_ERROR;
  do {
    const ssize_t length = mnl_socket_recvfrom(socket_, buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return std::nullopt;
    result =
        mnl_cb_run(buffer.data(), static_cast<std::size_t>(length), sequence_, port_id_, on_route, &answer);
  } while (result == MNL_CB_ERROR && (errno == EPROTO || errno == EINTR));
  if (result == MNL_CB_ERROR || !answer.found) return std::nullopt;
  return answer.gateway ? answer.gateway : destination;
}

void KernelNet::resolve(unsigned interface_index, const net::IpAddress& neighbour) {
  Buffer buffer{};
  nlmsghdr* message = start_message(buffer, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
  auto* header = put_header<ndmsg>(message);
  header->ndm_family = family_of(neighbour);
  header->ndm_ifindex = static_cast<int>(interface_index);
  header->ndm_state = NUD_NONE;
  header->ndm_flags = NTF_USE;
  put_address(message, NDA_DST, neighbour);
  request(message);
}

NeighbourMonitor::NeighbourMonitor() : socket_(open_socket(RTMGRP_NEIGH)) {
  request_all();
}

NeighbourMonitor::~NeighbourMonitor() {
  mnl_socket_close(socket_);
}

int NeighbourMonitor::fd() const {
  return mnl_socket_get_fd(socket_);
}

void NeighbourMonitor::request_all() {
  Buffer buffer{};
  nlmsghdr* message = start_message(buffer, RTM_GETNEIGH, NLM_F_DUMP);
  put_header<ndmsg>(message)->ndm_family = AF_UNSPEC;
  mnl_socket_sendto(socket_, message, message->nlmsg_len);
}

std::vector<NeighbourEvent> NeighbourMonitor::take() {
  std::vector<NeighbourEvent> events;
  std::array<char, 32768> buffer;
  while (true) {
    const ssize_t length = recv(fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == ENOBUFS) {
      request_all();
      continue;
    }
    if (length <= 0) return events;
    mnl_cb_run(buffer.data(), static_cast<std::size_t>(length), 0, 0, on_neighbour, &events);
  }
}

}  // namespace causeway::drivers
