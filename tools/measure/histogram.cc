#include "tools/measure/histogram.h"

#include <algorithm>
#include <cmath>

namespace causeway::measure {

void Histogram::record(std::uint64_t value_ns, std::uint64_t times) {
  if (times == 0) return;
  if (value_ns > kHighest_ns) beyond_ += times;
  const std::uint64_t value = std::clamp(value_ns, kLowest_ns, kHighest_ns);
  counts_[slot(value)] += times;
  count_ += times;
  min_ns_ = std::min(min_ns_, value);
  max_ns_ = std::max(max_ns_, value);
  sum_ns_ += static_cast<double>(value) * static_cast<double>(times);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i)
    counts_[i] += other.counts_[i];
  count_ += other.count_;
  beyond_ += other.beyond_;
  min_ns_ = std::min(min_ns_, other.min_ns_);
  max_ns_ = std::max(max_ns_, other.max_ns_);
  sum_ns_ += other.sum_ns_;
}

void Histogram::clear() {
  std::ranges::fill(counts_, 0);
  count_ = beyond_ = max_ns_ = 0;
  min_ns_ = UINT64_MAX;
  sum_ns_ = 0;
}

double Histogram::mean() const {
  return count_ == 0 ? 0 : sum_ns_ / static_cast<double>(count_);
}

std::uint64_t Histogram::highest_of(std::size_t slot) {
  if (slot < 2 * kHalf) return slot;
  const std::size_t shift = slot / kHalf - 1;
  const std::uint64_t digits = slot - shift * kHalf;
  return ((digits + 1) << shift) - 1;
}

std::uint64_t Histogram::percentile(double percent) const {
  if (count_ == 0) return 0;
  const double share = std::clamp(percent, 0.0, 100.0) / 100;
  // The share may be a hair above a whole number of values only by rounding.
  const double exact = share * static_cast<double>(count_);
  const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(exact - 1e-9 * exact)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted) return std::clamp(highest_of(i), min_ns_, max_ns_);
  }
  return max_ns_;
}

std::uint64_t Histogram::count_up_to(std::uint64_t value_ns) const {
  const std::size_t last = slot(std::min(value_ns, kHighest_ns));
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i <= last; ++i)
    sum += counts_[i];
  return sum;
}

}  // namespace causeway::measure
