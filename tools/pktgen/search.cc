#include "tools/pktgen/search.h"

#include <algorithm>

namespace causeway::pktgen {

namespace {

// Below this share of what was asked for, the generator is at its own limit.
constexpr double kBehind = 0.97;

}  // namespace

SearchResult search(const SearchOptions& options, const std::function<Trial(double pps)>& trial) {
  SearchResult result;
  const auto attempt = [&](double pps) {
    result.trials.push_back(trial(pps));
    return result.trials.back();
  };
  // A rate counts only if it holds each time.
  const auto holds = [&](const Trial& first) {
    bool lossless = first.lossless;
    for (unsigned i = 0; lossless && i < options.confirmations && result.trials.size() < options.most_trials;
         ++i) {
      lossless = attempt(first.offered_pps).lossless;
      if (!lossless) result.steady = false;
    }
    return lossless;
  };

  const Trial most = attempt(0);
  if (most.lossless && holds(most)) {
    result.pps = most.achieved_pps;
    result.limited_by_generator = true;
    return result;
  }
  double low = 0;
  double high = most.achieved_pps;
  while (high >= options.least_pps && high - low > options.precision * high &&
         result.trials.size() < options.most_trials) {
    const double middle = (low + high) / 2;
    const Trial tried = attempt(middle);
    if (holds(tried)) {
      // The generator may have brought about less than was asked for: only that is proven.
      low = middle;
      result.pps = std::max(result.pps, std::min(middle, tried.achieved_pps));
      if (tried.achieved_pps < kBehind * middle) {
        result.limited_by_generator = true;
        break;
      }
    } else {
      high = middle;
    }
  }
  return result;
}

}  // namespace causeway::pktgen
