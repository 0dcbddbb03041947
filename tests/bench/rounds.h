// Ways to do the same work, timed side by side: many short rounds, one after the other, so that noise of the
// machine hits all of them; the least time of each is what it takes when nobody disturbs it. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace causeway::bench {

struct Sample {
  std::uint64_t ticks = 0;
  std::uint64_t units = 0;  // of work: packets
};

// Does one round, some hundred microseconds of work, and says what it took.
using Contender = std::function<Sample()>;

// When to stop: `enough` says that the time is up, but not before `least` rounds.
struct Budget {
  unsigned least = 5;
  std::function<bool()> enough;
};

// The least ticks per unit of each contender. At each turn it does its work twice, and only the second time
// counts: the first takes the caches back from the contender before. One that does no work has infinity.
std::vector<double> race(std::span<const Contender> contenders, const Budget& budget);

}  // namespace causeway::bench
