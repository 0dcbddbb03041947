#include "control/relay/message.h"

#include <array>

#include <gtest/gtest.h>

#include "control/relay/watermark.h"

namespace causeway::control::relay {
namespace {

template <class Message>
std::vector<std::uint8_t> bytes_of(const Message& message) {
  std::array<std::uint8_t, 64> room;
  wire::Writer writer(room);
  write(writer, message);
  EXPECT_FALSE(writer.failed());
  return {writer.written().begin(), writer.written().end()};
}

Path path(std::initializer_list<NodeId> nodes) {
  Path made;
  for (const NodeId node : nodes)
    made.push(node);
  return made;
}

const TrackKey kTrack = track_key("room/alice/video");

// Each cut of it is refused, more behind it is accepted: a later version may say more.
template <class Message>
void expect_exact_length(const Message& message) {
  std::vector<std::uint8_t> bytes = bytes_of(message);
  Message out;
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(read(std::span(bytes).first(length), out)) << length;
  bytes.push_back(0xff);
  EXPECT_TRUE(read(bytes, out));
}

TEST(RelayMessage, EachKindIsReadInFullOrNotAtAll) {
  expect_exact_length(Subscribe{kTrack, {7, 2, 1}, 9, path({3, 1}), 5, 1});
  expect_exact_length(Ack{kTrack, 9, {7, 2, 1}, path({2, 4})});
  expect_exact_length(Nack{kTrack, 9, NackReason::in_path, {7, 2, 1}});
  expect_exact_length(Unsubscribe{kTrack, 9});
  expect_exact_length(Withdraw{kTrack, 9, WithdrawReason::ended});
  expect_exact_length(StampRequest{kTrack, 12, 3});
  expect_exact_length(Advert{kTrack, {7, 2, 1}, path({2, 4})});
}

TEST(RelayMessage, SaysWhatWasWritten) {
  const auto bytes =
      bytes_of(Subscribe{kTrack, {0x0102030405060708, kNoNode, 5}, 0xa0b0c0d0, path({3, 1, 127}), 5, 2});
  Subscribe out;
  ASSERT_TRUE(read(bytes, out));
  EXPECT_EQ(out.track, kTrack);
  EXPECT_EQ(out.fd, (Label{0x0102030405060708, kNoNode, 5}));
  EXPECT_EQ(out.nonce, 0xa0b0c0d0U);
  EXPECT_EQ(out.path, path({3, 1, 127}));
  EXPECT_EQ(out.origin, 5);
  EXPECT_EQ(out.reach, 2);
}

TEST(RelayMessage, WordsThatNobodyKnowsAreRefused) {
  auto nack = bytes_of(Nack{kTrack, 9, NackReason::implausible, {}});
  nack[20] = kNackReasons;
  Nack nack_out;
  EXPECT_FALSE(read(nack, nack_out));
  auto withdraw = bytes_of(Withdraw{kTrack, 9, WithdrawReason::in_path});
  withdraw[20] = kWithdrawReasons;
  Withdraw withdraw_out;
  EXPECT_FALSE(read(withdraw, withdraw_out));
}

TEST(RelayMessage, APathIsShortAndHasNobodyTwice) {
  const auto subscribe = bytes_of(Subscribe{kTrack, {}, 9, path({3, 1})});
  Subscribe out;
  for (const auto& [offset, value] : {std::pair{30, 9}, {32, 3}, {31, 128}}) {
    auto wrong = subscribe;
    wrong[static_cast<std::size_t>(offset)] = static_cast<std::uint8_t>(value);
    EXPECT_FALSE(read(wrong, out)) << offset;
  }
}

TEST(RelayMessage, AnAckComesFromSomeOrigin) {
  Ack out;
  EXPECT_FALSE(read(bytes_of(Ack{kTrack, 9, {7, kNoNode, 1}, path({2})}), out));
}

TEST(Label, IsATotalOrderOverAllOrigins) {
  const Label ordered[] = {{9, 0, 0}, {8, 5, 0}, {8, 5, 1}, {8, 4, 0}, {8, 4, 3}, {7, 9, 0}, {0, kNoNode, 0}};
  for (std::size_t i = 0; i < std::size(ordered); ++i) {
    for (std::size_t j = 0; j < std::size(ordered); ++j)
      EXPECT_EQ(is_better(ordered[i], ordered[j]), i < j) << i << " and " << j;
    EXPECT_TRUE(is_better(ordered[i], below(ordered[i])));
  }
}

TEST(Watermark, IssuesOnlyWhatIsOnDisk) {
  Watermark watermark(0, 100);
  EXPECT_FALSE(watermark.issue(0));
  const auto request = watermark.take_request();
  ASSERT_TRUE(request);
  EXPECT_FALSE(watermark.take_request()) << "once";
  watermark.wrote(*request);
  for (Stamp stamp = 1; stamp <= *request; ++stamp)
    ASSERT_EQ(watermark.issue(0), stamp);
  EXPECT_FALSE(watermark.issue(0)) << "the reserve is used up";
  EXPECT_TRUE(watermark.take_request()) << "and was asked for long before";
}

TEST(Watermark, GoesOnAboveWhatAnEarlierBootLeft) {
  Watermark watermark(500, 100);
  EXPECT_EQ(watermark.floor(), (Label{500, kNoNode, 0}));
  watermark.wrote(*watermark.take_request());
  EXPECT_EQ(watermark.issue(0), 501U);
}

TEST(Watermark, IsAboveEveryStampThatWasSeen) {
  Watermark watermark(0, 100);
  watermark.see(7000);
  watermark.wrote(*watermark.take_request());
  EXPECT_EQ(watermark.issue(0), 7001U);
  EXPECT_EQ(watermark.issue(7100), std::nullopt) << "not on disk yet";
}

// What is too far above cannot be true. But somebody may have fallen for it, and the others must be able to
// follow.
TEST(Watermark, BelievesOnlyALeapAtATime) {
  Watermark watermark(1000, 64);
  EXPECT_FALSE(watermark.is_plausible(1001 + kMaxStampJump));
  watermark.see(~Stamp{0});
  EXPECT_EQ(watermark.clock(), 1000 + kMaxStampJump);
  const Stamp fooled = 1000 + 5 * kMaxStampJump;
  for (int beats = 0; beats < 4; ++beats)
    watermark.see(fooled);
  EXPECT_EQ(watermark.clock(), fooled);
}

TEST(Watermark, IssuesNothingWhenTheNumbersAreUsedUp) {
  Watermark watermark(kLastStamp - 10, 64);
  watermark.wrote(~Stamp{0});
  EXPECT_TRUE(watermark.issue(0));
  for (int i = 0; i < 10; ++i)
    watermark.see(~Stamp{0});
  watermark.wrote(~Stamp{0});
  EXPECT_EQ(watermark.issue(0), std::nullopt);
  EXPECT_EQ(watermark.issue(~Stamp{0}), std::nullopt);
}

}  // namespace
}  // namespace causeway::control::relay
