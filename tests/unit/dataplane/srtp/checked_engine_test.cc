// The engine that watches over indices: silent for everything that is allowed, the end for what is not.
#include "dataplane/srtp/checked_engine.h"

#include <gtest/gtest.h>

#include "engines.h"
#include "support.h"

namespace causeway::srtp {
namespace {

class CheckedEngineOfKind : public testing::TestWithParam<EngineCase> {
 protected:
  std::unique_ptr<SessionKeys> keys(std::uint8_t of, Suite suite = Suite::aead_aes_128_gcm) {
    return engine_.expand(suite, Bytes(info(suite).key_length, of), Bytes(info(suite).salt_length, of));
  }

  // Bytes of the sealed packet: 0 if it was refused.
  std::uint32_t seal(const SessionKeys& keys, std::uint32_t ssrc, std::uint64_t index, std::uint8_t content,
                     bool rtcp = false, std::uint8_t marker = 0) {
    Bytes packet(100, 0);
    packet[0] = 0x80;
    packet[1] = marker;
    net::store_be16(&packet[2], static_cast<std::uint16_t>(index));
    net::store_be32(&packet[rtcp ? 4 : 8], ssrc);
    const Bytes payload(40, content);
    SealJob job{.keys = &keys,
                .payload = payload.data(),
                .payload_length = static_cast<std::uint32_t>(payload.size()),
                .packet = packet.data(),
                .header_length = rtcp ? 8U : 12U,
                .index = index};
    rtcp ? engine_.seal_rtcp({&job, 1}) : engine_.seal_rtp({&job, 1});
    return job.length;
  }

  CheckedEngine engine_{GetParam().make()};
};

TEST_P(CheckedEngineOfKind, AllowsWhatDiffersInKeySsrcIndexOrKind) {
  const auto first = keys(1);
  const auto second = keys(2);
  for (std::uint64_t index = 65000; index < 66000; ++index) {
    EXPECT_NE(seal(*first, 5, index, static_cast<std::uint8_t>(index)), 0U);
    EXPECT_NE(seal(*second, 5, index, static_cast<std::uint8_t>(index + 1)), 0U);
    EXPECT_NE(seal(*first, 6, index, static_cast<std::uint8_t>(index + 2)), 0U);
  }
  for (std::uint64_t index = 0; index < 300; ++index)
    EXPECT_NE(seal(*first, 5, index, static_cast<std::uint8_t>(index), true), 0U);
}

TEST_P(CheckedEngineOfKind, AllowsTheSamePacketAgainAndPlainOnes) {
  const auto protecting = keys(1);
  const auto plain = keys(1, Suite::none);
  EXPECT_NE(seal(*protecting, 5, 7, 1), 0U);
  seal(*protecting, 5, 7, 1);  // libsrtp refuses it
  EXPECT_NE(seal(*plain, 5, 7, 1), 0U);
  EXPECT_NE(seal(*plain, 5, 7, 2), 0U);
}

// More streams than are remembered: old ones are forgotten, and those that come are watched.
TEST(CheckedEngineBounds, ForgetsStreamsBeyondItsMemory) {
  CheckedEngine engine(make_ipsec_mb_engine());
  const auto keys = engine.expand(Suite::aead_aes_128_gcm, Bytes(16), Bytes(12));
  const auto seal = [&](std::uint32_t ssrc, std::uint8_t content) {
    Bytes packet(40);
    packet[0] = 0x80;
    net::store_be32(&packet[8], ssrc);
    SealJob job{.keys = keys.get(),
                .payload = &content,
                .payload_length = 1,
                .packet = packet.data(),
                .header_length = 12};
    engine.seal_rtp({&job, 1});
    return job.length;
  };
  for (std::uint32_t ssrc = 0; ssrc <= CheckedEngine::kStreams; ++ssrc)
    ASSERT_NE(seal(ssrc, 1), 0U);
  EXPECT_NE(seal(0, 2), 0U) << "SSRC 0 made room for the last one";
}

INSTANTIATE_TEST_SUITE_P(Engines, CheckedEngineOfKind, testing::ValuesIn(engine_of_each_library()));

class CheckedEngineDeathTest : public CheckedEngineOfKind {};

TEST_P(CheckedEngineDeathTest, EndsTheProcessOnOtherContent) {
  const auto first = keys(1);
  ASSERT_NE(seal(*first, 5, 65543, 1), 0U);
  EXPECT_DEATH(seal(*first, 5, 65543, 2),
               "two different packets under one key and index: AEAD_AES_128_GCM, "
               "SRTP, SSRC 5, index 65543");
  EXPECT_DEATH(seal(*first, 5, 65543, 1, false, 0x80), "two different packets") << "another header";
  EXPECT_DEATH(seal(*first, 5, 65543 + (1ULL << 48), 2), "two different packets") << "the index has 48 bits";
  ASSERT_NE(seal(*first, 5, 9, 1, true), 0U);
  EXPECT_DEATH(seal(*first, 5, 9, 2, true),
               "two different packets under one key and index: AEAD_AES_128_GCM, SRTCP");
}

TEST_P(CheckedEngineDeathTest, KnowsAKeyThatWasExpandedTwice) {
  const auto first = keys(1);
  const auto same = keys(1);
  ASSERT_NE(seal(*first, 5, 7, 1), 0U);
  EXPECT_DEATH(seal(*same, 5, 7, 2), "two different packets");
}

TEST_P(CheckedEngineDeathTest, RemembersAWindowOfIndices) {
  const auto first = keys(1);
  for (std::uint64_t index = 0; index < 1000; ++index)
    ASSERT_NE(seal(*first, 5, index, static_cast<std::uint8_t>(index)), 0U);
  EXPECT_DEATH(seal(*first, 5, 1000 - CheckedEngine::kWindow, 200), "two different packets");
}

// libsrtp refuses by itself what the checked engine looks for.
INSTANTIATE_TEST_SUITE_P(Engines, CheckedEngineDeathTest, testing::Values(engine_cases().front()));

}  // namespace
}  // namespace causeway::srtp
