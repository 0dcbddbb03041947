#include "dataplane/rtcp.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/dataplane/rtcp_packets.h"

namespace causeway::rtcp {
namespace {

using namespace rtcp_packets;

constexpr std::uint32_t kPublisher = 0xaaaa0001, kLeg = 0xbbbb0002, kOther = 0xcccc0003, kOwn = 0xdddd0004;
constexpr std::uint32_t kSubscriber = 0xeeee0005;
constexpr Mapping kMapping{
    .publisher_ssrc = kPublisher, .leg_ssrc = kLeg, .timestamp_offset = 0x100, .sequence_delta = -0x20005};

Bytes down(const Bytes& compound) {
  Bytes out(compound.size());
  out.resize(to_leg(compound, kMapping, out));
  return out;
}
Bytes up(const Bytes& compound, const Mapping& mapping = kMapping) {
  Bytes out(compound.size());
  out.resize(to_publisher(compound, mapping, kOwn, out));
  return out;
}

Bytes with_byte(Bytes bytes, std::size_t at, std::uint8_t value) {
  bytes.at(at) = value;
  return bytes;
}
Bytes cut(Bytes bytes, std::size_t length) {
  bytes.resize(length);
  return bytes;
}

TEST(RtcpValid, TellsWellFormedCompoundsFromOthers) {
  const Bytes rr = receiver_report(kSubscriber);
  const Bytes sdes = source_description({chunk(1, "a"), chunk(2, "bc")});
  const Bytes open_items = words({1, 0x01026161});  // ends where its terminator should be
  const Bytes long_item = words({1, 0x01ff6161, 0});
  const Bytes half_item = words({1, 0x01016101});
  struct {
    const char* name;
    Bytes compound;
    bool valid;
  } const cases[] = {
      {"nothing", {}, false},
      {"empty RR", rr, true},
      {"RR cut", cut(rr, 7), false},
      {"RR and a byte", cut(rr, 9), false},
      {"SR", sender_report(1, 2, {{3, 4}, {5, 6}}), true},
      {"SR with profile-specific extension", sender_report(1, 2, {{3, 4}}, words({7})), true},
      {"SR of one block that counts two", with_byte(sender_report(1, 2, {{3, 4}}), 0, 0x82), false},
      {"RR of no block that counts one", with_byte(rr, 0, 0x81), false},
      {"SR of RR's length", with_byte(rr, 1, 200), false},
      {"version 1", with_byte(rr, 0, 0x40), false},
      {"version 3", with_byte(rr, 0, 0xc0), false},
      {"version 1 in the second", with_byte(join({rr, rr}), 8, 0x40), false},
      {"length beyond the end", with_byte(rr, 3, 2), false},
      {"length short of the end", with_byte(rr, 3, 0), false},
      {"type 191 in the second", with_byte(join({rr, rr}), 9, 191), false},
      {"type 224 in the second", with_byte(join({rr, rr}), 9, 224), false},
      {"a type of somebody else's", join({rr, packet(210, 3, words({1}))}), true},
      {"a header alone first", join({packet(203, 0, {}), rr}), false},
      {"a header alone later", join({rr, packet(203, 0, {})}), true},
      {"reduced-size", pli(1, 2), true},
      {"compound", join({rr, sdes, bye({kSubscriber})}), true},
      {"padding on the last", join({rr, packet(201, 0, words({1}), 8)}), true},
      {"padding on the first", join({packet(201, 0, words({1}), 8), rr}), false},
      {"padding of 0", with_byte(packet(201, 0, words({1}), 4), 11, 0), false},
      {"padding of 3", with_byte(packet(201, 0, words({1}), 4), 11, 3), false},
      {"padding over the SSRC", with_byte(packet(201, 0, words({1}), 4), 11, 8), false},
      {"padding over the header", with_byte(packet(201, 0, words({1}), 4), 11, 12), false},
      {"padding over a report block", with_byte(packet(201, 1, join({words({1}), block({})}), 4), 35, 8),
       false},
      {"SDES", sdes, true},
      {"SDES, chunk without items", packet(202, 1, words({1, 0})), true},
      {"SDES, chunk without terminator", packet(202, 1, words({1})), false},
      {"SDES, items without terminator", packet(202, 1, open_items), false},
      {"SDES, item beyond the packet", packet(202, 1, long_item), false},
      {"SDES, item without length", packet(202, 1, half_item), false},
      {"SDES, a chunk too few", with_byte(sdes, 0, 0x83), false},
      {"BYE", bye({1, 2}), true},
      {"BYE with reason", bye({1}, "camera malfunction"), true},
      {"BYE, a source too few", with_byte(bye({1, 2}), 0, 0x83), false},
      {"BYE, reason beyond the packet", with_byte(bye({1}, "abc"), 8, 4), false},
      {"APP", app(1, 5, words({6})), true},
      {"APP without name", packet(204, 0, words({1})), false},
      {"feedback without media SSRC", packet(205, 1, words({1})), false},
      {"NACK", nack(1, 2, {0x00010002}), true},
      {"FIR", fir(1, {2, 0x03000000, 4, 0x05000000}), true},
      {"FIR of half an entry", fir(1, {2}), false},
      {"REMB", remb(1, {2, 3}), true},
      {"REMB, an SSRC too few", with_byte(remb(1, {2, 3}), 16, 3), false},
      {"application layer feedback of another kind", feedback(206, 15, 1, 2, text("XXXX\xff___")), true},
      {"XR", packet(207, 0, words({1, 2, 3})), true},
      {"XR without SSRC", join({rr, packet(207, 0, {})}), false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(valid(c.compound), c.valid) << c.name;
  }
}

TEST(Rtcp, SenderIsTheFirstPackets) {
  EXPECT_EQ(sender_ssrc(join({receiver_report(7), pli(8, 9)})), 7u);
}

TEST(Rtcp, TargetsAreWhatIsReportedAboutEachOnce) {
  const Bytes compound =
      join({sender_report(1, 2, {{10, 0}, {11, 0}}), receiver_report(1, {{11, 0}, {12, 0}}), nack(1, 13, {0}),
            pli(1, 13), fir(1, {14, 0, 15, 0}), remb(1, {16, 10}), feedback(205, 15, 1, 17, words({0, 0})),
            source_description({chunk(99, "not a target")}), bye({98}), app(97, 0, {})});
  ASSERT_TRUE(valid(compound));
  std::array<std::uint32_t, kMaxTargets> out{};
  const std::size_t count = targets(compound, out);
  const std::vector<std::uint32_t> expected{10, 11, 12, 13, 14, 15, 16, 17};
  EXPECT_EQ(std::vector(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count)), expected);
}

TEST(Rtcp, TargetsStopWhereTheOutputEnds) {
  std::array<std::uint32_t, 2> out{};
  EXPECT_EQ(targets(remb(1, {5, 6, 7}), out), 2u);
  EXPECT_EQ(out, (std::array<std::uint32_t, 2>{5, 6}));
  EXPECT_EQ(targets(remb(1, {5, 6, 7}), {}), 0u);
}

TEST(Rtcp, SpeaksForItsSendersAndSources) {
  struct {
    const char* name;
    Bytes compound;
    bool speaks;
  } const cases[] = {
      {"SR", sender_report(kPublisher, 1), true},
      {"SR of another", sender_report(kOther, 1, {{kPublisher, 0}}), false},
      {"RR", receiver_report(kPublisher), false},
      {"SDES, second chunk", source_description({chunk(kOther, "x"), chunk(kPublisher, "y")}), true},
      {"SDES of another", source_description({chunk(kOther, "x")}), false},
      {"BYE, second source", bye({kOther, kPublisher}), true},
      {"BYE of another", bye({kOther}), false},
      {"APP behind RR", join({receiver_report(kOther), app(kPublisher, 0, {})}), true},
      {"PLI", pli(kPublisher, kPublisher), false},
      {"REMB", remb(kPublisher, {kPublisher}), false},
  };
  for (const auto& c : cases) {
    ASSERT_TRUE(valid(c.compound)) << c.name;
    EXPECT_EQ(speaks_for(c.compound, kPublisher), c.speaks) << c.name;
    EXPECT_EQ(!down(c.compound).empty(), c.speaks) << c.name;
  }
}

struct Case {
  const char* name;
  Bytes in, out;
};

TEST(RtcpToLeg, ThePublishersWordsInTheLegsNumbers) {
  const Bytes rr = receiver_report(kLeg);
  const Case cases[] = {
      {"SR: time shifted, blocks and extension left out",
       sender_report(kPublisher, 0xffffff80, {{kOther, 1}}, words({9, 9})), sender_report(kLeg, 0x80)},
      {"SR with padding", packet(200, 0, words({kPublisher, 1, 2, 3, 4, 5}), 4),
       packet(200, 0, words({kLeg, 1, 2, 0x103, 4, 5}))},
      {"the usual compound",
       join({sender_report(kPublisher, 0), source_description({chunk(kPublisher, "cname")})}),
       join({sender_report(kLeg, 0x100), source_description({chunk(kLeg, "cname")})})},
      {"two sources in one compound",
       join({sender_report(kOther, 0), sender_report(kPublisher, 0),
             source_description({chunk(kOther, "other"), chunk(kPublisher, "abc"), chunk(kOther, "third")})}),
       join({sender_report(kLeg, 0x100), source_description({chunk(kLeg, "abc")})})},
      {"no SR: an empty RR leads, as in the input",
       join({receiver_report(kPublisher, {{kOther, 1}}), source_description({chunk(kPublisher, "a")})}),
       join({rr, source_description({chunk(kLeg, "a")})})},
      {"the SR of another: an empty RR leads", join({sender_report(kOther, 0), bye({kOther, kPublisher})}),
       join({rr, bye({kLeg})})},
      {"reduced-size stays so", source_description({chunk(kPublisher, "a")}),
       source_description({chunk(kLeg, "a")})},
      {"SDES: dirty padding is cleaned", packet(202, 1, words({kPublisher, 0x01016100, 0x0202ffff})),
       packet(202, 1, words({kLeg, 0x01016100}))},
      {"SDES without items", packet(202, 1, words({kPublisher, 0x00ffffff})),
       packet(202, 1, words({kLeg, 0}))},
      {"BYE with reason", bye({kPublisher, kOther}, "camera malfunction"), bye({kLeg}, "camera malfunction")},
      {"BYE: dirty padding is cleaned", packet(203, 1, words({kPublisher, 0x0161ffff})),
       packet(203, 1, words({kLeg, 0x01610000}))},
      {"BYE: empty reason", packet(203, 1, words({kPublisher, 0x00ffffff})), bye({kLeg})},
      {"APP", app(kPublisher, 7, words({1, 2})), app(kLeg, 7, words({1, 2}))},
      {"what stays here: RR, feedback, XR, unknown",
       join({receiver_report(kPublisher, {{kPublisher, 1}}), pli(kPublisher, kPublisher),
             nack(kPublisher, kPublisher, {1}), packet(207, 0, words({kPublisher})),
             packet(210, 0, words({kPublisher}))}),
       {}},
      {"nothing of ours", join({sender_report(kOther, 1), source_description({chunk(kOther, "x")})}), {}},
  };
  for (const Case& c : cases) {
    ASSERT_TRUE(valid(c.in)) << c.name;
    EXPECT_EQ(down(c.in), c.out) << c.name;
  }
}

TEST(RtcpToPublisher, TheSubscribersWordsInThePublishersNumbers) {
  const Bytes rr = receiver_report(kOwn);
  const Bytes rr_in = receiver_report(kSubscriber);
  const Case cases[] = {
      {"RR: one block of two, its sequence number shifted",
       receiver_report(kSubscriber, {{kOther, 9}, {kLeg, 0x00010002}}, words({7})),
       receiver_report(kOwn, {{kPublisher, 0x00030007}})},
      {"the cycles wrap", receiver_report(kSubscriber, {{kLeg, 0xffffffff}}),
       receiver_report(kOwn, {{kPublisher, 0x00020004}})},
      {"SR becomes RR", sender_report(kSubscriber, 5, {{kLeg, 1}, {kOther, 2}}),
       receiver_report(kOwn, {{kPublisher, 0x00020006}})},
      {"stacked RRs",
       join({receiver_report(kSubscriber, {{kOther, 1}}), receiver_report(kSubscriber, {{kLeg, 1}})}),
       receiver_report(kOwn, {{kPublisher, 0x00020006}})},
      {"NACK: ids shifted modulo 2^16, masks kept", nack(kSubscriber, kLeg, {0x0001ffff, 0xfffe8001}),
       nack(kOwn, kPublisher, {0x0006ffff, 0x00038001})},
      {"NACK of another's", nack(kSubscriber, kOther, {1}), {}},
      {"PLI", pli(kSubscriber, kLeg), pli(kOwn, kPublisher)},
      {"PLI behind an RR without our block: an empty RR leads", join({rr_in, pli(kSubscriber, kLeg)}),
       join({rr, pli(kOwn, kPublisher)})},
      {"FIR: ours of three", fir(kSubscriber, {kOther, 1u << 24, kLeg, 2u << 24, kLeg, 3u << 24}),
       fir(kOwn, {kPublisher, 2u << 24, kPublisher, 3u << 24})},
      {"FIR of others", fir(kSubscriber, {kOther, 1u << 24}), {}},
      {"REMB: ours of three", remb(kSubscriber, {kOther, kLeg, kOther}), remb(kOwn, {kPublisher})},
      {"REMB of others", remb(kSubscriber, {kOther}), {}},
      {"SLI", feedback(206, 2, kSubscriber, kLeg, words({0x12345678})),
       feedback(206, 2, kOwn, kPublisher, words({0x12345678}))},
      {"RPSI", feedback(206, 3, kSubscriber, kLeg, words({0x12345678, 9})),
       feedback(206, 3, kOwn, kPublisher, words({0x12345678, 9}))},
      {"PLI with padding", packet(206, 1, words({kSubscriber, kLeg}), 4), pli(kOwn, kPublisher)},
      {"what stays here: TWCC, TMMBR, other feedback, XR, SDES, BYE, APP",
       join({rr_in, feedback(205, 15, kSubscriber, kLeg, words({1, 2})),
             feedback(205, 3, kSubscriber, 0, words({kLeg, 2})),
             feedback(206, 15, kSubscriber, kLeg, text("XXXX")),
             feedback(206, 7, kSubscriber, kLeg, words({1})), packet(207, 0, words({kSubscriber})),
             source_description({chunk(kSubscriber, "me")}), bye({kLeg}), app(kLeg, 0, {})}),
       {}},
  };
  for (const Case& c : cases) {
    ASSERT_TRUE(valid(c.in)) << c.name;
    EXPECT_EQ(up(c.in), c.out) << c.name;
  }
}

TEST(RtcpToPublisher, PositiveDeltaIsSubtracted) {
  Mapping mapping = kMapping;
  mapping.sequence_delta = 0x1'0000'0003;  // beyond 32 bits: only the low ones show
  EXPECT_EQ(up(receiver_report(kSubscriber, {{kLeg, 1}}), mapping),
            receiver_report(kOwn, {{kPublisher, 0xfffffffe}}));
  EXPECT_EQ(up(nack(kSubscriber, kLeg, {0x00010000}), mapping), nack(kOwn, kPublisher, {0xfffe0000}));
}

TEST(Rtcp, AnOutputShorterThanTheInputStaysUntouched) {
  const Bytes compound = join({sender_report(kPublisher, 1), pli(kSubscriber, kLeg)});
  Bytes out(compound.size() - 1, 0x77);
  EXPECT_EQ(to_leg(compound, kMapping, out), 0u);
  EXPECT_EQ(to_publisher(compound, kMapping, kOwn, out), 0u);
  EXPECT_EQ(out, Bytes(compound.size() - 1, 0x77));
}

}  // namespace
}  // namespace causeway::rtcp
