// The last stage: the headers in front of an RTP or RTCP packet, with lengths and checksums that are right on
// every kind of port. Pure; writes only inside the frame that it is given.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dataplane/classify.h"
#include "dataplane/net/address.h"

namespace causeway {

// Longest prebuilt header: Ethernet 14, VLAN 4, IPv6 40, UDP 8.
inline constexpr std::size_t kMaxHeader = 66;

// Ethernet, VLAN, IP and UDP headers of everything that goes from one local to one remote endpoint. Complete
// but for the destination MAC (the next hop's, which changes), the lengths and what depends on them.
// Immutable once built.
struct HeaderTemplate {
  std::array<std::uint8_t, kMaxHeader> bytes{};
  std::uint8_t length = 0;
  std::uint8_t l3_offset = 0;  // 14, or 18 behind a VLAN tag
  bool v6 = false;
  std::uint16_t ip_sum = 0;      // IPv4: sum of the header without its total length and checksum
  std::uint16_t pseudo_sum = 0;  // sum of the UDP pseudo header without the UDP length
  std::uint16_t udp_sum = 0;     // the same with the UDP header's ports
  net::Endpoint remote;          // for people: what the bytes say
};

// local and remote are of one family. TTL and hop limit 64; IPv4 with DF and identification 0 (RFC 6864:
// atomic).
HeaderTemplate make_header_template(const PortPolicy& port, const net::Endpoint& local,
                                    const net::Endpoint& remote);

// Who computes what of the checksums on a port.
struct TxChecksums {
  bool ipv4_by_port = false;  // the field is left 0
  bool udp_by_port =
      false;  // the field holds the pseudo header's sum, as DPDK's RTE_MBUF_F_TX_UDP_CKSUM wants it
};

// The IP packet's length for this UDP payload: what is compared with an MTU.
inline std::uint32_t ip_length(const HeaderTemplate& header, std::uint32_t payload_length) {
  return header.length - header.l3_offset + payload_length;
}

// Writes the headers in front of a UDP payload that already stands at frame + header.length.
void write_headers(const HeaderTemplate& header, const net::MacAddress& next_hop,
                   std::uint32_t payload_length, TxChecksums checksums, std::uint8_t* frame);

}  // namespace causeway
