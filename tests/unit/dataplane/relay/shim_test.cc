#include "dataplane/relay/shim.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "dataplane/classify.h"
#include "dataplane/rtcp.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::relay {
namespace {

using Bytes = std::vector<std::uint8_t>;

const Shim kShim{.label = {.stamp = 0x0102030405060708, .origin = 9, .depth = 2}, .rollover = 0xa0b0c0d0};

// A header with so many CSRCs and extension words (below 0: no extension), and a payload.
Bytes packet(unsigned csrcs, int words, std::size_t payload) {
  Bytes bytes(12 + 4 * csrcs, 0x11);
  bytes[0] = static_cast<std::uint8_t>(0x80 | csrcs);
  bytes[1] = 96;
  if (words >= 0) {
    bytes[0] |= 0x10;
    bytes.insert(bytes.end(), {0xbe, 0xde, 0, static_cast<std::uint8_t>(words)});
    bytes.resize(bytes.size() + 4 * static_cast<std::size_t>(words), 0x22);
  }
  bytes.resize(bytes.size() + payload, 0x33);
  return bytes;
}

Bytes with_shim(const Bytes& plain, std::size_t payload) {
  Bytes bytes = plain;
  const auto header = static_cast<std::uint32_t>(plain.size() - payload);
  bytes.insert(bytes.begin() + header, kShimBytes, 0);
  EXPECT_EQ(insert_shim(kShim, header, bytes.data()), header + kShimBytes);
  return bytes;
}

TEST(Shim, IsReadAsItWasWrittenAndTakenOutWithoutATrace) {
  for (const unsigned csrcs : {0U, 1U, 15U}) {
    for (const int words : {-1, 0, 1, 60}) {
      const Bytes plain = packet(csrcs, words, 100);
      Bytes bytes = with_shim(plain, 100);
      RtpHeader header;
      ASSERT_EQ(parse_rtp_header(bytes, header), Drop::none) << "it is RTP to everybody else";
      const auto shim = read_shim(bytes);
      ASSERT_TRUE(shim);
      EXPECT_EQ(shim->label, kShim.label);
      EXPECT_EQ(shim->rollover, kShim.rollover);
      Packet stripped{
          .payload = bytes.data(), .payload_length = static_cast<std::uint32_t>(bytes.size()), .rtp = header};
      strip_shim(stripped);
      EXPECT_TRUE(std::ranges::equal(std::span(stripped.payload, stripped.payload_length), plain));
      RtpHeader before;
      parse_rtp_header(plain, before);
      EXPECT_EQ(stripped.rtp.length, before.length);
    }
  }
}

TEST(Shim, IsNotFoundWhereThereIsNoneOrOnlyAPart) {
  EXPECT_FALSE(read_shim(packet(0, -1, 100)));
  EXPECT_FALSE(read_shim(packet(3, 10, 100)));
  const Bytes whole = with_shim(packet(2, 1, 0), 0);
  for (std::size_t size = 0; size < whole.size() - 8; ++size)
    EXPECT_FALSE(read_shim(std::span(whole).first(size))) << size;
}

TEST(Shim, WhatContradictsItselfIsNone) {
  const Bytes good = with_shim(packet(0, 1, 0), 0);
  for (const auto& [at, value] : std::initializer_list<std::pair<std::size_t, int>>{
           {15, 3}, {15, 5}, {15, 7}, {26, 0}, {35, 2}, {12, 0xbe}}) {
    Bytes bad = good;
    bad[at] = static_cast<std::uint8_t>(value);
    EXPECT_FALSE(read_shim(bad)) << at;
  }
}

TEST(Shim, RandomHeadersAreNeverReadBeyondTheirEnd) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(test::seed()));
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes(random() % 90);
    std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(random()); });
    if (bytes.size() > 16 && round % 2 == 0) {
      bytes[0] = 0x90;
      bytes[12] = 0x43;
      bytes[13] = 0x57;
      bytes[14] = 0;
    }
    RtpHeader header;
    if (!read_shim(bytes) || parse_rtp_header(bytes, header) != Drop::none) continue;
    Packet packet{
        .payload = bytes.data(), .payload_length = static_cast<std::uint32_t>(bytes.size()), .rtp = header};
    strip_shim(packet);
    EXPECT_EQ(parse_rtp_header({packet.payload, packet.payload_length}, header), Drop::none);
    EXPECT_EQ(header.length, packet.rtp.length);
  }
}

TEST(Keepalive, IsAValidCompoundThatSpeaksForItsLeg) {
  std::array<std::uint8_t, kKeepaliveBytes> bytes;
  write_keepalive(kShim.label, 4711, bytes);
  ASSERT_TRUE(rtcp::valid(bytes));
  EXPECT_EQ(rtcp::sender_ssrc(bytes), 4711U);
  EXPECT_EQ(read_keepalive(bytes), kShim.label);
  bytes[8] ^= 1;
  EXPECT_EQ(read_keepalive(bytes), std::nullopt) << "another APP";
}

}  // namespace
}  // namespace causeway::relay
