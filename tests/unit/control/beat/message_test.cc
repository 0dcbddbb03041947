#include "control/beat/message.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace causeway::control::beat {
namespace {

using Body = std::vector<std::uint8_t>;

template <class Message>
Body body_of(const Message& message) {
  std::array<std::uint8_t, 128> room;
  wire::Writer writer(room);
  write(writer, message);
  EXPECT_FALSE(writer.failed());
  return {writer.written().begin(), writer.written().end()};
}

Beat example() {
  Beat beat;
  beat.number = 0x0102030405060708;
  beat.sent_us = 5'000'000;
  beat.echo = {77, 4'900'000, 12'000};
  beat.received = 0xfffffffe;
  beat.state = LinkState::init;
  beat.row.heard = NodeSet({0xff, 1});
  beat.row.two_way = NodeSet({0x0f, 1});
  beat.row.hear_us = NodeSet({0xaa, 1});
  beat.row.drain = DrainState::soft;
  beat.row.load_percent = 100;
  beat.row.stalled = true;
  beat.row.local_media = true;
  beat.clock = 0xdeadbeefcafe;
  beat.broken_flows = 0x81;
  return beat;
}

constexpr std::size_t kStateAt = 40;
constexpr std::size_t kDrainAt = 41;
constexpr std::size_t kLoadAt = 42;
constexpr std::size_t kFlagsAt = 43;
constexpr std::size_t kHeardAt = 44;
constexpr std::size_t kTwoWayAt = 60;
constexpr std::size_t kHearYouAt = 76;
constexpr std::size_t kBrokenFlowsAt = 100;

TEST(BeatMessage, ComesBackAsItWasWritten) {
  const Body body = body_of(example());
  ASSERT_EQ(body.size(), kBeatBytes);
  Beat beat;
  ASSERT_TRUE(read(body, beat));
  EXPECT_EQ(beat.number, example().number);
  EXPECT_EQ(beat.sent_us, example().sent_us);
  EXPECT_EQ(beat.echo, example().echo);
  EXPECT_EQ(beat.received, example().received);
  EXPECT_EQ(beat.state, LinkState::init);
  EXPECT_EQ(beat.row.heard, example().row.heard);
  EXPECT_EQ(beat.row.two_way, example().row.two_way);
  EXPECT_EQ(beat.row.hear_us, example().row.hear_us);
  EXPECT_EQ(beat.row.drain, DrainState::soft);
  EXPECT_EQ(beat.row.load_percent, 100);
  EXPECT_TRUE(beat.row.stalled);
  EXPECT_TRUE(beat.row.local_media);
  EXPECT_EQ(beat.clock, example().clock);
  EXPECT_EQ(beat.broken_flows, 0x81);
  EXPECT_EQ(body_of(beat), body);
}

TEST(BeatMessage, HasItsFieldsWhereTheTableSays) {
  const Body body = body_of(example());
  EXPECT_EQ(body[0], 1);
  EXPECT_EQ(body[7], 8);
  EXPECT_EQ(body[23], 77);
  EXPECT_EQ(body[kStateAt], 2);
  EXPECT_EQ(body[kDrainAt], 1);
  EXPECT_EQ(body[kLoadAt], 100);
  EXPECT_EQ(body[kFlagsAt], 3);
  EXPECT_EQ(body[kHeardAt + 7], 0xff);
  EXPECT_EQ(body[kTwoWayAt + 7], 0x0f);
  EXPECT_EQ(body[kHearYouAt + 7], 0xaa);
  EXPECT_EQ(body[kBrokenFlowsAt], 0x81);
}

TEST(BeatMessage, IsReadWhenALaterVersionAppended) {
  Body body = body_of(example());
  body.resize(body.size() + 9, 0xee);
  Beat beat;
  ASSERT_TRUE(read(body, beat));
  EXPECT_EQ(beat.clock, example().clock);
}

TEST(BeatMessage, IsRefusedAtEachShorterLength) {
  const Body body = body_of(example());
  for (std::size_t size = 0; size < body.size(); ++size) {
    Beat beat;
    EXPECT_FALSE(read(std::span(body).first(size), beat)) << size;
  }
}

TEST(BeatMessage, IsRefusedWithValuesThatNoneMayHave) {
  struct Case {
    const char* what;
    std::size_t at;
    std::uint8_t value;
  };
  const Case cases[] = {
      {"AdminDown is not used", kStateAt, 0}, {"no such state", kStateAt, 4},
      {"no such state", kStateAt, 255},       {"no such drain", kDrainAt, 3},
      {"more than everything", kLoadAt, 101},
  };
  for (const Case& c : cases) {
    Body body = body_of(example());
    body[c.at] = c.value;
    Beat beat;
    EXPECT_FALSE(read(body, beat)) << c.what;
  }
  Body body = body_of(example());
  std::fill_n(body.begin(), 8, 0);
  Beat beat;
  EXPECT_FALSE(read(body, beat)) << "beats are numbered from 1";
}

TEST(BeatMessage, LeavesOutWhatContradictsItself) {
  Beat beat = example();
  beat.row.heard = NodeSet({0x0c, 0});
  beat.row.two_way = NodeSet({0xff, 0xff});
  beat.row.hear_us = NodeSet({0x18, 0});
  beat.echo = {0, 123, 456};
  Beat read_back;
  ASSERT_TRUE(read(body_of(beat), read_back));
  EXPECT_EQ(read_back.row.two_way, beat.row.heard) << "two-way, and not heard";
  EXPECT_EQ(read_back.row.hear_us, NodeSet({0x08, 0}));
  EXPECT_EQ(read_back.echo, Echo()) << "times of an echo of nothing";
}

TEST(BeatMessage, DoesNotLookAtUnknownFlags) {
  Body body = body_of(example());
  body[kFlagsAt] = 0xfc;
  Beat beat;
  ASSERT_TRUE(read(body, beat));
  EXPECT_FALSE(beat.row.stalled);
  EXPECT_FALSE(beat.row.local_media);
}

TEST(ProbeMessages, ComeBackAsTheyWereWritten) {
  const Body request_body = body_of(ProbeRequest{7, 0x01020304});
  EXPECT_EQ(request_body, (Body{7, 1, 2, 3, 4}));
  ProbeRequest request;
  ASSERT_TRUE(read(request_body, request));
  EXPECT_EQ(request.target, 7);
  EXPECT_EQ(request.nonce, 0x01020304U);

  const Body reply_body = body_of(ProbeReply{7, 0x01020304, ProbeAnswer::silent});
  EXPECT_EQ(reply_body, (Body{7, 1, 2, 3, 4, 2}));
  ProbeReply reply;
  ASSERT_TRUE(read(reply_body, reply));
  EXPECT_EQ(reply.target, 7);
  EXPECT_EQ(reply.nonce, 0x01020304U);
  EXPECT_EQ(reply.answer, ProbeAnswer::silent);
}

TEST(ProbeMessages, AreRefusedWhenTheyAreShortOrImpossible) {
  ProbeRequest request;
  EXPECT_FALSE(read(Body{}, request));
  EXPECT_FALSE(read(Body{7, 1, 2, 3}, request));
  EXPECT_FALSE(read(Body{128, 1, 2, 3, 4}, request)) << "no such node";
  EXPECT_FALSE(read(Body{7, 0, 0, 0, 0}, request)) << "no nonce";
  EXPECT_TRUE(read(Body{7, 1, 2, 3, 4, 5, 6}, request));
  ProbeReply reply;
  EXPECT_FALSE(read(Body{7, 1, 2, 3, 4}, reply));
  EXPECT_FALSE(read(Body{7, 1, 2, 3, 4, 0}, reply)) << "no such answer";
  EXPECT_FALSE(read(Body{7, 1, 2, 3, 4, 3}, reply)) << "no such answer";
  EXPECT_FALSE(read(Body{255, 1, 2, 3, 4, 1}, reply)) << "no such node";
  EXPECT_FALSE(read(Body{7, 0, 0, 0, 0, 1}, reply)) << "no nonce";
  EXPECT_TRUE(read(Body{7, 1, 2, 3, 4, 1, 0}, reply));
}

}  // namespace
}  // namespace causeway::control::beat
