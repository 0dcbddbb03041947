// The time-stamp counter as a clock. DPDK's rate of it is rounded (0.15 % off on some machines), so it is
// calibrated against the kernel's raw clock.
#pragma once

#include <cstdint>
#include <x86intrin.h>

namespace causeway::measure {

inline std::uint64_t read_tsc() {
  return __rdtsc();
}

// Ticks to nanoseconds. A value; read by any thread.
class TscRate {
 public:
  explicit TscRate(double ticks_per_ns) : ticks_per_ns_(ticks_per_ns) {}

  // Compares the counter with CLOCK_MONOTONIC_RAW over `milliseconds`, and waits as long.
  static TscRate calibrate(unsigned milliseconds = 100);

  double hz() const { return ticks_per_ns_ * 1e9; }
  double to_ns(std::uint64_t ticks) const { return static_cast<double>(ticks) / ticks_per_ns_; }
  std::uint64_t from_ns(double ns) const { return static_cast<std::uint64_t>(ns * ticks_per_ns_); }

 private:
  double ticks_per_ns_;
};

}  // namespace causeway::measure
