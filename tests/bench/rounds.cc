#include "tests/bench/rounds.h"

#include <algorithm>
#include <limits>

namespace causeway::bench {

std::vector<double> race(std::span<const Contender> contenders, const Budget& budget) {
  std::vector<double> least(contenders.size(), std::numeric_limits<double>::infinity());
  for (unsigned round = 0; round < budget.least || !budget.enough(); ++round) {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      contenders[i]();
      const Sample sample = contenders[i]();
      if (sample.units == 0) continue;
      least[i] = std::min(least[i], static_cast<double>(sample.ticks) / static_cast<double>(sample.units));
    }
  }
  return least;
}

}  // namespace causeway::bench
