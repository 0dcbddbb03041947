#include "dataplane/open.h"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "dataplane/net/bytes.h"

namespace causeway {
namespace {

constexpr std::uint32_t kSsrc = 0x11110001;
constexpr srtp::Suite kSuite = srtp::Suite::aes_cm_128_hmac_sha1_80;

// One transport with one layer, and a remote that seals packets for it.
class OpenStageTest : public testing::Test {
 protected:
  OpenStageTest() {
    use(kSuite);
    layers.entries = {{kSsrc, 0}};
    tables.transports[0].layers.store(&layers);
  }

  void use(srtp::Suite suite) {
    const std::vector<std::uint8_t> key(srtp::info(suite).key_length, 0x42);
    const std::vector<std::uint8_t> salt(srtp::info(suite).salt_length, 0x17);
    settings.receive = engine->expand(suite, key, salt);
    tables.transports[0].settings.store(&settings);
  }

  // A sealed RTP packet with this index.
  std::vector<std::uint8_t> rtp(std::uint64_t index, std::uint32_t ssrc = kSsrc) {
    static const std::array<std::uint8_t, 20> kPayload{1, 2, 3};
    std::vector<std::uint8_t> bytes(12 + kPayload.size() + srtp::kMaxRtpOverhead);
    bytes[0] = 0x80;
    bytes[1] = 96;
    net::store_be16(&bytes[2], static_cast<std::uint16_t>(index));
    net::store_be32(&bytes[8], ssrc);
    srtp::SealJob job{.keys = settings.receive.get(),
                      .payload = kPayload.data(),
                      .payload_length = kPayload.size(),
                      .packet = bytes.data(),
                      .header_length = 12,
                      .index = index};
    engine->seal_rtp({&job, 1});
    bytes.resize(job.length);
    return bytes;
  }

  // A sealed receiver report without blocks.
  std::vector<std::uint8_t> rtcp(std::uint32_t index, std::uint32_t ssrc) {
    std::vector<std::uint8_t> bytes(8 + srtp::kMaxRtcpOverhead);
    bytes[0] = 0x80;
    bytes[1] = 201;
    bytes[3] = 1;
    net::store_be32(&bytes[4], ssrc);
    srtp::SealJob job{.keys = settings.receive.get(),
                      .payload = bytes.data() + bytes.size(),
                      .packet = bytes.data(),
                      .header_length = 8,
                      .index = index};
    engine->seal_rtcp({&job, 1});
    bytes.resize(job.length);
    return bytes;
  }

  // Puts the packets through the stage as one burst.
  std::vector<Packet> open(std::vector<std::vector<std::uint8_t>> packets) {
    memory = std::move(packets);
    std::vector<Packet> burst(memory.size());
    for (std::size_t i = 0; i < burst.size(); ++i) {
      Packet& packet = burst[i];
      packet.payload = memory[i].data();
      packet.payload_length = static_cast<std::uint32_t>(memory[i].size());
      packet.kind = (memory[i][1] & 0xe0) == 0xc0 ? Kind::rtcp : Kind::rtp;
      packet.transport = 0;
      if (packet.kind == Kind::rtp) packet.drop = parse_rtp_header(memory[i], packet.rtp);
    }
    stage.open(burst);
    return burst;
  }

  static std::vector<Drop> drops(const std::vector<Packet>& burst) {
    std::vector<Drop> all;
    for (const Packet& packet : burst)
      all.push_back(packet.drop);
    return all;
  }

