#include "dataplane/guard/guard.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "dataplane/classify.h"
#include "tests/unit/dataplane/frames.h"
#include "tests/unit/dataplane/guard/payloads.h"

namespace causeway::guard {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;  // ns
constexpr std::uint64_t kNow = 100 * kSecond;

Settings settings() {
  return {.source = {.per_s = 1, .burst = 3},
          .punt = {.per_s = 1, .burst = 2},
          .samples_per_s = 5,
          .ticks_per_s = kSecond,
          .key = {1, 2}};
}

std::unique_ptr<const Database> make_database() {
  Signature sip{.name = "sip", .drop = Drop::guard_sip_scan, .pattern = "^OPTIONS "};
  Signature own{.name = "own", .drop = Drop::guard_custom, .pattern = "^own"};
  auto compiled = Database::compile({sip, own}, 2, 9);
  return std::get<std::unique_ptr<const Database>>(std::move(compiled));
}

struct Suspect {
  std::string payload;
  Packet packet;

  explicit Suspect(std::string text, Drop drop = Drop::no_transport, net::IpAddress source = frames::kRemote4)
      : payload(std::move(text)) {
    packet.drop = drop;
    packet.key.remote = source;
    packet.key.remote_port = 5060;
    packet.key.local_port = 20000;
    packet.port_index = 1;
    packet.payload = reinterpret_cast<std::uint8_t*>(payload.data());
    packet.payload_length = static_cast<std::uint32_t>(payload.size());
  }
};

class GuardTest : public testing::Test {
 protected:
  Drop judge(const std::string& payload, Drop drop = Drop::no_transport, std::uint64_t now = kNow,
             bool known = false) {
    Suspect suspect(payload, drop);
    guard_.judge({&suspect.packet, 1}, known ? 1 : 0, *database_, now);
    return suspect.packet.drop;
  }

  std::unique_ptr<const Database> database_ = make_database();
  Guard guard_{1, settings()};
};

TEST_F(GuardTest, NamesWhatASignatureKnowsAndCountsIt) {
  EXPECT_EQ(judge("OPTIONS sip:x"), Drop::guard_sip_scan);
  EXPECT_EQ(judge("own", Drop::udp_not_media_port), Drop::guard_custom);
  EXPECT_EQ(judge("own", Drop::dtls_unsupported), Drop::guard_custom);
  EXPECT_EQ(database_->hits(0), 1u);
  EXPECT_EQ(database_->hits(1), 2u);
}

TEST_F(GuardTest, LeavesTheDropOfOthersWithinTheRateAndNamesTheFloodAbove) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(judge("else", Drop::zrtp_unsupported), Drop::zrtp_unsupported);
  EXPECT_EQ(judge("else", Drop::zrtp_unsupported), Drop::source_flood);
  EXPECT_EQ(judge("", Drop::media_empty), Drop::source_flood);
  EXPECT_EQ(judge("OPTIONS "), Drop::guard_sip_scan);  // known is known
  EXPECT_EQ(judge("else", Drop::zrtp_unsupported, kNow + kSecond), Drop::zrtp_unsupported);
}

TEST_F(GuardTest, DoesNotMeterWhatASignatureKnows) {
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(judge("own"), Drop::guard_custom);
  EXPECT_EQ(judge("else"), Drop::no_transport);
}

TEST_F(GuardTest, LeavesKnownTransportsAlone) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(judge("OPTIONS ", Drop::turn_channel_unsupported, kNow, true), Drop::turn_channel_unsupported);
    EXPECT_EQ(judge("else", Drop::stun_unsupported, kNow, true), Drop::stun_unsupported);
  }
  EXPECT_EQ(database_->hits(0), 0u);
  EXPECT_EQ(judge("else"), Drop::no_transport);
}

TEST_F(GuardTest, TouchesNoOtherDropAndNoMedia) {
  for (std::size_t i = 1; i < kDrops; ++i) {
    const auto drop = static_cast<Drop>(i);
    if (is_suspect(drop)) continue;
    EXPECT_EQ(judge("OPTIONS ", drop), drop);
  }
  Suspect media("OPTIONS ", Drop::none);
  for (const Kind kind : {Kind::rtp, Kind::rtcp, Kind::neighbour}) {
    media.packet.kind = kind;
    for (int i = 0; i < 10; ++i)
      guard_.judge({&media.packet, 1}, 0, *database_, kNow);
    EXPECT_EQ(media.packet.drop, Drop::none);
  }
  EXPECT_EQ(database_->hits(0), 0u);
}

