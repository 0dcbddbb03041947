#include "dataplane/srtp/index.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "support.h"

namespace causeway::srtp {
namespace {

using Verdict = ReplayWindow::Verdict;

struct EstimateCase {
  std::uint64_t highest;
  std::uint16_t sequence;
  std::uint64_t index;
};

constexpr std::uint64_t roc(std::uint64_t rollovers) {
  return rollovers << 16;
}

constexpr EstimateCase kEstimates[] = {
    // in the first rollover, nothing lies before the start
    {0, 0, 0},
    {0, 65535, 65535},
    {5, 65530, 65530},
    {32767, 65535, 65535},
    {32768, 0, 0},
    {32768, 65535, 65535},
    // the wrap
    {65535, 0, roc(1)},
    {65530, 5, roc(1) + 5},
    {65535, 32766, roc(1) + 32766},
    {65535, 32767, 32767},
    {40000, 7231, roc(1) + 7231},
    {40000, 7232, 7232},
    // late packets from before the wrap
    {roc(1), 65535, 65535},
    {roc(1) + 5, 65530, 65530},
    {roc(1) + 5, 32774, 32774},
    {roc(1) + 5, 32773, roc(1) + 32773},
    {roc(7) + 100, 101, roc(7) + 101},
    {roc(7) + 60000, 100, roc(8) + 100},
    {roc(7) + 100, 60000, roc(6) + 60000},
    {roc(0xffffffff) + 9, 10, roc(0xffffffff) + 10},
};

TEST(EstimateIndex, TakesTheNearestIndexButNoneBeforeTheStart) {
  for (const EstimateCase& c : kEstimates) {
    EXPECT_EQ(estimate_index(c.highest, c.sequence), c.index) << c.highest << " " << c.sequence;
  }
}

TEST(RtpIndex, BeforeTheFirstPacketTheSequenceNumberIsTheIndex) {
  const RtpIndex index;
  EXPECT_FALSE(index.started());
  EXPECT_EQ(index.estimate(0), 0U);
  EXPECT_EQ(index.estimate(65535), 65535U);
  EXPECT_EQ(index.check(0), Verdict::fresh);
}

TEST(RtpIndex, CheckChangesNothing) {
  RtpIndex index;
  EXPECT_EQ(index.check(70000), Verdict::fresh);
  EXPECT_FALSE(index.started());
  EXPECT_EQ(index.accept(7), Verdict::fresh);
  EXPECT_EQ(index.check(70000), Verdict::fresh);
  EXPECT_EQ(index.highest(), 7U);
}

struct WindowStep {
  std::uint64_t index;
  Verdict verdict;
};

constexpr std::uint64_t kSize = ReplayWindow::kSize;
constexpr WindowStep kWindowSteps[] = {
    {100000, Verdict::fresh},
    {100000, Verdict::replayed},
    {100000 - kSize, Verdict::too_old},
    {100000 - kSize + 1, Verdict::fresh},
    {100000 - kSize + 1, Verdict::replayed},
    {100001, Verdict::fresh},
    {100001 - kSize, Verdict::too_old},
    {100000, Verdict::replayed},
    {99999, Verdict::fresh},
    // a jump by the whole window forgets all of it, one less keeps the last
    {100001 + kSize - 1, Verdict::fresh},
    {100001, Verdict::replayed},
    {100002, Verdict::fresh},
    {100000 + 3 * kSize, Verdict::fresh},
    {100001 + 2 * kSize, Verdict::fresh},
    {100000 + 2 * kSize, Verdict::too_old},
    {0, Verdict::too_old},
};

TEST(ReplayWindow, HoldsTheHighestIndexAndThoseBelowIt) {
  ReplayWindow window;
  for (const WindowStep& step : kWindowSteps) {
    EXPECT_EQ(window.check(step.index), step.verdict) << step.index;
    EXPECT_EQ(window.accept(step.index), step.verdict) << step.index;
  }
}

TEST(ReplayWindow, AgreesWithASetOfAllIndices) {
  for (const std::uint64_t seed : seeds()) {
    SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << seed);
    Random random(seed);
    ReplayWindow window;
    std::set<std::uint64_t> taken;
    std::uint64_t highest = random.between(0, 1u << 20);
    for (int i = 0; i < 20000; ++i) {
      const std::uint64_t reach = random.percent(3) ? 3 * kSize : random.percent(30) ? 130 : 8;
      const std::uint64_t around = highest + random.between(0, reach);
      const std::uint64_t index = around - std::min(around, random.between(0, reach + reach / 4));
      const bool old = !taken.empty() && index + kSize <= *taken.rbegin();
      const Verdict expected = old                     ? Verdict::too_old
                               : taken.contains(index) ? Verdict::replayed
                                                       : Verdict::fresh;
      ASSERT_EQ(window.check(index), expected) << index;
      ASSERT_EQ(window.accept(index), expected) << index;
      if (expected == Verdict::fresh) taken.insert(index);
      highest = *taken.rbegin();
      ASSERT_EQ(window.highest(), highest);
    }
  }
}

class PlainRtpIndex : public testing::Test {
 protected:
  // As the open stage does.
  Verdict receive(std::uint16_t sequence) {
    const std::uint64_t estimate = index_.estimate_plain(sequence);
    return index_.accept(estimate);
  }

