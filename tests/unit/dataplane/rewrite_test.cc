#include "dataplane/rewrite.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "dataplane/classify.h"
#include "dataplane/srtp/index.h"
#include "tests/unit/dataplane/frames.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway {
namespace {

using namespace frames;

struct Step {
  std::uint64_t index;
  std::optional<std::uint64_t> leg;
};

TEST(LegSequence, MapsTheFirstPacketToRolloverZeroAndKeepsDistances) {
  struct {
    const char* name;
    std::uint16_t offset;
    std::vector<Step> steps;
  } const cases[] = {
      {"no offset, publisher's first rollover", 0, {{1000, 1000}, {1001, 1001}, {999, 999}}},
      {"the publisher's rollover is left out",
       0,
       {{0x5'0003, 3}, {0x5'0004, 4}, {0x5'0000, 0}, {0x4'ffff, {}}}},
      {"offset", 10, {{0x5'0003, 13}, {0x5'0004, 14}}},
      {"offset around 2^16", 0xffff, {{0x5'0003, 2}, {0x5'0001, 0}, {0x5'0000, {}}, {0x5'0004, 3}}},
      {"offset past 2^16", 0x10, {{0x2'fff8, 8}, {0x2'fff0, 0}, {0x2'ffef, {}}}},
      {"the leg rolls over", 1, {{0x7'fffe, 0xffff}, {0x7'ffff, 0x1'0000}, {0x8'0000, 0x1'0001}}},
      {"the publisher rolls over", 0, {{0xffff, 0xffff}, {0x1'0000, 0x1'0000}}},
      {"a leg that leads", 0x8000, {{0, 0x8000}, {1, 0x8001}, {0x7fff, 0xffff}, {0x8000, 0x1'0000}}},
      {"the highest index", 0, {{0xffff'ffff'fffe, 0xfffe}, {0xffff'ffff'ffff, 0xffff}}},
  };
  for (const auto& c : cases) {
    LegSequence sequence;
    for (const Step& step : c.steps) {
      EXPECT_EQ(sequence.map(step.index, c.offset), step.leg) << c.name << ": " << step.index;
    }
  }
}

TEST(LegSequence, AJumpThatNoReceiverCouldFollowIsClosed) {
  LegSequence sequence;
  EXPECT_EQ(sequence.map(1000, 0), 1000u);
  EXPECT_EQ(sequence.map(1000 + 0x7fff, 0), 1000u + 0x7fff) << "half a turn less one: as it is";
  const std::uint64_t far = 1000 + 0x7fff + 0x8000;
  EXPECT_EQ(sequence.map(far, 0), 1000u + 0x8000) << "half a turn: the next number";
  EXPECT_EQ(sequence.map(far + 1, 0), 1000u + 0x8001);
  EXPECT_EQ(sequence.map(far - 1, 0), std::nullopt) << "its number was given already";
}

// What a receiver guesses of the leg's packets is what the leg sealed them under, over any restarts of a
// plain publisher.
TEST(LegSequence, AReceiverFollowsAPublisherThatRestartsAtRandom) {
  const std::uint64_t seed = test::seed();
  SCOPED_TRACE("CAUSEWAY_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  srtp::RtpIndex publisher;
  srtp::RtpIndex receiver;
  LegSequence leg;
  for (int restart = 0; restart < 300; ++restart) {
    auto sequence = static_cast<std::uint16_t>(random());
    for (int i = 0; i < 1500; ++i, ++sequence) {
      const std::uint64_t index = publisher.estimate_plain(sequence);
      if (publisher.accept(index) != srtp::ReplayWindow::Verdict::fresh) continue;
      const auto mapped = leg.map(index, 77);
      if (!mapped) continue;
      ASSERT_EQ(receiver.estimate(static_cast<std::uint16_t>(*mapped)), *mapped) << "restart " << restart;
      ASSERT_EQ(receiver.accept(*mapped), srtp::ReplayWindow::Verdict::fresh);
    }
  }
}

TEST(LegSequence, TheOffsetCountsOnlyAtTheFirstPacket) {
  LegSequence sequence;
  EXPECT_EQ(sequence.map(0x1'0005, 1), 6u);
  EXPECT_EQ(sequence.map(0x1'0006, 500), 7u);
}

TEST(RewriteRtpHeader, ReplacesWhatTheLegRenamesAndNothingElse) {
  // Padding, extension, one CSRC, marker.
  Bytes packet =
      rtp({.first = 0xb1, .payload_type = 0x80 | 96, .sequence = 7, .timestamp = 0xfffffff0, .ssrc = 1},
          {1, 2, 3, 4, 0xbe, 0xde, 0, 1, 0x10, 0xaa, 0, 0, 'm', 'e', 'd', 'i', 'a'});
  RtpHeader header;
  ASSERT_EQ(parse_rtp_header(packet, header), Drop::none);
  LegRewrite leg;
  leg.ssrc = 0xcafebabe;
  leg.timestamp_offset = 0x20;
  leg.payload_types[96] = 111;

  Bytes out(header.length + 4u, 0x55);
  rewrite_rtp_header(packet, header, leg, 0x3'fffe, out.data());

  Bytes expected = rtp(
      {.first = 0xb1, .payload_type = 0x80 | 111, .sequence = 0xfffe, .timestamp = 0x10, .ssrc = 0xcafebabe},
      {1, 2, 3, 4, 0xbe, 0xde, 0, 1, 0x10, 0xaa, 0, 0, 0x55, 0x55, 0x55, 0x55});
  EXPECT_EQ(out, expected);
}

TEST(RewriteRtpHeader, PayloadTypesWithoutARuleAndTheMarkerPass) {
  for (const unsigned second : {0u, 96u, 127u, 128u | 0u, 128u | 96u, 255u}) {
    const Bytes packet = rtp({.payload_type = static_cast<std::uint8_t>(second)});
    RtpHeader header;
    ASSERT_EQ(parse_rtp_header(packet, header), Drop::none);
    LegRewrite leg;
    leg.payload_types[1] = 2;
    Bytes out(header.length);
    rewrite_rtp_header(packet, header, leg, 1, out.data());
    EXPECT_EQ(out[1], second);
    leg.payload_types[second & 0x7f] = 0;
    rewrite_rtp_header(packet, header, leg, 1, out.data());
    EXPECT_EQ(out[1], second & 0x80);
  }
}

}  // namespace
}  // namespace causeway
