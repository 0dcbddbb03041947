#include "tools/measure/spin_gap.h"

namespace causeway::measure {

void SpinGaps::record(std::uint64_t ticks) {
  const double ns = rate_.to_ns(ticks);
  stolen_ns_ += ns;
  gaps_.record(static_cast<std::uint64_t>(ns));
}

SpinGaps spin(TscRate rate, double milliseconds, double threshold_ns) {
  SpinGaps gaps(rate, threshold_ns);
  const std::uint64_t ticks = rate.from_ns(milliseconds * 1e6);
  const std::uint64_t begin = read_tsc();
  gaps.begin(begin);
  for (std::uint64_t now = begin; now - begin < ticks;) {
    now = read_tsc();
    gaps.turn(now);
  }
  return gaps;
}

}  // namespace causeway::measure
