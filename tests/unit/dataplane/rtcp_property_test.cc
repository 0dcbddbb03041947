// What holds for every compound, tried on random ones and on random damage to them.
#include <algorithm>
#include <array>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "dataplane/rtcp.h"
#include "tests/unit/dataplane/rtcp_packets.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::rtcp {
namespace {

using namespace rtcp_packets;

constexpr std::uint32_t kOwn = 77;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  unsigned below(unsigned limit) { return static_cast<unsigned>(engine_() % limit); }
  std::uint32_t word() { return static_cast<std::uint32_t>(engine_()); }
  std::uint32_t ssrc() { return below(4); }  // few, so that they meet; 0 is one of them

  Bytes some_words(unsigned limit) {
    Bytes out;
    for (unsigned left = below(limit); left > 0; --left)
      put32(out, word());
    return out;
  }
  std::vector<Block> report_blocks() {
    std::vector<Block> out(below(4));
    for (Block& one : out)
      one = {.ssrc = ssrc(), .highest = word()};
    return out;
  }

  Bytes packet_of_any_type() {
    switch (below(12)) {
      case 0:
        return sender_report(ssrc(), word(), report_blocks(), some_words(3));
      case 1:
        return receiver_report(ssrc(), report_blocks(), some_words(3));
      case 2:
        return source_description({chunk(ssrc(), std::string(below(9), 'c')), chunk(ssrc(), "d")});
      case 3:
        return bye({ssrc(), ssrc()}, std::string(below(9), 'r'));
      case 4:
        return app(ssrc(), below(32), some_words(4));
      case 5:
        return nack(ssrc(), ssrc(), {word(), word()});
      case 6:
        return pli(ssrc(), ssrc());
      case 7:
        return fir(ssrc(), {ssrc(), word(), ssrc(), word()});
      case 8:
        return remb(ssrc(), {ssrc(), ssrc(), ssrc()});
      case 9:
        return feedback(kTransportFeedback, below(32), ssrc(), ssrc(), some_words(5));
      case 10:
        return feedback(kPayloadFeedback, 2 + below(2), ssrc(), ssrc(), some_words(5));
      default:
        return packet(static_cast<std::uint8_t>(207 + below(8)), below(32),
                      join({words({ssrc()}), some_words(6)}));
    }
  }
  Bytes compound() {
    Bytes out = below(2) == 0 ? receiver_report(ssrc(), report_blocks()) : Bytes{};
    for (unsigned left = 1 + below(4); left > 0; --left)
      append(out, packet_of_any_type());
    if (below(4) == 0) append(out, packet(kReceiverReport, 0, words({ssrc()}), 8));
    return out;
  }
  Mapping mapping() {
    return {.publisher_ssrc = 1 + below(3),
            .leg_ssrc = 1 + below(3),
            .timestamp_offset = word(),
            .sequence_delta = static_cast<std::int32_t>(word()) * std::int64_t{1 + below(0x10000)}};
  }

 private:
  std::mt19937_64 engine_;
};

// Input and output in heap blocks of exactly their sizes, for the address sanitizer.
template <class F>
Bytes exactly(const Bytes& in, F&& f) {
  const auto from = std::make_unique<std::uint8_t[]>(in.size());
  const auto to = std::make_unique<std::uint8_t[]>(in.size());
  std::copy(in.begin(), in.end(), from.get());
  const std::size_t length =
      f(std::span<const std::uint8_t>(from.get(), in.size()), std::span(to.get(), in.size()));
  EXPECT_LE(length, in.size());
  return Bytes(to.get(), to.get() + std::min(length, in.size()));
}
Bytes down(const Bytes& in, const Mapping& mapping) {
  return exactly(in, [&](auto from, auto to) { return to_leg(from, mapping, to); });
}
Bytes up(const Bytes& in, const Mapping& mapping) {
  return exactly(in, [&](auto from, auto to) { return to_publisher(from, mapping, kOwn, to); });
}
bool is_target(const Bytes& in, std::uint32_t ssrc) {
  std::array<std::uint32_t, kMaxTargets> out{};
  const std::size_t count = targets(in, out);
  return std::ranges::count(std::span(out).first(count), ssrc) == 1;
}

constexpr int kRounds = 5000;

TEST(RtcpProperties, OutputIsValidOrEmptyAndThereIfItConcernsTheMapping) {
  Random random(test::seed());
  for (int round = 0; round < kRounds && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round) + ", CAUSEWAY_SEED=" + std::to_string(test::seed()));
    const Bytes in = random.compound();
    const Mapping mapping = random.mapping();
    if (!valid(in)) continue;  // random feedback that happens to be a bad FIR or REMB
    const Bytes to_the_leg = down(in, mapping);
    EXPECT_EQ(!to_the_leg.empty(), speaks_for(in, mapping.publisher_ssrc));
    if (!to_the_leg.empty()) {
      EXPECT_TRUE(valid(to_the_leg));
      EXPECT_TRUE(speaks_for(to_the_leg, mapping.leg_ssrc));
    }
    const Bytes to_the_publisher = up(in, mapping);
    if (!to_the_publisher.empty()) {
      EXPECT_TRUE(valid(to_the_publisher));
      EXPECT_TRUE(is_target(in, mapping.leg_ssrc));
      EXPECT_TRUE(is_target(to_the_publisher, mapping.publisher_ssrc));
      EXPECT_EQ(sender_ssrc(to_the_publisher), kOwn);
    }
  }
}

TEST(RtcpProperties, ThereAndBackAreTheOriginalNumbers) {
  Random random(test::seed() + 1);
  for (int round = 0; round < kRounds && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round) + ", CAUSEWAY_SEED=" + std::to_string(test::seed()));
    const Bytes in = random.compound();
    const Mapping there = random.mapping();
    const Mapping back{.publisher_ssrc = there.leg_ssrc,
                       .leg_ssrc = there.publisher_ssrc,
                       .timestamp_offset = 0 - there.timestamp_offset,
                       .sequence_delta = -there.sequence_delta};
    const Mapping same_publisher{.publisher_ssrc = there.publisher_ssrc, .leg_ssrc = there.publisher_ssrc};
    EXPECT_EQ(down(down(in, there), back), down(in, same_publisher));
    const Mapping same_leg{.publisher_ssrc = there.leg_ssrc, .leg_ssrc = there.leg_ssrc};
    EXPECT_EQ(up(up(in, there), back), up(in, same_leg));
  }
}

TEST(RtcpProperties, DamagedInputStaysInBounds) {
  Random random(test::seed() + 2);
  int still_valid = 0;
  for (int round = 0; round < kRounds && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round) + ", CAUSEWAY_SEED=" + std::to_string(test::seed()));
    Bytes in = random.compound();
    for (unsigned left = 1 + random.below(3); left > 0; --left) {
      in[random.below(static_cast<unsigned>(in.size()))] = static_cast<std::uint8_t>(random.word());
    }
    if (random.below(4) == 0) in.resize(random.below(static_cast<unsigned>(in.size()) + 1));
    const Mapping mapping = random.mapping();
    still_valid += valid(in);
    is_target(in, mapping.leg_ssrc);
    speaks_for(in, mapping.publisher_ssrc);
    sender_ssrc(in);
    for (const Bytes& out : {down(in, mapping), up(in, mapping)}) {
      EXPECT_TRUE(out.empty() || valid(out));
    }
  }
  EXPECT_GT(still_valid, 0);
}

}  // namespace
}  // namespace causeway::rtcp
