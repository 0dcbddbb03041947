// One received packet and what the stages have learned of it. Lives in its worker's burst array; no stage
// allocates, and no pointer in it outlives the burst.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/drop.h"
#include "dataplane/net/address.h"

namespace causeway {

// What a transport is found by. IPv4 addresses are mapped into IPv6 (net::IpAddress). 40 bytes, no padding:
// it is hashed and compared as bytes.
struct TransportKey {
  net::IpAddress local;
  net::IpAddress remote;
  std::uint16_t local_port = 0;   // host order
  std::uint16_t remote_port = 0;  // host order
  std::uint16_t port_index = 0;   // of the appliance's port (Snapshot::ports)
  std::uint16_t reserved = 0;     // always 0

  auto operator<=>(const TransportKey&) const = default;
};
static_assert(sizeof(TransportKey) == 40);

enum class Kind : std::uint8_t {
  unclassified,
  rtp,  // RFC 7983 range 128..191 and no RTCP packet type (RFC 5761, 4)
  rtcp,
  punt,       // for the kernel: ICMP, TCP
  neighbour,  // for the kernel, ahead of the others: ARP, NDP; without them every leg loses its next hop
  node,       // of a peer node, for the control thread: beats, messages, DTLS
};

// The RTP header's clear fields (RFC 3550, 5.1), host order.
struct RtpHeader {
  std::uint32_t ssrc = 0;
  std::uint32_t timestamp = 0;
  std::uint16_t sequence = 0;
  std::uint16_t length = 0;  // bytes: fixed header, CSRC list and header extension
  std::uint8_t payload_type = 0;
  bool padding = false;
  bool marker = false;
};

// What the NIC already said of a frame.
struct RxHints {
  bool ip_checksum_good = false;
  bool l4_checksum_good = false;
  bool ip_checksum_bad = false;
  bool l4_checksum_bad = false;
  bool vlan_stripped = false;  // then vlan_tci holds the tag that was taken out
  std::uint16_t vlan_tci = 0;
};

struct Packet {
  void* buffer = nullptr;          // the worker's handle of the memory (an rte_mbuf); opaque to the stages
  std::uint8_t* frame = nullptr;   // first byte of the Ethernet header
  std::uint32_t frame_length = 0;  // bytes, without FCS
  std::uint16_t port_index = 0;
  RxHints hints;
  std::uint64_t arrival_tsc = 0;

  // classify
  Kind kind = Kind::unclassified;
  Drop drop = Drop::none;  // once set, no further stage touches the packet
  TransportKey key;
  std::uint8_t* payload = nullptr;  // UDP payload, then (after open) the plain RTP or RTCP packet
  std::uint32_t payload_length = 0;
  RtpHeader rtp;  // if kind == rtp

  // lookup, open, route
  std::uint32_t transport = 0xffffffff;  // its id in Tables, or kNoId
  std::uint32_t generation = 0;          // of the transport, when it was found
  std::uint32_t layer = 0xffffffff;      // of an RTP packet: its id in Tables, or kNoId
  std::uint64_t index = 0;               // extended sequence number of an RTP packet, 48 bits
  bool from_node = false;                // its transport is a peer node's
};

}  // namespace causeway
