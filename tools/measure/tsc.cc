#include "tools/measure/tsc.h"

#include <algorithm>
#include <ctime>

namespace causeway::measure {

namespace {

struct Instant {
  std::uint64_t tsc;
  double ns;
};

double raw_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Both clocks at one moment: of some readings the one in which least time passed between.
Instant read_both() {
  Instant best{};
  std::uint64_t shortest = UINT64_MAX;
  for (int i = 0; i < 32; ++i) {
    const std::uint64_t before = read_tsc();
    const double ns = raw_ns();
    const std::uint64_t took = read_tsc() - before;
    if (took >= shortest) continue;
    shortest = took;
    best = {before + took / 2, ns};
  }
  return best;
}

}  // namespace

TscRate TscRate::calibrate(unsigned milliseconds) {
  const Instant begin = read_both();
  timespec pause{};
  pause.tv_sec = milliseconds / 1000;
  pause.tv_nsec = static_cast<long>(milliseconds % 1000) * 1'000'000;
  while (nanosleep(&pause, &pause) != 0) {
  }
  const Instant end = read_both();
  return TscRate(static_cast<double>(end.tsc - begin.tsc) / std::max(1.0, end.ns - begin.ns));
}

}  // namespace causeway::measure
