#include "tools/measure/spin_gap.h"

#include <gtest/gtest.h>

namespace causeway::measure {
namespace {

TEST(SpinGaps, CountsWhatIsAboveTheThreshold) {
  SpinGaps gaps(TscRate(2.0), 1000);  // 2 ticks each ns
  gaps.begin(1'000'000);
  gaps.turn(1'000'100);  // 50 ns
  gaps.turn(1'002'100);  // 1000 ns: not above
  gaps.turn(1'004'102);  // 1001 ns
  gaps.turn(1'104'102);  // 50 us
  gaps.turn(1'104'200);
  EXPECT_EQ(gaps.gaps().count(), 2u);
  EXPECT_EQ(gaps.gaps().min(), 1001u);
  EXPECT_EQ(gaps.gaps().max(), 50'000u);
  EXPECT_DOUBLE_EQ(gaps.stolen_ns(), 51'001);
  EXPECT_DOUBLE_EQ(gaps.watched_ns(), 52'100);
  EXPECT_DOUBLE_EQ(gaps.stolen_share(), 51'001.0 / 52'100);
}

TEST(SpinGaps, NothingWatchedIsNothingStolen) {
  SpinGaps gaps(TscRate(1.0), 1000);
  gaps.begin(5);
  EXPECT_EQ(gaps.stolen_share(), 0);
}

TEST(TscRate, ConvertsBothWays) {
  const TscRate rate(3.7);
  EXPECT_DOUBLE_EQ(rate.hz(), 3.7e9);
  EXPECT_DOUBLE_EQ(rate.to_ns(37), 10);
  EXPECT_EQ(rate.from_ns(1000), 3700u);
}

// No figure is expected of the machine that this runs on, only that both clocks go forward together.
TEST(TscRate, IsCalibratedAndSpinningEnds) {
  const TscRate rate = TscRate::calibrate(20);
  EXPECT_GT(rate.hz(), 100e6);
  EXPECT_LT(rate.hz(), 20e9);
  const SpinGaps gaps = spin(rate, 2);
  EXPECT_GE(gaps.watched_ns(), 1.99e6);
  EXPECT_LE(gaps.stolen_ns(), gaps.watched_ns());
}

}  // namespace
}  // namespace causeway::measure
