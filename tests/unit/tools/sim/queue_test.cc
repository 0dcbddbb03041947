#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tools/sim/clock.h"
#include "tools/sim/disk.h"
#include "tools/sim/event_queue.h"
#include "tools/sim/pool.h"
#include "tools/sim/random.h"
#include "tools/sim/times.h"

namespace causeway::sim {
namespace {

TEST(EventQueue, GivesTheEarliestAndOfTwoAtOnceTheFirst) {
  EventQueue queue;
  Random random(7);
  std::vector<std::pair<TimeUs, std::uint32_t>> expected;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const TimeUs at_us = random.between(0, 300);
    queue.push({.at_us = at_us, .slot = i});
    expected.emplace_back(at_us, i);
  }
  std::ranges::sort(expected);
  for (const auto& [at_us, slot] : expected) {
    const Event event = queue.pop();
    ASSERT_EQ(event.at_us, at_us);
    ASSERT_EQ(event.slot, slot);
  }
  EXPECT_TRUE(queue.empty());
}

// Against the simplest queue that there is.
TEST(EventQueue, KeepsOrderWhileEventsComeAndGo) {
  for (const TimeUs furthest_us : {TimeUs{20}, TimeUs{1000}, TimeUs{300'000}, TimeUs{100'000'000}}) {
    SCOPED_TRACE(furthest_us);
    EventQueue queue;
    std::set<std::pair<TimeUs, std::uint32_t>> expected;
    Random random(8);
    std::uint32_t slot = 0;
    const auto push = [&](TimeUs at_us) {
      queue.push({.at_us = at_us, .slot = slot});
      expected.emplace(at_us, slot++);
    };
    for (int i = 0; i < 100; ++i)
      push(random.octave(1, furthest_us));
    for (int i = 0; i < 20'000; ++i) {
      const auto [at_us, first] = *expected.begin();
      expected.erase(expected.begin());
      ASSERT_EQ(queue.next_us(), at_us);
      ASSERT_EQ(queue.pop().slot, first);
      // Mostly one for one, now and then none or two, some at once.
      const std::uint32_t more = random.below(10);
      if (more > 0 || expected.empty()) push(at_us + (more > 2 ? random.octave(1, furthest_us) : 0));
      if (more == 9) push(at_us + random.octave(1, furthest_us));
    }
    EXPECT_EQ(queue.size(), expected.size());
  }
}

TEST(Pool, UsesTheSlotThatWasFreedLast) {
  Pool<int> pool;
  const std::uint32_t a = pool.take();
  const std::uint32_t b = pool.take();
  int* place = &pool[a];
  for (int i = 0; i < 1000; ++i)
    pool.take();
  EXPECT_EQ(&pool[a], place);  // growing moves nothing
  pool.give_back(b);
  EXPECT_EQ(pool.take(), b);
}

TEST(Clock, RunsAtItsOwnRateAndBack) {
  for (const double drift_ppm : {-50.0, 0.0, 50.0}) {
    const Clock clock(123'456, drift_ppm);
    for (const TimeUs world_us : {TimeUs{0}, TimeUs{1}, TimeUs{999'999}, TimeUs{86'400'000'000}}) {
      const TimeUs own_us = clock.own(world_us);
      EXPECT_NEAR(static_cast<double>(own_us - 123'456),
                  static_cast<double>(world_us) * (1 + drift_ppm / 1e6), 1);
      const TimeUs back_us = clock.world(own_us);
      EXPECT_GE(clock.own(back_us), own_us);
      EXPECT_LE(back_us, world_us);
    }
  }
}

TEST(Clock, WaitsForItselfAfterAStepBack) {
  Clock clock(1000, 0);
  clock.step(500, 10'000);
  EXPECT_EQ(clock.own(500), 11'500);
  EXPECT_EQ(clock.caught_up_us(), 500);
  clock.step(600, -4000);
  EXPECT_EQ(clock.own(600), 7600);
  EXPECT_EQ(clock.caught_up_us(), 4600);
}

TEST(Disk, LosesTheWriteThatACrashInterrupts) {
  Disk disk;
  EXPECT_TRUE(disk.write(10));
  EXPECT_FALSE(disk.write(20));  // after the first
  EXPECT_FALSE(disk.write(30));
  EXPECT_TRUE(disk.finish());
  EXPECT_EQ(disk.stored(), 10U);
  disk.crash();
  EXPECT_EQ(disk.stored(), 10U);
  EXPECT_TRUE(disk.write(40));
  EXPECT_FALSE(disk.finish());
  EXPECT_EQ(disk.stored(), 40U);
}

TEST(Random, StreamsDoNotShareAnything) {
  Random a(1, Stream::disk, 0);
  Random b(1, Stream::disk, 1);
  Random c(1, Stream::media, 0);
  Random again(1, Stream::disk, 0);
  const std::uint64_t first = a.next();
  EXPECT_NE(first, b.next());
  EXPECT_NE(first, c.next());
  EXPECT_EQ(first, again.next());
}

TEST(Random, OctavesStayWithinTheirBounds) {
  Random random(3);
  bool is_short = false;
  bool is_long = false;
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t value = random.octave(100, 30'000);
    ASSERT_GE(value, 100);
    ASSERT_LE(value, 30'000);
    is_short |= value < 400;
    is_long |= value > 15'000;
  }
  EXPECT_TRUE(is_short && is_long);
}

TEST(Times, PercentilesAreWithinASixteenth) {
  Times times;
  for (TimeUs time_us = 1; time_us <= 100'000; ++time_us)
    times.add(time_us);
  EXPECT_EQ(times.most_us(), 100'000);
  for (const double percent : {10.0, 50.0, 99.0, 100.0}) {
    const double exact = percent * 1000;
    EXPECT_GE(static_cast<double>(times.percentile_us(percent)), exact * 0.99) << percent;
    EXPECT_LE(static_cast<double>(times.percentile_us(percent)), exact * 1.07) << percent;
  }
}

}  // namespace
}  // namespace causeway::sim
