// The first look at a frame: Ethernet, VLAN, IPv4/IPv6, UDP, and the RFC 7983 first byte. Every frame leaves
// with a kind or with the reason of its end. Pure; nothing of the frame is trusted; reads only inside the
// frame.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/net/address.h"
#include "dataplane/packet.h"

namespace causeway {

// What classify must know of a port. Immutable (part of the snapshot).
struct PortPolicy {
  net::MacAddress mac;
  std::vector<net::InterfaceAddress> addresses;  // few: scanned
  std::uint16_t vlan = 0;                        // 0: untagged; else only frames with this VLAN id are ours
  std::uint16_t mtu = 1500;                      // bytes of the IP packet
  bool verify_udp_checksum =
      true;  // false tolerates unfinished checksums (veth); IPv4 headers are always verified
  std::uint16_t media_port_first = 0;
  std::uint16_t media_port_last = 0;
  // Of peer nodes: their media, and what they say to the control thread. 0: there is no fleet on this port.
  std::uint16_t node_port_first = 0;
  std::uint16_t node_port_last = 0;
};

// Fills kind, key, payload, rtp of a packet whose buffer, frame, port_index and hints are set, or its drop.
// Key and payload of what ends behind its UDP checksum are set, too: the guard looks at them.
//
// In the order of the checks: destination MAC (ours, broadcast or multicast); VLAN (priority tag 0 counts as
// untagged); EtherType (ARP -> neighbour); IP version, lengths, header checksum, TTL 0, options; source
// address; destination (ours; IPv6 multicast only for ICMPv6 -> punt; IPv4 multicast or broadcast:
// ip_not_ours); fragments; protocol (ICMP, ICMPv6, TCP to ours -> punt); UDP lengths and checksum; media
// port, or port for nodes; first byte (there 0 to 3 and 20 to 63 -> node); RTP or RTCP header. Bytes behind
// the IP packet (Ethernet padding) are ignored. Sources: RFC 791, 1122, 7126 (options), RFC 8200 (extension
// headers, at most 8), RFC 768, 6935 (no UDP checksum over IPv6 is an error here), RFC 7983, RFC 5761.
void classify(const PortPolicy& port, Packet& packet);

// Validates the clear RTP header: fixed part, CSRC count, extension length. Drop::none and `out`, or the
// reason.
Drop parse_rtp_header(std::span<const std::uint8_t> packet, RtpHeader& out);

}  // namespace causeway