  std::unique_ptr<srtp::Engine> engine = srtp::make_ipsec_mb_engine();
  SsrcMap layers;
  TransportSettings settings;
  Tables tables{1, 1, 1};
  Session session{1, 1, 1};
  OpenStage stage{tables, session, *engine};
  std::vector<std::vector<std::uint8_t>> memory;
};

TEST_F(OpenStageTest, AnAuthenticPacketComesOutPlainWithItsLayerAndIndex) {
  const auto burst = open({rtp(1000)});
  EXPECT_EQ(burst[0].drop, Drop::none);
  EXPECT_EQ(burst[0].layer, 0U);
  EXPECT_EQ(burst[0].index, 1000U);
  EXPECT_EQ(burst[0].payload_length, 32U);
  EXPECT_EQ(burst[0].payload[12], 1);
}

TEST_F(OpenStageTest, ADuplicateInTheSameBurstIsReplayed) {
  EXPECT_EQ(drops(open({rtp(1), rtp(2), rtp(2), rtp(1)})),
            (std::vector{Drop::none, Drop::none, Drop::srtp_replayed, Drop::srtp_replayed}));
}

TEST_F(OpenStageTest, TheSequenceNumberMayWrapInTheFirstBurst) {
  const auto burst = open({rtp(65534), rtp(65535), rtp(65536), rtp(65537)});
  EXPECT_EQ(drops(burst), std::vector(4, Drop::none));
  EXPECT_EQ(burst[3].index, 65537U);
}

TEST_F(OpenStageTest, AForgeryChangesNothingThatIsRemembered) {
  open({rtp(10)});
  auto forged = rtp(30000);
  forged.back() ^= 1;
  EXPECT_EQ(drops(open({forged})), std::vector{Drop::srtp_auth_failed});
  EXPECT_EQ(session.layers[0].index.highest(), 10U);
  EXPECT_EQ(drops(open({rtp(11)})), std::vector{Drop::none});
}

TEST_F(OpenStageTest,
       APublisherThatHasWrappedIsUnderstoodAfterSomePackets) {  // its rollover counter is found by trying
  std::uint64_t index = (std::uint64_t{5} << 16) + 100;
  int lost = 0;
  while (open({rtp(index)})[0].drop == Drop::srtp_auth_failed && lost < 20)
    ++lost, ++index;
  EXPECT_EQ(lost, 9);  // 0, 1, 0, 2, 0, 3, 0, 4, 0 failed
  EXPECT_EQ(session.layers[0].index.highest(), index);
  EXPECT_EQ(drops(open({rtp(index + 1)})), std::vector{Drop::none});
}

TEST_F(OpenStageTest, AForgeryAtTheStartCostsThePublisherOnePacket) {
  auto forged = rtp(1);
  forged.back() ^= 1;
  EXPECT_EQ(drops(open({forged, rtp(2), rtp(3)})),
            (std::vector{Drop::srtp_auth_failed, Drop::srtp_auth_failed, Drop::none}));
}

TEST_F(OpenStageTest, APacketBehindTheWindowIsTooOld) {
  open({rtp(5000)});
  EXPECT_EQ(drops(open({rtp(5000 - srtp::ReplayWindow::kSize)})), std::vector{Drop::srtp_too_old});
  EXPECT_EQ(drops(open({rtp(5001 - srtp::ReplayWindow::kSize)})), std::vector{Drop::none});
}

TEST_F(OpenStageTest, WhoeverIsNotExpectedIsNamed) {
  EXPECT_EQ(drops(open({rtp(1, 0xdead)})), std::vector{Drop::unknown_ssrc});
  auto packet = rtp(1);
  settings.receive.reset();
  EXPECT_EQ(drops(open({packet})), std::vector{Drop::not_a_sender});
}

TEST_F(OpenStageTest, LessThanATagIsTooShort) {
  auto packet = rtp(1);
  packet.resize(12 + srtp::info(kSuite).rtp_tag_length - 1);
  EXPECT_EQ(drops(open({packet})), std::vector{Drop::srtp_too_short});
}

TEST_F(OpenStageTest,
       PlainPacketsAreHeldToTheReplayWindowToo) {  // or a leg would seal two packets under one index
  use(srtp::Suite::none);
  EXPECT_EQ(drops(open({rtp(1), rtp(1), rtp(2)})),
            (std::vector{Drop::none, Drop::srtp_replayed, Drop::none}));
}

TEST_F(OpenStageTest, RtcpIsHeldToAWindowPerSource) {
  EXPECT_EQ(drops(open({rtcp(7, 1), rtcp(7, 2), rtcp(7, 1)})),
            (std::vector{Drop::none, Drop::none, Drop::srtp_replayed}));
  EXPECT_EQ(drops(open({rtcp(7, 2)})), std::vector{Drop::srtp_replayed});
}

TEST_F(OpenStageTest, RtcpSourcesBeyondTheRoomAreRefusedAfterAuthentication) {
  for (std::uint32_t ssrc = 1; ssrc <= RtcpSources::kSources; ++ssrc) {
    EXPECT_EQ(drops(open({rtcp(1, ssrc)})), std::vector{Drop::none});
  }
  EXPECT_EQ(drops(open({rtcp(1, 99)})), std::vector{Drop::srtcp_too_many_sources});
}

TEST_F(OpenStageTest, UnencryptedRtcpIsRefused) {
  auto packet = rtcp(1, 1);
  packet[8] &= 0x7f;  // the E flag: in front of the index, behind the 8 bytes of the report
  EXPECT_EQ(drops(open({packet})), std::vector{Drop::srtcp_unencrypted});
}

}  // namespace
}  // namespace causeway
