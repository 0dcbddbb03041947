// Pauses of the control thread, and workers that stand still.
#include "control/observe/watch.h"

#include <gtest/gtest.h>

namespace causeway::control {
namespace {

TEST(GapWatch, RemembersTheLongestPauseForHalfAMinuteAtLeast) {
  GapWatch watch;
  TimeUs now_us = 5'000'000;
  const auto turn_for = [&](TimeUs us) {
    for (const TimeUs end_us = now_us + us; now_us < end_us; now_us += 1000)
      watch.turn(now_us);
  };
  turn_for(20'000'000);
  EXPECT_EQ(watch.longest_us(), 1000);
  now_us += 300'000;
  turn_for(30'000'000);
  EXPECT_EQ(watch.longest_us(), 301'000);
  turn_for(60'000'000);
  EXPECT_EQ(watch.longest_us(), 1000);
}

TEST(GapWatch, AClockThatStepsBackIsNoPause) {
  GapWatch watch;
  watch.turn(1'000'000);
  watch.turn(500'000);
  EXPECT_EQ(watch.longest_us(), 0);
}

using Stuck = std::vector<std::size_t>;

TEST(WorkerWatch, NamesWhoDoesNotAdvance) {
  WorkerWatch watch;
  std::vector<std::uint64_t> turns{5, 5};
  for (TimeUs now_us = 0; now_us <= 3'000'000; now_us += 500'000) {
    ++turns[0];
    watch.look(turns, now_us);
    EXPECT_EQ(watch.stuck(), now_us < 2'000'000 ? Stuck() : Stuck{1}) << now_us;
  }
  ++turns[1];
  watch.look(turns, 3'500'000);
  EXPECT_EQ(watch.stuck(), Stuck());
}

TEST(WorkerWatch, BlamesNobodyForItsOwnPause) {
  WorkerWatch watch;
  const std::vector<std::uint64_t> turns{5};
  watch.look(turns, 0);
  watch.look(turns, 10'000'000);
  EXPECT_EQ(watch.stuck(), Stuck());
}

}  // namespace
}  // namespace causeway::control
