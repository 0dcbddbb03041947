#include "dataplane/emit.h"

#include <algorithm>
#include <cstring>

#include "dataplane/net/bytes.h"
#include "dataplane/net/checksum.h"

namespace causeway {

namespace {

constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;
constexpr std::uint16_t kEtherTypeVlan = 0x8100;
constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kUdpHeader = 8;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kTtl = 64;
constexpr std::uint16_t kDontFragment = 0x4000;

void put_ipv4(HeaderTemplate& header, const net::Endpoint& local, const net::Endpoint& remote) {
  std::uint8_t* ip = header.bytes.data() + header.l3_offset;
  ip[0] = 0x45;
  net::store_be16(ip + 6, kDontFragment);
  ip[8] = kTtl;
  ip[9] = kUdp;
  std::ranges::copy(local.address.wire(), ip + 12);
  std::ranges::copy(remote.address.wire(), ip + 16);
  header.ip_sum = net::ones_sum({ip, kIpv4Header});
}

void put_ipv6(HeaderTemplate& header, const net::Endpoint& local, const net::Endpoint& remote) {
  std::uint8_t* ip = header.bytes.data() + header.l3_offset;
  ip[0] = 0x60;
  ip[6] = kUdp;
  ip[7] = kTtl;
  std::ranges::copy(local.address.wire(), ip + 8);
  std::ranges::copy(remote.address.wire(), ip + 24);
}

// Adds a word, or a few, to a folded one's-complement sum.
std::uint16_t add_word(std::uint16_t sum, std::uint32_t word) {
  std::uint32_t total = std::uint32_t{sum} + word;
  total = (total & 0xffff) + (total >> 16);
  return static_cast<std::uint16_t>((total & 0xffff) + (total >> 16));
}

// Pieces of constant size that overlap need no call, and no byte behind the header is touched.
void copy_template(const HeaderTemplate& header, std::uint8_t* frame) {
  constexpr std::size_t kPiece = 32;
  static_assert(kMaxHeader <= 3 * kPiece);
  const std::uint8_t* from = header.bytes.data();
  const std::size_t last = header.length - kPiece;  // every header is longer than a piece
  std::memcpy(frame, from, kPiece);
  if (header.v6) std::memcpy(frame + kPiece / 2, from + kPiece / 2, kPiece);
  std::memcpy(frame + last, from + last, kPiece);
}

}  // namespace

HeaderTemplate make_header_template(const PortPolicy& port, const net::Endpoint& local,
                                    const net::Endpoint& remote) {
  HeaderTemplate header;
  header.remote = remote;
  header.v6 = !remote.address.is_v4();
  std::uint8_t* at = header.bytes.data();
  std::ranges::copy(port.mac.bytes, at + 6);
  at += 12;
  if (port.vlan != 0) {
    net::store_be16(at, kEtherTypeVlan);
    net::store_be16(at + 2, port.vlan);
    at += 4;
  }
  net::store_be16(at, header.v6 ? kEtherTypeIpv6 : kEtherTypeIpv4);
  at += 2;
  header.l3_offset = static_cast<std::uint8_t>(at - header.bytes.data());
  if (header.v6) {
    put_ipv6(header, local, remote);
  } else {
    put_ipv4(header, local, remote);
  }
  at += header.v6 ? kIpv6Header : kIpv4Header;
  net::store_be16(at, local.port);
  net::store_be16(at + 2, remote.port);
  at += kUdpHeader;
  header.length = static_cast<std::uint8_t>(at - header.bytes.data());
  header.pseudo_sum = net::udp_pseudo_header_sum(local.address, remote.address, 0);
  header.udp_sum = add_word(header.pseudo_sum, std::uint32_t{local.port} + remote.port);
  return header;
}

void write_headers(const HeaderTemplate& header, const net::MacAddress& next_hop,
                   std::uint32_t payload_length, TxChecksums checksums, std::uint8_t* frame) {
  std::uint8_t* ip = frame + header.l3_offset;
  std::uint8_t* udp = frame + header.length - kUdpHeader;
  const auto udp_length = static_cast<std::uint16_t>(kUdpHeader + payload_length);
  std::uint16_t udp_checksum = add_word(header.pseudo_sum, udp_length);
  if (!checksums.udp_by_port) {
    // The header counts as what the template knows of it: wide loads over bytes that were just stored would
    // wait for the stores.
    const std::uint32_t known = std::uint32_t{header.udp_sum} + 2 * std::uint32_t{udp_length};
    const std::uint16_t sum = net::ones_sum({frame + header.length, payload_length}, known);
    udp_checksum = sum == 0xffff ? 0xffff : static_cast<std::uint16_t>(~sum);  // RFC 768: never 0
  }
  copy_template(header, frame);
  std::memcpy(frame, next_hop.bytes.data(), next_hop.bytes.size());
  if (header.v6) {
    net::store_be16(ip + 4, udp_length);
  } else {
    const auto total = static_cast<std::uint16_t>(kIpv4Header + udp_length);
    net::store_be16(ip + 2, total);
    if (!checksums.ipv4_by_port) {
      net::store_be16(ip + 10, static_cast<std::uint16_t>(~add_word(header.ip_sum, total)));
    }
  }
  net::store_be16(udp + 4, udp_length);
  net::store_be16(udp + 6, udp_checksum);
}

}  // namespace causeway
