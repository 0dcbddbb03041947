#include "dataplane/net/checksum.h"

#include <cstddef>
#include <cstring>

#include "dataplane/net/bytes.h"

namespace causeway::net {
namespace {

// The sums run in the machine's byte order, eight bytes at a time: one's-complement addition does not care
// about the order of the bytes until the end (RFC 1071, 2 (B)).
template <class Word>
std::uint64_t load(const std::uint8_t* p) {
  Word v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// End-around carry.
std::uint64_t add(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t sum = a + b;
  return sum + (sum < a);
}

std::uint16_t fold(std::uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

}  // namespace

std::uint16_t ones_sum(std::span<const std::uint8_t> data, std::uint32_t initial) {
  const std::uint8_t* p = data.data();
  std::size_t left = data.size();
  // Four accumulators: the carries of one do not wait for those of the others.
  std::uint64_t a = 0, b = 0, c = 0, d = 0;
  for (; left >= 32; p += 32, left -= 32) {
    a = add(a, load<std::uint64_t>(p));
    b = add(b, load<std::uint64_t>(p + 8));
    c = add(c, load<std::uint64_t>(p + 16));
    d = add(d, load<std::uint64_t>(p + 24));
  }
  for (; left >= 8; p += 8, left -= 8) {
    a = add(a, load<std::uint64_t>(p));
  }
  // The rest in pieces of constant size, which need no call.
  if ((left & 4) != 0) {
    b = add(b, load<std::uint32_t>(p));
    p += 4;
  }
  if ((left & 2) != 0) {
    c = add(c, load<std::uint16_t>(p));
    p += 2;
  }
  if ((left & 1) != 0) d = add(d, *p);
  const std::uint16_t sum = fold(add(add(a, b), add(c, d)));
  return fold(std::uint64_t{__builtin_bswap16(sum)} + initial);
}

std::uint16_t udp_pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                    std::uint16_t udp_length) {
  constexpr std::uint32_t kUdp = 17;
  return ones_sum(destination.wire(), ones_sum(source.wire(), kUdp + udp_length));
}

std::uint16_t udp_checksum(const IpAddress& source, const IpAddress& destination,
                           std::span<const std::uint8_t> udp) {
  const auto length = static_cast<std::uint16_t>(udp.size());
  const auto checksum =
      static_cast<std::uint16_t>(~ones_sum(udp, udp_pseudo_header_sum(source, destination, length)));
  return checksum == 0 ? 0xffff : checksum;
}

std::uint16_t ipv4_header_checksum(std::span<const std::uint8_t> header) {
  return static_cast<std::uint16_t>(~ones_sum(header));
}

}  // namespace causeway::net
