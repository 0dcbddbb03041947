// Where libsrtp has a will of its own, the engine over it follows the caller, or refuses.
#include "dataplane/srtp/libsrtp_engine.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "dataplane/srtp/framing.h"
#include "support.h"

namespace causeway::srtp {
namespace {

// Keys of both engines from one master key.
struct Pair {
  Pair(const Engine& libsrtp, const Engine& other, Suite suite, Random& random) {
    const Bytes key = random.bytes(info(suite).key_length);
    const Bytes salt = random.bytes(info(suite).salt_length);
    ours = libsrtp.expand(suite, key, salt);
    others = other.expand(suite, key, salt);
  }
  std::unique_ptr<SessionKeys> ours;
  std::unique_ptr<SessionKeys> others;
};

class LibsrtpEngineOfSuite : public testing::TestWithParam<Suite> {
 protected:
  Random random_{1};
  std::unique_ptr<Engine> engine_ = make_libsrtp_engine();
  std::unique_ptr<Engine> other_ = make_ipsec_mb_engine();
  Pair keys_{*engine_, *other_, GetParam(), random_};
};

TEST_P(LibsrtpEngineOfSuite, SealsAtTheCallersIndex) {
  for (const std::uint64_t seed : seeds()) {
    SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << seed);
    Random random(seed);
    for (std::uint32_t ssrc = 1; ssrc <= 20; ++ssrc) {
      const auto with_seed = static_cast<std::uint32_t>(seed << 16 | ssrc);
      std::uint64_t highest = random.percent(50) ? random.between(0, 70000) : random.between(0, 1ULL << 44);
      std::set<std::uint64_t> used;
      for (int i = 0; i < 40; ++i) {
        std::uint64_t index = highest;
        if (i > 0 && random.percent(40)) {
          index -= std::min(highest, random.between(0, ReplayWindow::kSize - 1));
        } else {
          const std::uint64_t farthest = random.percent(50) ? 3 : random.percent(50) ? 70000 : 1ULL << 40;
          index += random.between(0, farthest);
        }
        highest = std::max(highest, index);
        const PlainPacket plain = random_rtp(random, with_seed, static_cast<std::uint16_t>(index));
        const Bytes packet = sealed(*engine_, *keys_.ours, false, plain, index);
        if (!used.insert(index).second) {
          ASSERT_TRUE(packet.empty()) << "sealed twice: " << index;
          continue;
        }
        ASSERT_EQ(packet, sealed(*other_, *keys_.others, false, plain, index))
            << index << " highest " << highest;
      }
    }
  }
}

TEST_P(LibsrtpEngineOfSuite, SealsNothingFarBehind) {
  const auto seal = [&](std::uint64_t index) {
    return !sealed(*engine_, *keys_.ours, false, random_rtp(random_, 5, static_cast<std::uint16_t>(index)),
                   index)
                .empty();
  };
  for (const std::uint64_t highest : {std::uint64_t{66000}, std::uint64_t{1} << 40}) {
    EXPECT_TRUE(seal(highest));
    EXPECT_TRUE(seal(highest - ReplayWindow::kSize + 1));
    EXPECT_FALSE(seal(highest - ReplayWindow::kSize));
    EXPECT_FALSE(seal(highest - 65536 + 1));
    EXPECT_FALSE(seal(highest - 40000));
    EXPECT_FALSE(seal(highest % 65536 + 1));
    EXPECT_TRUE(seal(highest + 1));
  }
}

TEST_P(LibsrtpEngineOfSuite, OpensAnyIndexAnyNumberOfTimes) {
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t index =
        random_.percent(50) ? random_.between(0, 200000) : random_.between(0, (1ULL << 48) - 1);
    const PlainPacket plain = random_rtp(random_, i % 3, static_cast<std::uint16_t>(index));
    const Bytes packet = sealed(*other_, *keys_.others, false, plain, index);
    Bytes damaged = packet;
    damaged.back() ^= 1;
    ASSERT_EQ(opened(*engine_, *keys_.ours, false, damaged, plain.header_length, index), Bytes()) << index;
    ASSERT_EQ(opened(*engine_, *keys_.ours, false, packet, plain.header_length, index ^ 1ULL << 16), Bytes())
        << index;
    for (int again = 0; again < 2; ++again)
      ASSERT_EQ(opened(*engine_, *keys_.ours, false, packet, plain.header_length, index), plain.bytes)
          << index;
  }
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t index = random_.between(0, 2000);
    const PlainPacket plain = random_rtcp(random_, i % 3);
    const Bytes packet = sealed(*other_, *keys_.others, true, plain, index);
    for (int again = 0; again < 2; ++again)
      ASSERT_EQ(opened(*engine_, *keys_.ours, true, packet, 8, 0), plain.bytes) << index;
  }
}

