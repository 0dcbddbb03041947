// A log-linear histogram of times, as HdrHistogram's: every value within 1 ns to 10 s is kept with three
// significant digits, in a fixed 200 KB. Recording is an increment; histograms of several threads are added
// up afterwards.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace causeway::measure {

// One writer. No function but the constructor allocates.
class Histogram {
 public:
  static constexpr std::uint64_t kLowest_ns = 1;
  static constexpr std::uint64_t kHighest_ns = 10'000'000'000;

  Histogram() : counts_(slot(kHighest_ns) + 1) {}

  // Values outside the range count as its nearest end; beyond() says how many lay above it.
  void record(std::uint64_t value_ns, std::uint64_t times = 1);

  void merge(const Histogram& other);
  void clear();

  std::uint64_t count() const { return count_; }
  std::uint64_t beyond() const { return beyond_; }
  std::uint64_t min() const { return count_ == 0 ? 0 : min_ns_; }  // as recorded; 0 if there is none
  std::uint64_t max() const { return max_ns_; }
  double mean() const;  // ns, of the values as recorded; 0 if there is none

  // The least value that `percent` (0..100) of all values are not above, to three digits and never above
  // max(). 0 if there is none.
  std::uint64_t percentile(double percent) const;

  // How many values are not above this one, to three digits.
  std::uint64_t count_up_to(std::uint64_t value_ns) const;

 private:
  // Two thousand slots of one unit each, then a thousand for each further power of two: a slot is never
  // wider than a thousandth of its values.
  static constexpr unsigned kDigits = 11;
  static constexpr std::uint64_t kHalf = 1u << (kDigits - 1);

  static std::size_t slot(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > kDigits ? width - kDigits : 0;
    return static_cast<std::size_t>(shift * kHalf + (value >> shift));
  }
  static std::uint64_t highest_of(std::size_t slot);

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t beyond_ = 0;
  std::uint64_t min_ns_ = UINT64_MAX;
  std::uint64_t max_ns_ = 0;
  double sum_ns_ = 0;
};

}  // namespace causeway::measure
