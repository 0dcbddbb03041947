// Hostile input, burst shapes and instruction sets: what the differential tests do not reach.
#include "dataplane/srtp/engine.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <gtest/gtest.h>

#include "dataplane/srtp/framing.h"
#include "support.h"

namespace causeway::srtp {
namespace {

constexpr Suite kAllSuites[] = {Suite::none,
                                Suite::aes_cm_128_hmac_sha1_80,
                                Suite::aes_cm_128_hmac_sha1_32,
                                Suite::aes_256_cm_hmac_sha1_80,
                                Suite::aes_256_cm_hmac_sha1_32,
                                Suite::aead_aes_128_gcm,
                                Suite::aead_aes_256_gcm};

std::unique_ptr<SessionKeys> test_keys(const Engine& engine, Suite suite) {
  Random random(7);
  return engine.expand(suite, random.bytes(info(suite).key_length), random.bytes(info(suite).salt_length));
}

bool opens(Engine& engine, const SessionKeys& keys, bool rtcp, const Bytes& packet,
           std::uint32_t header_length, std::uint64_t index) {
  return !opened(engine, keys, rtcp, packet, header_length, index).empty();
}

class EngineOfSuite : public testing::TestWithParam<Suite> {
 protected:
  bool plain() const { return GetParam() == Suite::none; }