TEST_P(LibsrtpEngineOfSuite, SealsRtcpUnderTheNextIndexAndNeverTwice) {
  const PlainPacket plain = random_rtcp(random_, 5);
  const auto index_of = [&](std::uint64_t index) -> std::int64_t {
    const Bytes packet = sealed(*engine_, *keys_.ours, true, plain, index);
    if (packet.empty()) return -1;
    EXPECT_EQ(packet, sealed(*other_, *keys_.others, true, plain, index + 1));
    return rtcp_trailer(GetParam(), packet)->index;
  };
  EXPECT_EQ(index_of(0), 1);
  EXPECT_EQ(index_of(1), 2);
  EXPECT_EQ(index_of(1), -1);
  EXPECT_EQ(index_of(0), -1);
  EXPECT_EQ(index_of(100), 101);  // the owner of the SSRC was another worker meanwhile
  EXPECT_EQ(index_of(99), -1);
  const std::uint64_t far = 101 + LibsrtpSession::kMostSkipped + 10;
  EXPECT_EQ(index_of(far), -1);  // too far for one call, but nearer now
  EXPECT_EQ(index_of(far + 1), static_cast<std::int64_t>(far + 2));
  EXPECT_EQ(index_of(kRtcpIndexMask), -1);
}

TEST_P(LibsrtpEngineOfSuite, RefusesHeadersThatContradictTheJob) {
  const PlainPacket plain{hex({"80 60 0007 00000000 00000005 0102030405060708"}), 12};
  PlainPacket longer = plain;
  longer.header_length = 16;
  PlainPacket extended = plain;
  extended.bytes[0] = 0x90;
  extended.bytes[15] = 0xff;
  EXPECT_EQ(sealed(*engine_, *keys_.ours, false, longer, 7), Bytes());
  EXPECT_EQ(sealed(*engine_, *keys_.ours, false, extended, 7), Bytes());
  EXPECT_EQ(sealed(*engine_, *keys_.ours, false, plain, 8), Bytes());
  const Bytes packet = sealed(*engine_, *keys_.ours, false, plain, 7);
  EXPECT_FALSE(packet.empty());
  EXPECT_EQ(opened(*engine_, *keys_.ours, false, packet, 16, 7), Bytes());
  EXPECT_EQ(opened(*engine_, *keys_.ours, false, packet, 12, 8), Bytes());
  EXPECT_EQ(opened(*engine_, *keys_.ours, false, packet, 12, 7), plain.bytes);
}

