// What we seal is byte for byte what libsrtp seals, and each opens the other's: every suite, mixed in bursts.
#include <memory>

#include <gtest/gtest.h>

#include "dataplane/srtp/engine.h"
#include "libsrtp_oracle.h"

namespace causeway::srtp {
namespace {

constexpr std::size_t kPacketsPerSuite = 300;

struct Session {
  Suite suite;
  std::unique_ptr<SessionKeys> keys;
  std::unique_ptr<Libsrtp> sealer;
  std::unique_ptr<Libsrtp> opener;
  std::uint32_t ssrc = 0;
  std::uint64_t index = 0;  // of the last packet sealed
};

struct Sealing {
  Session* session;
  PlainPacket plain;
  std::uint64_t index;
  Bytes sealed;    // ours
  Bytes expected;  // libsrtp's
};

class SealDifferential : public testing::TestWithParam<std::uint64_t> {
 protected:
  SealDifferential() {
    for (const SuiteInfo& suite : all_suites()) {
      const Bytes key = random_.bytes(suite.key_length);
      const Bytes salt = random_.bytes(suite.salt_length);
      Session& session = sessions_.emplace_back();
      session.suite = suite.suite;
      session.keys = engine_->expand(suite.suite, key, salt);
      session.ssrc = static_cast<std::uint32_t>(random_.between(0, 0xffffffff));
      if (suite.suite == Suite::none) continue;
      session.sealer = std::make_unique<Libsrtp>(suite.suite, key, salt, Libsrtp::Direction::seals);
      session.opener = std::make_unique<Libsrtp>(suite.suite, key, salt, Libsrtp::Direction::opens);
    }
  }

  void seal(bool rtcp, std::span<Sealing> burst) {
    std::vector<SealJob> jobs;
    for (Sealing& sealing : burst) {
      const PlainPacket& plain = sealing.plain;
      sealing.sealed.assign(plain.bytes.begin(), plain.bytes.begin() + plain.header_length);
      sealing.sealed.resize(plain.bytes.size() + (rtcp ? kMaxRtcpOverhead : kMaxRtpOverhead), 0xee);
      jobs.push_back({.keys = sealing.session->keys.get(),
                      .payload = plain.bytes.data() + plain.header_length,
                      .payload_length = static_cast<std::uint32_t>(plain.bytes.size()) - plain.header_length,
                      .packet = sealing.sealed.data(),
                      .header_length = plain.header_length,
                      .index = sealing.index});
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
      jobs.push_back({.keys = burst[i].session->keys.get(),
                      .packet = packets[i].data(),
                      .length = static_cast<std::uint32_t>(packets[i].size()),
                      .header_length = burst[i].plain.header_length,
                      .index = burst[i].index});
    }
    rtcp ? engine_->open_rtcp(jobs) : engine_->open_rtp(jobs);
    for (std::size_t i = 0; i < burst.size(); ++i) {
      ASSERT_TRUE(jobs[i].authentic) << info(burst[i].session->suite).name;
      packets[i].resize(jobs[i].length);
      ASSERT_EQ(packets[i], burst[i].plain.bytes) << info(burst[i].session->suite).name;
    }
  }

  void compare_with_libsrtp(bool rtcp, std::span<Sealing> burst) {
    for (Sealing& sealing : burst) {
      Session& session = *sealing.session;
      const Bytes& plain = sealing.plain.bytes;
      if (session.suite == Suite::none) {
        sealing.expected = plain;
        ASSERT_EQ(sealing.sealed, plain);
        continue;
      }
      sealing.expected = rtcp ? session.sealer->seal_rtcp(plain) : session.sealer->seal_rtp(plain);
      ASSERT_EQ(sealing.sealed, sealing.expected) << info(session.suite).name << " index " << sealing.index;
      const auto [status, opened] =
          rtcp ? session.opener->open_rtcp(sealing.sealed) : session.opener->open_rtp(sealing.sealed);
      ASSERT_EQ(status, srtp_err_status_ok) << info(session.suite).name << " index " << sealing.index;
      ASSERT_EQ(opened, plain) << info(session.suite).name;
    }
  }

  // `next` moves a session on by one packet.
  template <typename Next>
  void run(bool rtcp, Next next) {
    std::size_t left = kPacketsPerSuite * sessions_.size();
    while (left > 0) {
      const std::size_t size = std::min<std::size_t>(left, random_.between(1, 64));
      left -= size;
      std::vector<Sealing> burst;
      for (std::size_t i = 0; i < size; ++i) {
        Session& session = sessions_[random_.between(0, sessions_.size() - 1)];
        PlainPacket plain = next(session);
        burst.push_back({&session, std::move(plain), session.index, {}, {}});
      }
      seal(rtcp, burst);
      ASSERT_NO_FATAL_FAILURE(compare_with_libsrtp(rtcp, burst));
      ASSERT_NO_FATAL_FAILURE(open_and_compare(rtcp, burst));
    }
  }

  Random random_{GetParam()};
  std::unique_ptr<Engine> engine_ = make_ipsec_mb_engine();
  std::vector<Session> sessions_;
};

TEST_P(SealDifferential, Rtp) {
  SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << GetParam());
  for (Session& session : sessions_)
    session.index = 65535 - random_.between(1, 60);
  run(false, [this](Session& session) {
    const bool wrapped = session.index > 65535;  // libsrtp's first packet starts at rollover counter 0
    session.index += wrapped && random_.percent(10) ? random_.between(2, 30000) : 1;  // several rollovers
    return random_rtp(random_, session.ssrc, static_cast<std::uint16_t>(session.index));
  });
  for (const Session& session : sessions_)
    EXPECT_GT(session.index >> 16, 1U) << info(session.suite).name;
}

TEST_P(SealDifferential, Rtcp) {
  SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << GetParam());
  run(true, [this](Session& session) {
    ++session.index;  // libsrtp's first SRTCP index is 1
    return random_rtcp(random_, session.ssrc);
  });
}

INSTANTIATE_TEST_SUITE_P(Seeds, SealDifferential, testing::ValuesIn(seeds()));

// SRTCP may come authenticated and not enciphered (E flag 0): verified, left as it is, and known as such.
TEST(SrtcpWithoutEncryption, IsVerifiedAndReported) {
  const auto engine = make_ipsec_mb_engine();
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
