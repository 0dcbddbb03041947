#include "dataplane/net/checksum.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "dataplane/net/bytes.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::net {
namespace {

using Bytes = std::vector<std::uint8_t>;

// RFC 1071 word for word.
std::uint16_t plain_sum(const Bytes& data, std::uint32_t initial) {
  std::uint64_t sum = initial;
  for (std::size_t i = 0; i < data.size(); i += 2) {
    sum += std::uint64_t{data[i]} << 8 | (i + 1 < data.size() ? data[i + 1] : 0);
  }
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

TEST(OnesSum, Rfc1071Example) {
  EXPECT_EQ(ones_sum(Bytes{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}), 0xddf2);
}

TEST(OnesSum, KnownSums) {
  EXPECT_EQ(ones_sum({}), 0);
  EXPECT_EQ(ones_sum({}, 0x1fffe), 0xffff);
  EXPECT_EQ(ones_sum({}, 0xffffffff), 0xffff);
  EXPECT_EQ(ones_sum(Bytes{0x12}), 0x1200);
  EXPECT_EQ(ones_sum(Bytes(1500, 0)), 0);
  EXPECT_EQ(ones_sum(Bytes(65535, 0xff)), plain_sum(Bytes(65535, 0xff), 0));
}

TEST(OnesSum, EqualsThePlainSumAtEveryLengthAndAlignment) {
  std::mt19937_64 random(test::seed());
  Bytes data(300);
  for (std::size_t length = 0; length < 200; ++length) {
    for (std::size_t offset = 0; offset < 8; ++offset) {
      for (auto& byte : data)
        byte = static_cast<std::uint8_t>(random() % 4 == 0 ? 0xff : random());
      const auto initial = static_cast<std::uint32_t>(random());
      const Bytes part(data.begin() + static_cast<std::ptrdiff_t>(offset),
                       data.begin() + static_cast<std::ptrdiff_t>(offset + length));
      ASSERT_EQ(ones_sum(std::span(data).subspan(offset, length), initial), plain_sum(part, initial))
          << length << " at " << offset << ", CAUSEWAY_SEED=" << test::seed();
    }
  }
}

std::uint16_t folded(std::uint64_t sum) {
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return __builtin_bswap16(static_cast<std::uint16_t>(sum));
}

// Each of them by itself, for a machine chooses but one: all lengths around their steps, at all alignments of
// a cache line, between bytes that must not be counted.
TEST(OnesSum, EveryInstructionSetSumsUpTheSame) {
  struct Way {
    const char* name;
    std::uint64_t (*sum)(std::span<const std::uint8_t>);
    bool runs_here;
  };
  const Way ways[] = {{"scalar", detail::sum_scalar, true},
                      {"AVX2", detail::sum_avx2, __builtin_cpu_supports("avx2") != 0}};
  std::mt19937_64 random(test::seed());
  Bytes data(2000);
  for (std::size_t length = 0; length < 1600; length += length < 400 ? 1 : 37) {
    const std::size_t begin = random() % 64;
    for (std::size_t offset = begin; offset < begin + 64; offset += length < 200 ? 1 : 13) {
      for (auto& byte : data)
        byte = static_cast<std::uint8_t>(random() % 4 == 0 ? 0xff : random());
      const Bytes part(data.begin() + static_cast<std::ptrdiff_t>(offset),
                       data.begin() + static_cast<std::ptrdiff_t>(offset + length));
      for (const Way& way : ways) {
        if (!way.runs_here) continue;
        ASSERT_EQ(folded(way.sum(std::span(data).subspan(offset, length))), plain_sum(part, 0))
            << way.name << ": " << length << " at " << offset << ", CAUSEWAY_SEED=" << test::seed();
      }
    }
  }
  for (const Way& way : ways) {
    if (!way.runs_here) continue;
    for (const int byte : {0x00, 0x7f, 0x80, 0xff}) {
      const Bytes same(65535, static_cast<std::uint8_t>(byte));
      EXPECT_EQ(folded(way.sum(same)), plain_sum(same, 0)) << way.name << " of " << byte;
    }
    for (const int byte : {0x00, 0x7f, 0x80, 0xff}) {  // as much as is ever given to it
      const Bytes longest(1 << 16, static_cast<std::uint8_t>(byte));
      EXPECT_EQ(folded(way.sum(longest)), plain_sum(longest, 0)) << way.name << " of " << byte;
    }
  }
  const Bytes longer((1 << 16) + 1, 0x01);
  EXPECT_EQ(ones_sum(longer), plain_sum(longer, 0));
}

TEST(OnesSum, PiecesAddUp) {
  const Bytes data{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  for (std::size_t cut = 0; cut <= data.size(); cut += 2) {
    const std::span<const std::uint8_t> all(data);
    EXPECT_EQ(ones_sum(all.subspan(cut), ones_sum(all.first(cut))), ones_sum(all));
  }
}

TEST(Ipv4HeaderChecksum, KnownHeader) {
  // The example of Wikipedia's article on the IPv4 header checksum.
  Bytes header{0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
               0x00, 0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
  EXPECT_EQ(ipv4_header_checksum(header), 0xb861);
  store_be16(&header[10], 0xb861);
  EXPECT_EQ(ones_sum(header), 0xffff);
}

TEST(UdpChecksum, VerifiesOverBothFamilies) {
  struct {
    std::string_view source, destination;
  } const cases[] = {{"192.0.2.1", "198.51.100.7"}, {"2001:db8::1", "2001:db8:ffff::7"}};
  for (const auto& c : cases) {
    const IpAddress source = IpAddress::parse(c.source).value();
    const IpAddress destination = IpAddress::parse(c.destination).value();
    Bytes udp{0x9c, 0x40, 0x4e, 0x20, 0, 11, 0, 0, 'a', 'b', 'c'};
    // RFC 768 and RFC 8200, 8.1: addresses, zero, protocol 17, UDP length.
    Bytes covered(source.wire().begin(), source.wire().end());
    covered.insert(covered.end(), destination.wire().begin(), destination.wire().end());
    covered.insert(covered.end(), {0, 17, 0, 11});
    EXPECT_EQ(udp_pseudo_header_sum(source, destination, 11), plain_sum(covered, 0)) << c.source;
    covered.insert(covered.end(), udp.begin(), udp.end());
    const std::uint16_t checksum = udp_checksum(source, destination, udp);
    EXPECT_EQ(checksum, static_cast<std::uint16_t>(~plain_sum(covered, 0))) << c.source;
    store_be16(&udp[6], checksum);
    EXPECT_EQ(ones_sum(udp, udp_pseudo_header_sum(source, destination, 11)), 0xffff) << c.source;
  }
}

TEST(UdpChecksum, IsNeverSentAsZero) {
  const IpAddress source = IpAddress::v4(0xc0000201);
  const IpAddress destination = IpAddress::v4(0xc0000202);
  Bytes udp{0, 1, 0, 2, 0, 10, 0, 0, 0, 0};
  // The last word completes the sum to 0xffff, whose complement is 0.
  store_be16(&udp[8], udp_checksum(source, destination, udp));
  EXPECT_EQ(udp_checksum(source, destination, udp), 0xffff);
}

}  // namespace
}  // namespace causeway::net