TEST_F(GuardTest, MetersWhatIsForTheKernelBySource) {
  const auto punt = [&](const net::IpAddress& source, Kind kind) {
    Suspect ping("", Drop::none, source);
    ping.packet.kind = kind;
    guard_.judge({&ping.packet, 1}, 0, *database_, kNow);
    return ping.packet.drop;
  };
  EXPECT_EQ(punt(frames::kRemote4, Kind::punt), Drop::none);
  EXPECT_EQ(punt(frames::kRemote4, Kind::punt), Drop::none);
  EXPECT_EQ(punt(frames::kRemote4, Kind::punt), Drop::punt_flood);
  EXPECT_EQ(punt(frames::kRemote4, Kind::neighbour), Drop::none);
  EXPECT_EQ(punt(frames::kRemote6, Kind::punt), Drop::none);
  EXPECT_EQ(judge("else"), Drop::no_transport);  // a meter of its own
}

TEST_F(GuardTest, SamplesWhatItDroppedWithinTheRate) {
  EXPECT_EQ(judge("OPTIONS sip:100@192.0.2.1 SIP/2.0 and so on"), Drop::guard_sip_scan);
  const auto sample = guard_.samples().pop();
  ASSERT_TRUE(sample.has_value());
  EXPECT_EQ(sample->drop, Drop::guard_sip_scan);
  EXPECT_EQ(sample->signature, 0u);
  EXPECT_EQ(sample->generation, 9u);
  EXPECT_EQ(sample->source, frames::kRemote4);
  EXPECT_EQ(sample->source_port, 5060);
  EXPECT_EQ(sample->destination_port, 20000);
  EXPECT_EQ(sample->port_index, 1);
  EXPECT_EQ(sample->length, 43u);
  EXPECT_EQ(std::string(sample->prefix.begin(), sample->prefix.begin() + sample->prefix_length),
            "OPTIONS sip:100@192.0.2.1 SIP/2.");

  for (int i = 0; i < 100; ++i)
    judge("own");
  int samples = 0;
  while (guard_.samples().pop())
    ++samples;
  EXPECT_EQ(samples, 4);  // five a second
}

TEST_F(GuardTest, SamplesNothingThatKeepsItsDrop) {
  EXPECT_EQ(judge("else"), Drop::no_transport);
  EXPECT_FALSE(guard_.samples().pop().has_value());
  while (judge("else") != Drop::source_flood) {
  }
  const auto sample = guard_.samples().pop();
  ASSERT_TRUE(sample.has_value());
  EXPECT_EQ(sample->drop, Drop::source_flood);
  EXPECT_EQ(sample->signature, Sample::kNoSignature);
}

TEST(Guard, SamplesNothingIfToldSo) {
  Settings quiet = settings();
  quiet.samples_per_s = 0;
  Guard guard(0, quiet);
  const auto database = make_database();
  Suspect suspect("own");
  guard.judge({&suspect.packet, 1}, 0, *database, kNow);
  EXPECT_EQ(suspect.packet.drop, Drop::guard_custom);
  EXPECT_FALSE(guard.samples().pop().has_value());
}

TEST(Guard, GoesThroughAWholeBurst) {
  const auto database = make_database();
  Settings generous = settings();
  generous.source = {.per_s = 100, .burst = 100};
  Guard guard(0, generous);
  std::vector<Suspect> suspects;
  suspects.reserve(64);
  std::vector<Packet> burst;
  for (int i = 0; i < 64; ++i) {
    suspects.emplace_back(i % 2 == 0 ? "own" : "else");
    burst.push_back(suspects.back().packet);
  }
  guard.judge(burst, std::uint64_t{1} << 63 | 1, *database, kNow);
  for (int i = 0; i < 64; ++i) {
    const bool named = i % 2 == 0 && i != 0;
    EXPECT_EQ(burst[static_cast<std::size_t>(i)].drop, named ? Drop::guard_custom : Drop::no_transport) << i;
  }
}

// Whatever classify ends behind the UDP header, for an address of ours, is the guard's; each with its
// payload.
TEST(Guard, GetsThePayloadFromClassify) {
  PortPolicy port{.mac = frames::kMac,
                  .addresses = {*net::InterfaceAddress::parse("192.0.2.1/24")},
                  .media_port_first = 20000,
                  .media_port_last = 29999};
  for (const std::string text : {"OPTIONS sip:x", "own"}) {
    for (const std::uint16_t destination_port : std::initializer_list<std::uint16_t>{5060, 20000}) {
      frames::Bytes frame =
          frames::ethernet({}, frames::ipv4({}, frames::udp({.destination_port = destination_port},
                                                            frames::Bytes(text.begin(), text.end()))));
      Packet packet;
      packet.frame = frame.data();
      packet.frame_length = static_cast<std::uint32_t>(frame.size());
      classify(port, packet);
      ASSERT_TRUE(is_suspect(packet.drop)) << info(packet.drop).name;
      EXPECT_EQ(may_be_of_a_transport(packet), destination_port == 20000);
      EXPECT_EQ(std::string(packet.payload, packet.payload + packet.payload_length), text);
    }
  }
}

}  // namespace
}  // namespace causeway::guard
