// What is measured on a link, one beat at a time and in constant time. Nothing here decides anything.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "control/wire/ids.h"

namespace causeway::control::beat {

// Beats lost in one direction, over the last 128 to 256 of them.
class LossWindow {
 public:
  // number: of the newest beat. received: how many different ones had arrived by then, modulo 2^32.
  void add(std::uint64_t number, std::uint32_t received) {
    newest_ = {number, received};
    if (start_.number == 0) start_ = middle_ = newest_;
    if (number - middle_.number < kHalf) return;
    start_ = middle_;
    middle_ = newest_;
  }
  void clear() { start_ = middle_ = newest_ = {}; }

  // 0 until two beats were seen.
  unsigned lost_ppm() const {
    const std::uint64_t sent = newest_.number - start_.number;
    const std::uint64_t arrived = newest_.received - start_.received;  // modulo 2^32 by its type
    if (sent == 0 || arrived >= sent) return 0;
    return static_cast<unsigned>(1e6 * static_cast<double>(sent - arrived) / static_cast<double>(sent));
  }

 private:
  static constexpr std::uint64_t kHalf = 128;
  struct Mark {
    std::uint64_t number = 0;
    std::uint32_t received = 0;
  };
  Mark start_;
  Mark middle_;
  Mark newest_;
};

// Smoothed as in RFC 6298, 2, and the smallest of the last 10 to 20 seconds: the path without its queues.
class RoundTrip {
 public:
  void add(TimeUs sample_us, TimeUs now_us) {
    smoothed_us_ = known_ ? smoothed_us_ + (sample_us - smoothed_us_) / 8 : sample_us;
    known_ = true;
    if (now_us - since_us_ >= kWindowUs) {
      before_us_ = least_us_;
      least_us_ = sample_us;
      since_us_ = now_us;
    }
    least_us_ = std::min(least_us_, sample_us);
  }
  bool known() const { return known_; }
  TimeUs smoothed_us() const { return smoothed_us_; }  // 0: not known yet
  TimeUs least_us() const { return known_ ? std::min(least_us_, before_us_) : 0; }

 private:
  static constexpr TimeUs kWindowUs = from_ms(10000);
  TimeUs smoothed_us_ = 0;
  TimeUs least_us_ = kNever;
  TimeUs before_us_ = kNever;
  TimeUs since_us_ = kLongAgo;
  bool known_ = false;
};

// The phi accrual detector of Hayashibara and others (2004): how surprising the present silence is, as the
// negative decimal logarithm of its probability.
class Phi {
 public:
  explicit Phi(TimeUs interval_us)
      : mean_us_(static_cast<double>(interval_us)), least_deviation_us_(mean_us_ / 8) {
    variance_ = 4 * least_deviation_us_ * least_deviation_us_;
  }
  void add(TimeUs apart_us) {
    const double off = static_cast<double>(apart_us) - mean_us_;
    mean_us_ += off * kWeight;
    variance_ += (off * off - variance_) * kWeight;
  }
  double phi(TimeUs silent_us) const {
    const double deviation = std::max(std::sqrt(variance_), least_deviation_us_);
    const double off = (static_cast<double>(silent_us) - mean_us_) / deviation;
    const double probability = 0.5 * std::erfc(off / std::sqrt(2.0));
    return probability < kLeast ? -std::log10(kLeast) : -std::log10(probability);
  }

 private:
  static constexpr double kWeight = 1.0 / 32;
  static constexpr double kLeast = 1e-30;  // phi 30: no difference to anybody beyond
  double mean_us_;
  double least_deviation_us_;  // a path without jitter would make every late beat a sensation
  double variance_ = 0;
};

}  // namespace causeway::control::beat
