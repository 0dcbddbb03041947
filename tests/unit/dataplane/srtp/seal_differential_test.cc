// What we seal is byte for byte what libsrtp seals, and each opens the other's: every engine, every suite,
// mixed in bursts of any size, with new keys in the midst of a burst.
#include <algorithm>
#include <memory>
#include <string_view>
#include <tuple>

#include <gtest/gtest.h>

#include "dataplane/srtp/checked_engine.h"
#include "engines.h"
#include "libsrtp_oracle.h"

namespace causeway::srtp {
namespace {

constexpr std::size_t kPacketsPerSuite = 300;

constexpr std::size_t kLargestBurst = 256;

// One master key, here and in libsrtp.
struct Keying {
  std::unique_ptr<SessionKeys> keys;
  std::unique_ptr<Libsrtp> sealer;
  std::unique_ptr<Libsrtp> opener;
};

struct Session {
  Suite suite;
  std::shared_ptr<Keying> keying;
  std::uint32_t ssrc = 0;
  std::uint64_t index = 0;  // of the last packet sealed
};

struct Sealing {
  Suite suite;
  std::shared_ptr<Keying> keying;
  PlainPacket plain;
  std::uint64_t index;
  Bytes sealed;    // ours
  Bytes expected;  // libsrtp's
};

class SealDifferential : public testing::TestWithParam<std::tuple<EngineCase, std::uint64_t>> {
 protected:
  SealDifferential() {
    for (const SuiteInfo& suite : all_suites()) {
      sessions_.push_back({.suite = suite.suite,
                           .keying = new_keying(suite),
                           .ssrc = static_cast<std::uint32_t>(random_.between(0, 0xffffffff))});
    }
  }

  std::shared_ptr<Keying> new_keying(const SuiteInfo& suite) {
    const Bytes key = random_.bytes(suite.key_length);
    const Bytes salt = random_.bytes(suite.salt_length);
    auto keying = std::make_shared<Keying>();
    keying->keys = engine_->expand(suite.suite, key, salt);
    if (suite.suite == Suite::none) return keying;
    keying->sealer = std::make_unique<Libsrtp>(suite.suite, key, salt, Libsrtp::Direction::seals);
    keying->opener = std::make_unique<Libsrtp>(suite.suite, key, salt, Libsrtp::Direction::opens);
    return keying;
  }

  void seal(bool rtcp, std::span<Sealing> burst) {
    const std::uint32_t lead = rtcp ? std::get<0>(GetParam()).srtcp_lead : 0;
    std::vector<SealJob> jobs;
    for (Sealing& sealing : burst) {
      const PlainPacket& plain = sealing.plain;
      sealing.sealed.assign(plain.bytes.begin(), plain.bytes.begin() + plain.header_length);
      sealing.sealed.resize(plain.bytes.size() + (rtcp ? kMaxRtcpOverhead : kMaxRtpOverhead), 0xee);
      jobs.push_back({.keys = sealing.keying->keys.get(),
                      .payload = plain.bytes.data() + plain.header_length,
                      .payload_length = static_cast<std::uint32_t>(plain.bytes.size()) - plain.header_length,
                      .packet = sealing.sealed.data(),
                      .header_length = plain.header_length,
                      .index = sealing.index - lead});
    }
    rtcp ? engine_->seal_rtcp(jobs) : engine_->seal_rtp(jobs);
    for (std::size_t i = 0; i < burst.size(); ++i)
      burst[i].sealed.resize(jobs[i].length);
  }

  // Opens what libsrtp sealed.
  void open_and_compare(bool rtcp, std::span<Sealing> burst) {
    std::vector<Bytes> packets;
    for (const Sealing& sealing : burst)
      packets.push_back(sealing.expected);
    std::vector<OpenJob> jobs;
    for (std::size_t i = 0; i < burst.size(); ++i) {
      jobs.push_back({.keys = burst[i].keying->keys.get(),
                      .packet = packets[i].data(),
                      .length = static_cast<std::uint32_t>(packets[i].size()),
                      .header_length = burst[i].plain.header_length,
                      .index = burst[i].index});
    }
    rtcp ? engine_->open_rtcp(jobs) : engine_->open_rtp(jobs);
    for (std::size_t i = 0; i < burst.size(); ++i) {
      ASSERT_TRUE(jobs[i].authentic) << info(burst[i].suite).name;
      packets[i].resize(jobs[i].length);
      ASSERT_EQ(packets[i], burst[i].plain.bytes) << info(burst[i].suite).name;
    }
  }

  void compare_with_libsrtp(bool rtcp, std::span<Sealing> burst) {
    for (Sealing& sealing : burst) {
      const Bytes& plain = sealing.plain.bytes;
      const std::string_view suite = info(sealing.suite).name;
      if (sealing.suite == Suite::none) {
        sealing.expected = plain;
        ASSERT_EQ(sealing.sealed, plain);
        continue;
      }
      sealing.expected =
          rtcp ? sealing.keying->sealer->seal_rtcp(plain) : sealing.keying->sealer->seal_rtp(plain);
      ASSERT_EQ(sealing.sealed, sealing.expected) << suite << " index " << sealing.index;
      const auto [status, opened] = rtcp ? sealing.keying->opener->open_rtcp(sealing.sealed)
                                         : sealing.keying->opener->open_rtp(sealing.sealed);
      ASSERT_EQ(status, srtp_err_status_ok) << suite << " index " << sealing.index;
      ASSERT_EQ(opened, plain) << suite;
    }
  }

