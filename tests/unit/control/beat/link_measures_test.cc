// What a link measures and counts, and how little of it a peer can make up.
#include <gtest/gtest.h>

#include "control/beat/link.h"
#include "tests/unit/control/beat/one_link.h"

namespace causeway::control::beat {
namespace {

TEST_F(OneLink, MeasuresTheRoundTripWithoutACommonClock) {
  come_up();
  beats(50);
  EXPECT_EQ(link_.round_trip().smoothed_us(), 80'000) << "90 ms, of which it was held for 10";
  EXPECT_EQ(link_.round_trip().least_us(), 80'000);
}

TEST_F(OneLink, BelievesNoImpossibleRoundTrip) {
  come_up();
  const TimeUs before_us = link_.round_trip().smoothed_us();
  struct Case {
    const char* what;
    TimeUs sent_us;
    std::uint32_t held_us;
  };
  const Case cases[] = {
      {"sent after it arrived", now_us_ + from_ms(5000), 0},
      {"held for longer than it was away", now_us_, UINT32_MAX},
      {"away for 11 s", now_us_ - from_ms(11'000), 0},
      {"sent before time began", INT64_MIN, 0},
      {"sent at the end of time", INT64_MAX, UINT32_MAX},
  };
  for (const Case& c : cases) {
    Beat beat = next_beat();
    beat.echo.sent_us = c.sent_us;
    beat.echo.held_us = c.held_us;
    pass(from_ms(100));
    arrive(beat);
    EXPECT_EQ(link_.round_trip().smoothed_us(), before_us) << c.what;
  }
}

TEST_F(OneLink, BelievesNoEchoOfABeatThatWasNotSent) {
  come_up();
  Beat beat = next_beat();
  beat.echo.number = link_.sent() + 1;
  arrive(beat);
  EXPECT_EQ(link_.implausible(), 1U);
  for (int i = 0; i < 12; ++i) {
    pass(from_ms(100));
    Beat lie = next_beat();
    lie.echo.number = UINT64_MAX;
    arrive(lie);
  }
  EXPECT_FALSE(link_.is_two_way());
}

TEST_F(OneLink, TellsTheLossOfBothDirectionsApart) {
  come_up();
  for (int i = 0; i < 600; ++i) {
    peer_hears_ = i % 4 != 0;
    pass(from_ms(100));
    const Beat beat = next_beat();
    if (i % 10 != 1) arrive(beat);
  }
  EXPECT_NEAR(link_.lost_from_peer_ppm(), 100'000, 10'000);
  EXPECT_NEAR(link_.lost_to_peer_ppm(), 250'000, 20'000);
}

TEST_F(OneLink, TakesABeatOnceAndALateOneAsASignOfLifeOnly) {
  come_up();
  beats(10);
  const Beat newest = next_beat();
  Beat late = newest;
  late.number = newest.number;
  Beat ahead = newest;
  ahead.number = ++number_;
  arrive(ahead);
  const std::uint32_t received = link_.received();
  arrive(ahead);
  EXPECT_EQ(link_.received(), received);
  EXPECT_EQ(link_.doubled(), 1U);
  late.state = LinkState::down;
  EXPECT_FALSE(arrive(late).has(Changes::kNewest));
  EXPECT_TRUE(link_.is_up()) << "what it says is older than what we know";
  EXPECT_EQ(link_.received(), received + 1);
  arrive(late);
  EXPECT_EQ(link_.received(), received + 1);
  late.number = 1;
  number_ += 100;
  arrive(next_beat());
  arrive(late);
  EXPECT_EQ(link_.received(), received + 2) << "too old to tell whether it came before";
}

TEST_F(OneLink, SurvivesNumbersAtTheEndOfTheirRange) {
  come_up();
  Beat beat = next_beat();
  beat.number = UINT64_MAX;
  beat.received = UINT32_MAX;
  arrive(beat);
  arrive(beat);
  EXPECT_LE(link_.lost_from_peer_ppm(), 1'000'000U);
  Beat own;
  link_.next_beat(own, now_us_);
  EXPECT_EQ(own.echo.number, UINT64_MAX);
}

TEST_F(OneLink, EchoesTheNewestBeatAndHowLongItWasHeld) {
  Beat own;
  link_.next_beat(own, now_us_);
  EXPECT_EQ(own.number, 1U);
  EXPECT_EQ(own.echo, Echo());
  come_up();
  const Beat beat = next_beat();
  arrive(beat);
  pass(from_ms(70));
  link_.next_beat(own, now_us_);
  EXPECT_EQ(own.echo.number, beat.number);
  EXPECT_EQ(own.echo.sent_us, beat.sent_us);
  EXPECT_EQ(own.echo.held_us, 70'000U);
  EXPECT_EQ(own.received, link_.received());
  EXPECT_EQ(own.sent_us, now_us_);
  link_.next_beat(own, now_us_ + from_ms(7'200'000));
  EXPECT_EQ(own.echo.held_us, UINT32_MAX) << "more than fits";
}

TEST_F(OneLink, OneBadFlowOfThreeIsBrokenAndTheLinkStaysUp) {
  come_up();
  beats(30);
  changes_.clear();
  for (int i = 0; i < 60; ++i) {
    pass(from_ms(100));
    const Beat beat = next_beat();
    if (beat.number % 3 != 2) arrive(beat);
  }
  EXPECT_TRUE(link_.is_up());
  EXPECT_TRUE(link_.is_settled());
  EXPECT_EQ(link_.flows().broken(), 1U << 2);
  EXPECT_EQ(changes_[Changes::kFlowBroken], 1);
  EXPECT_EQ(changes_[Changes::kSuspected], 0);
  beats(3);
  EXPECT_EQ(link_.flows().broken(), 0);
  EXPECT_EQ(changes_[Changes::kFlowMended], 1);
}

TEST_F(OneLink, ComesUpAgainWithOneBadFlowOfThree) {
  come_up();
  pass(from_ms(4000));
  peer_says_ = LinkState::init;
  for (int i = 0; i < 60; ++i) {
    pass(from_ms(100));
    const Beat beat = next_beat();
    if (beat.number % 3 != 0) arrive(beat);
  }
  EXPECT_TRUE(link_.is_up());
}

}  // namespace
}  // namespace causeway::control::beat
