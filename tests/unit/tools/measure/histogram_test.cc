#include "tools/measure/histogram.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace causeway::measure {
namespace {

// The nearest-rank percentile of sorted values.
std::uint64_t exact(const std::vector<std::uint64_t>& sorted, double percent) {
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()) - 1e-6);
  return sorted[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
}

TEST(Histogram, HoldsNothingAtFirst) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.min(), 0u);
  EXPECT_EQ(histogram.max(), 0u);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.percentile(50), 0u);
}

TEST(Histogram, KeepsSmallValuesExactly) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 1000; ++value)
    histogram.record(value);
  EXPECT_EQ(histogram.count(), 1000u);
  EXPECT_EQ(histogram.min(), 1u);
  EXPECT_EQ(histogram.max(), 1000u);
  EXPECT_DOUBLE_EQ(histogram.mean(), 500.5);
  EXPECT_EQ(histogram.percentile(0), 1u);
  EXPECT_EQ(histogram.percentile(50), 500u);
  EXPECT_EQ(histogram.percentile(99.9), 999u);
  EXPECT_EQ(histogram.percentile(100), 1000u);
  EXPECT_EQ(histogram.count_up_to(10), 10u);
}

// Three significant digits all over the range, against sorted values.
TEST(Histogram, PercentilesHaveThreeDigits) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> exponent(0, 10);  // 1 ns to 10 s
  Histogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 50'000; ++i) {
    values.push_back(static_cast<std::uint64_t>(std::pow(10.0, exponent(random))));
    histogram.record(values.back());
  }
  std::ranges::sort(values);
  for (const double percent : {0.0, 0.1, 1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    const auto wanted = static_cast<double>(exact(values, percent));
    EXPECT_NEAR(static_cast<double>(histogram.percentile(percent)), wanted, wanted / 1000) << percent;
  }
}

TEST(Histogram, EveryValueIsWithinAThousandthOfItself) {
  for (std::uint64_t value = 1; value < Histogram::kHighest_ns; value += value / 7 + 1) {
    Histogram histogram;
    histogram.record(value);
    histogram.record(Histogram::kHighest_ns);  // so that max() does not hide the slot's width
    const std::uint64_t kept = histogram.percentile(50);
    EXPECT_GE(kept, value);
    EXPECT_LE(kept - value, value / 1000) << value;
  }
}

TEST(Histogram, ClampsToItsRangeAndSaysSo) {
  Histogram histogram;
  histogram.record(0);
  histogram.record(Histogram::kHighest_ns);
  histogram.record(Histogram::kHighest_ns + 1, 2);
  histogram.record(UINT64_MAX);
  EXPECT_EQ(histogram.count(), 5u);
  EXPECT_EQ(histogram.beyond(), 3u);
  EXPECT_EQ(histogram.min(), 1u);
  EXPECT_EQ(histogram.max(), Histogram::kHighest_ns);
}

TEST(Histogram, MergingIsRecordingInOne) {
  std::mt19937_64 random(11);
  Histogram all;
  Histogram parts[3];
  for (int i = 0; i < 3000; ++i) {
    const std::uint64_t value = random() >> (30 + random() % 34);
    all.record(value);
    parts[i % 3].record(value);
  }
  Histogram merged;
  for (const Histogram& part : parts)
    merged.merge(part);
  merged.merge(Histogram());
  EXPECT_EQ(merged.count(), all.count());
  EXPECT_EQ(merged.beyond(), all.beyond());
  EXPECT_EQ(merged.min(), all.min());
  EXPECT_EQ(merged.max(), all.max());
  EXPECT_NEAR(merged.mean(), all.mean(), all.mean() * 1e-12);
  for (double percent = 0; percent <= 100; percent += 0.5)
    EXPECT_EQ(merged.percentile(percent), all.percentile(percent));
  merged.clear();
  EXPECT_EQ(merged.count(), 0u);
  EXPECT_EQ(merged.percentile(99), 0u);
}

}  // namespace
}  // namespace causeway::measure
