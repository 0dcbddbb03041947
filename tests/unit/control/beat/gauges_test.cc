#include "control/beat/gauges.h"

#include <gtest/gtest.h>

#include "control/beat/flows.h"

namespace causeway::control::beat {
namespace {

TEST(LossWindow, IsWithoutLossAtFirstAndWhenAllArrives) {
  LossWindow window;
  EXPECT_EQ(window.lost_ppm(), 0U);
  for (std::uint64_t number = 5000; number < 6000; ++number) {
    window.add(number, static_cast<std::uint32_t>(number - 5000 + 1));
    ASSERT_EQ(window.lost_ppm(), 0U);
  }
}

TEST(LossWindow, TellsTheShareThatIsMissingAndForgetsIt) {
  LossWindow window;
  std::uint32_t received = 0xffffff00;  // wraps
  std::uint64_t number = 1;
  for (; number <= 1000; ++number) {
    if (number % 10 != 0) window.add(number, ++received);
  }
  EXPECT_NEAR(window.lost_ppm(), 100'000, 5'000);
  for (; number <= 1300; ++number)
    window.add(number, ++received);
  EXPECT_EQ(window.lost_ppm(), 0U);
}

TEST(LossWindow, IsNeverNegativeNorAboveAll) {
  LossWindow window;
  window.add(1, 100);
  window.add(2, 5000);
  EXPECT_EQ(window.lost_ppm(), 0U);
  window.add(UINT64_MAX, 5000);
  EXPECT_LE(window.lost_ppm(), 1'000'000U);
}

TEST(RoundTrip, SmoothsAndKeepsTheSmallestOfTheLastSeconds) {
  RoundTrip round_trip;
  EXPECT_FALSE(round_trip.known());
  EXPECT_EQ(round_trip.smoothed_us(), 0);
  EXPECT_EQ(round_trip.least_us(), 0);
  TimeUs now_us = 0;
  const auto add = [&](TimeUs sample_us) { round_trip.add(sample_us, now_us += from_ms(100)); };
  add(80'000);
  EXPECT_EQ(round_trip.smoothed_us(), 80'000);
  for (int i = 0; i < 100; ++i)
    add(120'000);
  EXPECT_NEAR(static_cast<double>(round_trip.smoothed_us()), 120'000, 100);
  EXPECT_EQ(round_trip.least_us(), 80'000) << "ten seconds ago";
  for (int i = 0; i < 200; ++i)
    add(120'000);
  EXPECT_EQ(round_trip.least_us(), 120'000) << "the path is another one now";
}

TEST(Phi, GrowsWithSilenceAndLearnsThePathsJitter) {
  Phi steady(from_ms(100));
  Phi shaky(from_ms(100));
  for (int i = 0; i < 1000; ++i) {
    steady.add(from_ms(100));
    shaky.add(from_ms(i % 2 == 0 ? 20 : 180));
  }
  EXPECT_LT(steady.phi(from_ms(50)), 0.1);
  EXPECT_LT(steady.phi(from_ms(100)), 1);
  EXPECT_GT(steady.phi(from_ms(200)), 8);
  EXPECT_LT(shaky.phi(from_ms(200)), 2);
  EXPECT_LT(shaky.phi(from_ms(300)), steady.phi(from_ms(300)));
  EXPECT_LE(steady.phi(from_ms(3'600'000)), 30.0) << "and no infinity";
}

TEST(Flows, OneThatMissesItsTurnsBreaksWhileOthersArrive) {
  Flows flows(3, 3, 0);
  TimeUs now_us = 0;
  int broken_at = 0;
  for (int beat = 1; beat <= 30; ++beat) {
    now_us += from_ms(100);
    const auto flow = static_cast<std::uint8_t>(beat % 3);
    if (flow == 1) continue;
    flows.on_beat(flow, now_us);
    if (flows.look(now_us, from_ms(900)) && broken_at == 0) broken_at = beat;
  }
  EXPECT_EQ(flows.broken(), 1U << 1);
  EXPECT_GE(broken_at, 9) << "three of its own beats, and 900 ms";
  EXPECT_LE(broken_at, 13);
  EXPECT_TRUE(flows.on_beat(1, now_us));
  EXPECT_EQ(flows.broken(), 0);
  EXPECT_FALSE(flows.on_beat(1, now_us));
}

TEST(Flows, NoneBreaksWhenAllAreSilentForAWhile) {
  Flows flows(3, 3, 0);
  TimeUs now_us = 0;
  for (int beat = 1; beat <= 300; ++beat) {
    now_us += beat % 20 == 0 ? from_ms(10'000) : from_ms(100);
    flows.on_beat(static_cast<std::uint8_t>(beat % 3), now_us);
    EXPECT_FALSE(flows.look(now_us, from_ms(900))) << beat;
  }
}

TEST(Flows, AreNeverBrokenWhenThereIsOne) {
  Flows flows(1, 3, 0);
  for (int beat = 1; beat <= 50; ++beat) {
    flows.on_beat(0, beat * from_ms(10'000));
    EXPECT_FALSE(flows.look(beat * from_ms(10'000), from_ms(900)));
  }
  EXPECT_FALSE(flows.on_beat(7, 0)) << "a flow that this node does not use";
  EXPECT_FALSE(flows.is_broken(7));
}

}  // namespace
}  // namespace causeway::control::beat