TEST_P(LibsrtpEngineOfSuite, RefusesImpossibleLengths) {
  Bytes packet(128, 0x80);
  for (const std::uint32_t length : {0U, 7U, 11U, 12U, 20U, 65508U, 0xffffffffU}) {
    for (const std::uint32_t header_length : {0U, 8U, 11U, 12U, 13U, 0xffffffffU}) {
      OpenJob open{.keys = keys_.ours.get(),
                   .packet = packet.data(),
                   .length = length,
                   .header_length = header_length};
      engine_->open_rtp({&open, 1});
      EXPECT_FALSE(open.authentic) << length << " " << header_length;
      engine_->open_rtcp({&open, 1});
      EXPECT_FALSE(open.authentic) << length << " " << header_length;
    }
  }
  const Bytes payload(64);
  for (const std::uint32_t header_length : {0U, 11U, 65507U, 0xffffffffU}) {
    for (const std::uint32_t payload_length : {4U, 65507U, 0xffffffffU}) {
      SealJob seal{.keys = keys_.ours.get(),
                   .payload = payload.data(),
                   .payload_length = payload_length,
                   .packet = packet.data(),
                   .header_length = header_length,
                   .length = 1};
      engine_->seal_rtp({&seal, 1});
      EXPECT_EQ(seal.length, 0U) << header_length << " " << payload_length;
      engine_->seal_rtcp({&seal, 1});
      EXPECT_EQ(seal.length, 0U) << header_length << " " << payload_length;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Suites, LibsrtpEngineOfSuite,
                         testing::Values(Suite::aes_cm_128_hmac_sha1_80, Suite::aes_cm_128_hmac_sha1_32,
                                         Suite::aes_256_cm_hmac_sha1_80, Suite::aes_256_cm_hmac_sha1_32,
                                         Suite::aead_aes_128_gcm, Suite::aead_aes_256_gcm),
                         [](const auto& suite) {
                           return std::string(causeway::srtp::info(suite.param).name);
                         });

TEST(LibsrtpEngine, SeveralSealWithTheSameKeysAtOnce) {
  constexpr std::size_t kEngines = 3;
  constexpr std::uint64_t kPackets = 300;
  Random random(1);
  std::vector<std::unique_ptr<Engine>> engines;
  for (std::size_t slot = 0; slot < kEngines; ++slot)
    engines.push_back(make_libsrtp_engine(slot, kEngines));
  const auto other = make_ipsec_mb_engine();
  const Pair keys(*engines[1], *other, Suite::aes_cm_128_hmac_sha1_80, random);
  std::vector<std::vector<Bytes>> packets(kEngines, std::vector<Bytes>(kPackets));
  const auto plain = [](std::size_t slot, std::uint64_t index) {
    Random of_packet(slot << 32 | index);
    return random_rtp(of_packet, static_cast<std::uint32_t>(slot), static_cast<std::uint16_t>(index));
  };
  std::vector<std::thread> workers;
  for (std::size_t slot = 0; slot < kEngines; ++slot) {
    workers.emplace_back([&, slot] {
      for (std::uint64_t index = 0; index < kPackets; ++index)
        packets[slot][index] = sealed(*engines[slot], *keys.ours, false, plain(slot, index), index);
    });
  }
  for (std::thread& worker : workers)
    worker.join();
  for (std::size_t slot = 0; slot < kEngines; ++slot) {
    for (std::uint64_t index = 0; index < kPackets; ++index)
      ASSERT_EQ(packets[slot][index], sealed(*other, *keys.others, false, plain(slot, index), index));
  }
}

TEST(LibsrtpEngine, KnowsItsSlots) {
  EXPECT_THROW(make_libsrtp_engine(1, 1), std::invalid_argument);
  const auto one = make_libsrtp_engine(0, 1);
  const auto second = make_libsrtp_engine(1, 2);
  const auto keys = one->expand(Suite::aead_aes_128_gcm, Bytes(16), Bytes(12));
  Random random(1);
  EXPECT_EQ(sealed(*second, *keys, false, random_rtp(random, 1, 1), 1), Bytes());
}

TEST(LibsrtpEngine, KeysOfOtherLengthsAreRefused) {
  const auto engine = make_libsrtp_engine();
  EXPECT_THROW(engine->expand(Suite::none, Bytes(16), Bytes()), std::invalid_argument);
  EXPECT_THROW(engine->expand(Suite::aead_aes_128_gcm, Bytes(16), Bytes(14)), std::invalid_argument);
  EXPECT_EQ(engine->expand(Suite::none, Bytes(), Bytes())->suite(), Suite::none);
}

// An authenticated remote that changes its SSRC with each packet must not grow us.
TEST(LibsrtpEngine, OpensMoreSourcesThanItRemembersAndSealsNoMore) {
  const auto engine = make_libsrtp_engine();
  const auto other = make_ipsec_mb_engine();
  Random random(1);
  const Pair keys(*engine, *other, Suite::aead_aes_128_gcm, random);
  constexpr std::uint32_t kSources = LibsrtpSession::kMostStreams + 10;
  for (std::uint32_t ssrc = 0; ssrc < kSources; ++ssrc) {
    PlainPacket plain{Bytes(20), 12};
    plain.bytes[0] = 0x80;
    net::store_be32(&plain.bytes[8], ssrc);
    const Bytes packet = sealed(*other, *keys.others, false, plain, 0);
    ASSERT_EQ(opened(*engine, *keys.ours, false, packet, 12, 0), plain.bytes) << ssrc;
    ASSERT_EQ(sealed(*engine, *keys.ours, false, plain, 0).empty(), ssrc >= LibsrtpSession::kMostStreams)
        << ssrc;
  }
}

}  // namespace
}  // namespace causeway::srtp
