#include "tools/pktgen/search.h"

#include <gtest/gtest.h>

namespace causeway::pktgen {
namespace {

// An appliance that forwards so many, and a generator that makes so many.
struct Machine {
  double capacity;
  double generator;
  unsigned trials = 0;

  Trial operator()(double pps) {
    ++trials;
    const double achieved = pps == 0 ? generator : std::min(pps, generator);
    return {pps, achieved, achieved <= capacity};
  }
};

TEST(Search, FindsTheHighestLosslessRate) {
  for (const double capacity : {1.0, 999.0, 123'456.0, 7.2e6}) {
    Machine machine{capacity, 8e6};
    const SearchResult result = search({.precision = 0.01, .most_trials = 100}, std::ref(machine));
    EXPECT_LE(result.pps, capacity);
    EXPECT_GE(result.pps, capacity * 0.98) << capacity;
    EXPECT_FALSE(result.limited_by_generator);
    EXPECT_TRUE(result.steady);
    EXPECT_EQ(result.trials.size(), machine.trials);
    EXPECT_EQ(result.trials.front().offered_pps, 0);
  }
}

TEST(Search, SaysWhenTheGeneratorIsTheLimit) {
  const SearchResult result = search({}, Machine{9e6, 8e6});
  EXPECT_EQ(result.pps, 8e6);
  EXPECT_TRUE(result.limited_by_generator);
  EXPECT_EQ(result.trials.size(), 2u);  // and once more
}

// As fast as possible there is loss at 100 achieved, but the generator makes only 60 when it keeps a pace.
TEST(Search, ClaimsOnlyWhatWasAchieved) {
  const SearchResult result = search({}, [](double pps) {
    return pps == 0 ? Trial{0, 100, false} : Trial{pps, std::min(pps, 60.0), true};
  });
  EXPECT_EQ(result.pps, 60);
  EXPECT_TRUE(result.limited_by_generator);
}

TEST(Search, NothingIsLosslessIsZero) {
  const SearchResult result = search({}, [](double pps) { return Trial{pps, pps == 0 ? 1000 : pps, false}; });
  EXPECT_EQ(result.pps, 0);
  EXPECT_LE(result.trials.size(), 24u);
}

TEST(Search, ARateThatHoldsOnlyOnceIsNoResult) {
  unsigned turn = 0;
  const SearchResult result = search({}, [&turn](double pps) {
    ++turn;
    return Trial{pps, pps == 0 ? 1000 : pps, pps != 0 && turn % 2 == 0};
  });
  EXPECT_EQ(result.pps, 0);
  EXPECT_FALSE(result.steady);
  EXPECT_LE(result.trials.size(), 24u);
}

}  // namespace
}  // namespace causeway::pktgen
