// How long a polling loop was away: the host took the core for something else (another guest, an interrupt,
// another thread), which no program on it can prevent, and which stands in every latency that it measures.
#pragma once

#include <cstdint>

#include "tools/measure/histogram.h"
#include "tools/measure/tsc.h"

namespace causeway::measure {

// Fed with the counter in a loop that does nothing else, or in each turn of one that polls. One writer.
class SpinGaps {
 public:
  // A gap is a time between two readings of more than threshold_ns: above what a turn of the loop takes.
  SpinGaps(TscRate rate, double threshold_ns) : rate_(rate), threshold_(rate.from_ns(threshold_ns)) {}

  void begin(std::uint64_t tsc) { begin_ = last_ = tsc; }
  void turn(std::uint64_t tsc) {
    if (tsc - last_ > threshold_) record(tsc - last_);
    last_ = tsc;
  }

  const Histogram& gaps() const { return gaps_; }  // ns each
  double stolen_ns() const { return stolen_ns_; }  // sum of them
  double watched_ns() const { return rate_.to_ns(last_ - begin_); }
  double stolen_share() const { return watched_ns() == 0 ? 0 : stolen_ns_ / watched_ns(); }

 private:
  void record(std::uint64_t ticks);

  TscRate rate_;
  std::uint64_t threshold_;
  std::uint64_t begin_ = 0;
  std::uint64_t last_ = 0;
  double stolen_ns_ = 0;
  Histogram gaps_;
};

// Spins on the calling thread's core and reports what it was taken: the control of a latency measurement.
SpinGaps spin(TscRate rate, double milliseconds, double threshold_ns = 1000);

}  // namespace causeway::measure