  // `next` moves a session on by one packet, `restart` to where libsrtp begins under a new key.
  template <typename Restart, typename Next>
  void run(bool rtcp, Restart restart, Next next) {
    for (Session& session : sessions_)
      restart(session);
    std::size_t left = kPacketsPerSuite * sessions_.size();
    while (left > 0) {
      const std::size_t most = random_.percent(50) ? 20 : kLargestBurst;
      const std::size_t size = std::min<std::size_t>(left, random_.between(1, most));
      left -= size;
      std::vector<Sealing> burst;
      for (std::size_t i = 0; i < size; ++i) {
        Session& session = sessions_[random_.between(0, sessions_.size() - 1)];
        if (random_.between(1, 200) == 1) {
          session.keying = new_keying(info(session.suite));
          restart(session);
        }
        PlainPacket plain = next(session);
        burst.push_back({session.suite, session.keying, std::move(plain), session.index, {}, {}});
      }
      seal(rtcp, burst);
      ASSERT_NO_FATAL_FAILURE(compare_with_libsrtp(rtcp, burst));
      ASSERT_NO_FATAL_FAILURE(open_and_compare(rtcp, burst));
    }
  }

  std::uint64_t seed() const { return std::get<1>(GetParam()); }

  Random random_{seed()};
  std::unique_ptr<Engine> engine_ = std::make_unique<CheckedEngine>(std::get<0>(GetParam()).make());
  std::vector<Session> sessions_;
};

TEST_P(SealDifferential, Rtp) {
  SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << seed());
  std::uint64_t highest = 0;
  run(
      false, [this](Session& session) { session.index = 65535 - random_.between(1, 20); },
      [&](Session& session) {
        const bool wrapped = session.index > 65535;  // libsrtp's first packet starts at rollover counter 0
        session.index += wrapped && random_.percent(10) ? random_.between(2, 30000) : 1;  // several rollovers
        highest = std::max(highest, session.index);
        return random_rtp(random_, session.ssrc, static_cast<std::uint16_t>(session.index));
      });
  EXPECT_GT(highest >> 16, 2U);
}

TEST_P(SealDifferential, Rtcp) {
  SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << seed());
  run(
      true, [](Session& session) { session.index = 0; },
      [this](Session& session) {
        ++session.index;  // libsrtp's first SRTCP index is 1
        return random_rtcp(random_, session.ssrc);
      });
}

INSTANTIATE_TEST_SUITE_P(Engines, SealDifferential,
                         testing::Combine(testing::ValuesIn(engine_cases()), testing::ValuesIn(seeds())));

class SrtcpWithoutEncryption : public testing::TestWithParam<EngineCase> {};

INSTANTIATE_TEST_SUITE_P(Engines, SrtcpWithoutEncryption, testing::ValuesIn(engine_cases()));

// SRTCP may come authenticated and not enciphered (E flag 0): verified, left as it is, and known as such.
TEST_P(SrtcpWithoutEncryption, IsVerifiedAndReported) {
  const auto engine = GetParam().make();
  Random random(1);
  for (const SuiteInfo& suite : all_suites().subspan(1)) {
    const Bytes key = random.bytes(suite.key_length);
    const Bytes salt = random.bytes(suite.salt_length);
    const auto keys = engine->expand(suite.suite, key, salt);
    Libsrtp sealer(suite.suite, key, salt, Libsrtp::Direction::seals, Libsrtp::Rtcp::authenticated_only);
    for (std::uint32_t index = 1; index < 20; ++index) {
      const PlainPacket plain = random_rtcp(random, 7);
      const Bytes sealed = sealer.seal_rtcp(plain.bytes);
      const auto trailer = rtcp_trailer(suite.suite, sealed);
      ASSERT_TRUE(trailer.has_value());
      EXPECT_FALSE(trailer->encrypted);
      EXPECT_EQ(trailer->index, index);

      Bytes packet = sealed;
      OpenJob job{
          .keys = keys.get(), .packet = packet.data(), .length = static_cast<std::uint32_t>(packet.size())};
      engine->open_rtcp({&job, 1});
      ASSERT_TRUE(job.authentic) << suite.name;
      packet.resize(job.length);
      EXPECT_EQ(packet, plain.bytes) << suite.name;

      packet = sealed;
      packet[random.between(0, packet.size() - 1)] ^= 0x20;
      job = {
          .keys = keys.get(), .packet = packet.data(), .length = static_cast<std::uint32_t>(packet.size())};
      engine->open_rtcp({&job, 1});
      EXPECT_FALSE(job.authentic) << suite.name;
    }
  }
}

}  // namespace
}  // namespace causeway::srtp