  std::unique_ptr<Engine> engine_ = make_ipsec_mb_engine();
  std::unique_ptr<SessionKeys> keys_ = test_keys(*engine_, GetParam());
};

TEST_P(EngineOfSuite, NoDamagedByteIsAuthentic) {
  if (plain()) return;
  for (const std::uint64_t seed : seeds()) {
    SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << seed);
    Random random(seed);
    for (const bool rtcp : {false, true}) {
      PlainPacket plain = rtcp ? random_rtcp(random, 5) : random_rtp(random, 5, 6);
      plain.bytes.resize(std::min<std::size_t>(plain.bytes.size(), plain.header_length + 200));
      const Bytes packet = sealed(*engine_, *keys_, rtcp, plain, 0x70006);
      ASSERT_TRUE(opens(*engine_, *keys_, rtcp, packet, plain.header_length, 0x70006));
      for (std::size_t i = 0; i < packet.size(); ++i) {
        Bytes damaged = packet;
        damaged[i] ^= static_cast<std::uint8_t>(random.between(1, 255));
        ASSERT_FALSE(opens(*engine_, *keys_, rtcp, damaged, plain.header_length, 0x70006)) << "byte " << i;
      }
    }
  }
}

TEST_P(EngineOfSuite, TheRolloverCounterIsAuthenticated) {
  if (plain()) return;
  Random random(1);
  const PlainPacket plain = random_rtp(random, 5, 6);
  const Bytes packet = sealed(*engine_, *keys_, false, plain, 0x70006);
  EXPECT_TRUE(opens(*engine_, *keys_, false, packet, plain.header_length, 0x70006));
  EXPECT_FALSE(opens(*engine_, *keys_, false, packet, plain.header_length, 0x60006));
}

TEST_P(EngineOfSuite, NoTruncatedPacketIsAuthentic) {
  if (plain()) return;
  Random random(1);
  for (const bool rtcp : {false, true}) {
    PlainPacket plain = rtcp ? random_rtcp(random, 5) : random_rtp(random, 5, 6);
    plain.bytes.resize(plain.header_length + 40U);
    const Bytes packet = sealed(*engine_, *keys_, rtcp, plain, 6);
    for (std::size_t length = 0; length < packet.size(); ++length) {
      const Bytes truncated(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(length));
      ASSERT_FALSE(opens(*engine_, *keys_, rtcp, truncated, plain.header_length, 6)) << length;
    }
  }
}

TEST_P(EngineOfSuite, ContradictingLengthsAreNotAuthentic) {
  constexpr std::uint32_t kHuge = 0xffffffff;
  struct Lengths {
    std::uint32_t length;
    std::uint32_t header_length;
  };
  constexpr Lengths kCases[] = {{0, 0},     {0, 12},     {11, 11},      {12, 13},    {64, 0},
                                {64, 11},   {64, 65},    {64, kHuge},   {kHuge, 12}, {kHuge, kHuge},
                                {kHuge, 0}, {65508, 12}, {0x10000, 12}, {0, kHuge}};
  Bytes packet(128);
  for (const Lengths& c : kCases) {
    OpenJob job{.keys = keys_.get(),
                .packet = packet.data(),
                .length = c.length,
                .header_length = c.header_length,
                .authentic = true};
    engine_->open_rtp({&job, 1});
    EXPECT_FALSE(job.authentic) << c.length << " " << c.header_length;
    EXPECT_EQ(job.length, c.length);
  }
  for (const std::uint32_t length : {0U, 7U, 65508U, 0x10000U, kHuge}) {
    OpenJob job{.keys = keys_.get(), .packet = packet.data(), .length = length, .authentic = true};
    engine_->open_rtcp({&job, 1});
    EXPECT_FALSE(job.authentic) << length;
  }
  OpenJob keyless{.packet = packet.data(), .length = 64, .header_length = 12, .authentic = true};
  engine_->open_rtp({&keyless, 1});
  EXPECT_FALSE(keyless.authentic);
}

TEST_P(EngineOfSuite, ImpossibleLengthsAreNotSealed) {
  struct Lengths {
    std::uint32_t header_length;
    std::uint32_t payload_length;
  };
  constexpr Lengths kCases[] = {
      {12, 65507}, {12, 0xffffffff}, {0xffffffff, 1}, {0xffffffff, 0xffffffff}, {11, 4}, {0, 0}};
  Bytes packet(128);
  const Bytes payload(64);
  for (const Lengths& c : kCases) {
    SealJob job{.keys = keys_.get(),
                .payload = payload.data(),
                .payload_length = c.payload_length,
                .packet = packet.data(),
                .header_length = c.header_length,
                .length = 1};
    engine_->seal_rtp({&job, 1});
    EXPECT_EQ(job.length, 0U) << c.header_length << " " << c.payload_length;
    job.length = 1;
    engine_->seal_rtcp({&job, 1});
    EXPECT_EQ(job.length, 0U) << c.header_length << " " << c.payload_length;
  }
}

TEST_P(EngineOfSuite, TheLongestPacketRoundTrips) {
  Random random(3);
  PlainPacket plain{random.bytes(kMaxPacketLength - kMaxRtcpOverhead), 12};
  const Bytes packet = sealed(*engine_, *keys_, false, plain, 9);
  EXPECT_EQ(packet.size(), plain.bytes.size() + info(GetParam()).rtp_tag_length);
  EXPECT_TRUE(opens(*engine_, *keys_, false, packet, 12, 9));
  plain.header_length = 8;
  EXPECT_TRUE(opens(*engine_, *keys_, true, sealed(*engine_, *keys_, true, plain, 9), 8, 0));
}

// Around the size of the chunks that a burst is taken in; every third packet is damaged.
TEST_P(EngineOfSuite, BurstsOfAnySizeOpenIndependently) {
  Random random(4);
  for (const std::size_t size : {0U, 1U, 2U, 15U, 16U, 17U, 63U, 64U, 65U, 128U, 129U, 300U}) {
    std::vector<PlainPacket> plain;
    std::vector<Bytes> packets;
    std::vector<OpenJob> jobs;
    for (std::size_t i = 0; i < size; ++i) {
      plain.push_back(random_rtp(random, 1, static_cast<std::uint16_t>(i)));
      packets.push_back(sealed(*engine_, *keys_, false, plain[i], i));
      if (i % 3 == 2) packets[i].back() ^= 1;
    }
    for (std::size_t i = 0; i < size; ++i) {
      jobs.push_back({.keys = keys_.get(),
                      .packet = packets[i].data(),
                      .length = static_cast<std::uint32_t>(packets[i].size()),
                      .header_length = plain[i].header_length,
                      .index = i});
    }
    engine_->open_rtp(jobs);
    for (std::size_t i = 0; i < size; ++i) {
      ASSERT_EQ(jobs[i].authentic, this->plain() || i % 3 != 2) << i << " of " << size;
      if (i % 3 == 2) continue;
      ASSERT_EQ(jobs[i].length, plain[i].bytes.size());
      ASSERT_TRUE(std::equal(plain[i].bytes.begin(), plain[i].bytes.end(), jobs[i].packet))
          << i << " of " << size;
    }
  }
}

TEST_P(EngineOfSuite, TheTrailerIsReadBeforeOpening) {
  Random random(5);
  const PlainPacket plain = random_rtcp(random, 5);
  const Bytes packet = sealed(*engine_, *keys_, true, plain, 0x7ffffffe);
  const auto trailer = rtcp_trailer(GetParam(), packet);
  ASSERT_TRUE(trailer.has_value());
  EXPECT_EQ(trailer->index, this->plain() ? 0U : 0x7ffffffeU);
  EXPECT_EQ(trailer->encrypted, !this->plain());
  const std::size_t shortest = 8 + (this->plain() ? 0 : info(GetParam()).rtcp_tag_length + 4);
  EXPECT_TRUE(rtcp_trailer(GetParam(), Bytes(shortest)).has_value());
  EXPECT_FALSE(rtcp_trailer(GetParam(), Bytes(shortest - 1)).has_value());
  EXPECT_FALSE(rtcp_trailer(GetParam(), {}).has_value());
}

// Whatever vectors the machine has, the bytes are the same.
TEST_P(EngineOfSuite, EveryInstructionSetSealsTheSame) {
  for (const Isa isa : {Isa::sse, Isa::avx2, Isa::avx512}) {
    std::unique_ptr<Engine> other;
    try {
      other = make_ipsec_mb_engine(isa);
    } catch (const std::runtime_error&) {
      continue;  // this machine lacks it
    }
    const auto keys = test_keys(*other, GetParam());
    Random random(6);
    for (std::uint64_t index = 65500; index < 65600; ++index) {
      const PlainPacket rtp = random_rtp(random, 9, static_cast<std::uint16_t>(index));
      const Bytes packet = sealed(*other, *keys, false, rtp, index);
      ASSERT_EQ(packet, sealed(*engine_, *keys_, false, rtp, index));
      ASSERT_TRUE(opens(*other, *keys, false, packet, rtp.header_length, index));
      const PlainPacket rtcp = random_rtcp(random, 9);
      ASSERT_EQ(sealed(*other, *keys, true, rtcp, index), sealed(*engine_, *keys_, true, rtcp, index));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Suites, EngineOfSuite, testing::ValuesIn(kAllSuites), [](const auto& suite) {
  return std::string(causeway::srtp::info(suite.param).name);
});

TEST(Engine, KeysOfOtherLengthsAreRefused) {
  const auto engine = make_ipsec_mb_engine();
  EXPECT_THROW(engine->expand(Suite::none, Bytes(16), Bytes()), std::invalid_argument);
  EXPECT_THROW(engine->expand(Suite::aead_aes_128_gcm, Bytes(16), Bytes(14)), std::invalid_argument);
  EXPECT_THROW(engine->expand(Suite::aead_aes_256_gcm, Bytes(16), Bytes(12)), std::invalid_argument);
  EXPECT_THROW(engine->expand(Suite::aes_cm_128_hmac_sha1_80, Bytes(), Bytes()), std::invalid_argument);
  EXPECT_EQ(engine->expand(Suite::aes_256_cm_hmac_sha1_32, Bytes(32), Bytes(14))->suite(),
            Suite::aes_256_cm_hmac_sha1_32);
}

}  // namespace
}  // namespace causeway::srtp