  RtpIndex index_;
};

TEST_F(PlainRtpIndex, FollowsASourceAcrossWrapsAndReordering) {
  for (std::uint32_t i = 0; i < 200000; i += 2) {
    ASSERT_EQ(receive(static_cast<std::uint16_t>(i + 1)), Verdict::fresh) << i;
    ASSERT_EQ(receive(static_cast<std::uint16_t>(i)), Verdict::fresh) << i;
  }
  EXPECT_EQ(index_.highest(), 199999U);
}

TEST_F(PlainRtpIndex, ARestartGoesOnInTheNextRolloverAfterTwoPacketsInOrder) {
  receive(30000);
  EXPECT_EQ(receive(10), Verdict::too_old);
  EXPECT_EQ(receive(11), Verdict::fresh);
  EXPECT_EQ(index_.highest(), roc(1) + 11);
  EXPECT_EQ(receive(12), Verdict::fresh);
  EXPECT_EQ(receive(10), Verdict::fresh);  // only late now
}

TEST_F(PlainRtpIndex, TheSecondPacketOfARestartMayWrap) {
  index_.accept(roc(3) + 5000);
  EXPECT_EQ(receive(65535), Verdict::too_old);
  EXPECT_EQ(receive(0), Verdict::fresh);
  EXPECT_EQ(index_.highest(), roc(4));
}

TEST_F(PlainRtpIndex, OldPacketsOutOfOrderDoNotRestart) {
  receive(30000);
  for (std::uint16_t sequence = 2000; sequence > 1000; sequence = static_cast<std::uint16_t>(sequence - 2)) {
    EXPECT_EQ(receive(sequence), Verdict::too_old);
  }
  EXPECT_EQ(receive(30001), Verdict::fresh);
  EXPECT_EQ(index_.highest(), 30001U);
}

TEST_F(PlainRtpIndex, ReplaysAreNoRestart) {
  for (std::uint16_t sequence = 100; sequence < 200; ++sequence)
    EXPECT_EQ(receive(sequence), Verdict::fresh);
  for (std::uint16_t sequence = 100; sequence < 200; ++sequence)
    EXPECT_EQ(receive(sequence), Verdict::replayed);
}

TEST_F(PlainRtpIndex, AStrayPacketAheadCostsOnePacket) {
  receive(1000);
  EXPECT_EQ(receive(31000), Verdict::fresh);
  EXPECT_EQ(receive(1001), Verdict::too_old);
  EXPECT_EQ(receive(1002), Verdict::fresh);
  EXPECT_EQ(receive(1003), Verdict::fresh);
}

TEST_F(PlainRtpIndex, ARestartWithinOneBurstLosesOnlyItsFirstPacket) {
  receive(30000);
  const std::uint64_t first = index_.estimate_plain(10);
  const std::uint64_t second = index_.estimate_plain(11);
  const std::uint64_t third = index_.estimate_plain(12);
  EXPECT_EQ(index_.accept(first), Verdict::too_old);
  EXPECT_EQ(index_.accept(second), Verdict::fresh);
  EXPECT_EQ(index_.accept(third), Verdict::fresh);
  EXPECT_EQ(index_.highest(), roc(1) + 12);
}

}  // namespace
}  // namespace causeway::srtp
