#include "tools/pktgen/traffic.h"

#include <map>

#include <gtest/gtest.h>

#include "tools/pktgen/stamp.h"

namespace causeway::pktgen {
namespace {

constexpr std::uint32_t kMost = 1424;

TEST(Schedule, AudioEach20ms) {
  Schedule schedule({Profile::Kind::audio}, 3, 1, kMost, kStampLength);
  EXPECT_DOUBLE_EQ(schedule.packets_per_second(), 150);
  std::map<std::uint32_t, MediaPacket> last;
  std::uint64_t at_ns = 0;
  for (int i = 0; i < 3000; ++i) {
    EXPECT_EQ(schedule.next_ns() >= at_ns, true);
    const MediaPacket packet = schedule.next();
    at_ns = packet.at_ns;
    EXPECT_FALSE(packet.marker);
    EXPECT_GE(packet.payload_length, 60u);
    EXPECT_LE(packet.payload_length, 180u);
    if (const auto before = last.find(packet.stream); before != last.end()) {
      EXPECT_EQ(packet.at_ns - before->second.at_ns, 20'000'000u);
      EXPECT_EQ(packet.timestamp - before->second.timestamp, 960u);
    }
    last[packet.stream] = packet;
  }
  EXPECT_EQ(last.size(), 3u);
}

TEST(Schedule, VideoComesInFramesWithLargeOnesNowAndThen) {
  Schedule schedule({Profile::Kind::video}, 1, 7, kMost, kStampLength);
  std::uint32_t frames = 0;
  std::uint32_t key_frames = 0;
  std::uint32_t packets = 0;
  std::uint32_t of_frame = 0;
  std::uint32_t timestamp = 0;
  std::uint64_t begin_ns = 0;
  std::uint64_t first_ns = schedule.next_ns();
  std::uint64_t last_ns = 0;
  while (frames < 1800) {
    const MediaPacket packet = schedule.next();
    if (of_frame == 0) {
      if (frames > 0) {
        EXPECT_EQ(packet.timestamp - timestamp, 3000u);
        EXPECT_EQ(packet.at_ns - begin_ns, 33'333'333u);
      }
      timestamp = packet.timestamp;
      begin_ns = packet.at_ns;
    }
    EXPECT_EQ(packet.timestamp, timestamp);
    EXPECT_LE(packet.payload_length, 1160u);
    EXPECT_EQ(packet.at_ns - begin_ns, of_frame * 100'000u);
    ++packets;
    ++of_frame;
    last_ns = packet.at_ns;
    if (!packet.marker) continue;
    EXPECT_TRUE(of_frame <= 7 || of_frame >= 21) << of_frame;
    key_frames += of_frame >= 21 ? 1 : 0;
    ++frames;
    of_frame = 0;
  }
  EXPECT_EQ(key_frames, 30u);
  const double measured = packets * 1e9 / static_cast<double>(last_ns - first_ns);
  EXPECT_NEAR(schedule.packets_per_second(), measured, measured * 0.02);
}

TEST(Schedule, FixedHasItsSizeAndFitsTheLegs) {
  Schedule fixed({Profile::Kind::fixed, 1200}, 2, 1, kMost, kStampLength);
  EXPECT_EQ(fixed.next().payload_length, 1188u);
  Schedule longer({Profile::Kind::fixed, 9000}, 2, 1, kMost, kStampLength);
  EXPECT_EQ(longer.next().payload_length, kMost);
  Schedule shorter({Profile::Kind::fixed, 64}, 2, 1, kMost, 60);
  EXPECT_EQ(shorter.next().payload_length, 60u);
}

TEST(Schedule, ManyStreamsKeepTheirOrderInTime) {
  Schedule schedule({Profile::Kind::video}, 5000, 3, kMost, kStampLength);
  std::uint64_t at_ns = 0;
  std::vector<bool> seen(5000);
  for (int i = 0; i < 200'000; ++i) {
    const MediaPacket packet = schedule.next();
    ASSERT_GE(packet.at_ns, at_ns);
    at_ns = packet.at_ns;
    seen[packet.stream] = true;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 5000);
}

TEST(Stamp, IsReadAsWritten) {
  const Stamp stamp{
      .phase = 3, .stream = 9, .number = 1234567, .tsc = 99, .timestamp = 0xfffffff0, .marker = true};
  for (const std::size_t length :
       {std::size_t{kStampLength}, std::size_t{41}, std::size_t{160}, std::size_t{8988}}) {
    std::vector<std::uint8_t> payload(length);
    write_stamp(stamp, payload);
    const auto read = read_stamp(payload);
    ASSERT_TRUE(read) << length;
    EXPECT_EQ(read->phase, 3u);
    EXPECT_EQ(read->stream, 9u);
    EXPECT_EQ(read->number, 1234567u);
    EXPECT_EQ(read->tsc, 99u);
    EXPECT_EQ(read->timestamp, 0xfffffff0);
    EXPECT_TRUE(read->marker);
  }
}

TEST(Stamp, EveryWrongByteShows) {
  std::vector<std::uint8_t> payload(1188);
  write_stamp({.stream = 1, .number = 2}, payload);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    payload[i] ^= 0x10;
    EXPECT_FALSE(read_stamp(payload)) << i;
    payload[i] ^= 0x10;
  }
  EXPECT_TRUE(read_stamp(payload));
  EXPECT_FALSE(read_stamp(std::span(payload).first(payload.size() - 1)));
  payload.push_back(0);
  EXPECT_FALSE(read_stamp(payload));
  EXPECT_FALSE(read_stamp(std::span(payload).first(10)));
}

}  // namespace
}  // namespace causeway::pktgen
