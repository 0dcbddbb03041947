#include "control/beat/link.h"

#include <gtest/gtest.h>

#include "tests/unit/control/beat/one_link.h"

namespace causeway::control::beat {
namespace {

TEST(LinkStates, AreThoseOfRfc5880) {
  using enum LinkState;
  struct Case {
    LinkState local;
    LinkState remote;
    LinkState next;        // RFC 5880, 6.8.6
    LinkState while_wait;  // and while it may not be up yet
  };
  const Case cases[] = {
      {down, down, init, init}, {down, init, up, init}, {down, up, down, down},
      {init, down, init, init}, {init, init, up, init}, {init, up, up, init},
      {up, down, down, down},   {up, init, up, up},     {up, up, up, up},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(next_state(c.local, c.remote, true), c.next) << int(c.local) << " " << int(c.remote);
    EXPECT_EQ(next_state(c.local, c.remote, false), c.while_wait) << int(c.local) << " " << int(c.remote);
  }
}

TEST(LinkHold, GrowsWithEachFlapUpToItsLimit) {
  const LinkTimers timers{config::Heartbeat{}};
  const TimeUs expected_ms[] = {2000, 2000, 4800, 11520, 27648, 66355, 159252, 300000, 300000};
  for (unsigned flaps = 0; flaps < std::size(expected_ms); ++flaps)
    EXPECT_EQ(hold_us(timers, flaps) / 1000, expected_ms[flaps]) << flaps;
  EXPECT_EQ(hold_us(timers, 1'000'000'000), from_ms(300'000));
  config::Heartbeat none;
  none.hold_min_ms = none.hold_max_ms = 0;
  EXPECT_EQ(hold_us(LinkTimers(none), 50), 0);
}

TEST_F(OneLink, ComesUpInAFewBeatsAtFirst) {
  EXPECT_FALSE(link_.is_reachable());
  peer_says_ = LinkState::down;
  peer_hears_ = false;
  beats(1);
  EXPECT_TRUE(link_.is_reachable());
  EXPECT_FALSE(link_.is_two_way());
  EXPECT_EQ(link_.state(), LinkState::init);
  peer_says_ = LinkState::init;
  peer_hears_ = true;
  beats(1);
  EXPECT_TRUE(link_.is_two_way());
  EXPECT_TRUE(link_.is_up());
  EXPECT_EQ(link_.remote_state(), LinkState::init);
  EXPECT_FALSE(link_.is_settled());
  peer_says_ = LinkState::up;
  beats(19);
  EXPECT_FALSE(link_.is_settled());
  beats(3);
  EXPECT_TRUE(link_.is_settled());
  EXPECT_EQ(changes_[Changes::kHeard], 1);
  EXPECT_EQ(changes_[Changes::kUp], 1);
  EXPECT_EQ(changes_[Changes::kSettled], 1);
  EXPECT_EQ(changes_[Changes::kTwoWay], 1);
  EXPECT_EQ(changes_[Changes::kSuspected], 0);
}

TEST_F(OneLink, IsNotUpWhileThePeerDoesNotEchoIt) {
  peer_hears_ = false;
  peer_says_ = LinkState::init;
  beats(100);
  EXPECT_TRUE(link_.is_reachable());
  EXPECT_FALSE(link_.is_two_way());
  EXPECT_EQ(link_.state(), LinkState::init);
}

TEST_F(OneLink, StaysUpWhileBeatsAreOnlyLate) {
  come_up();
  for (int i = 0; i < 20; ++i) {
    pass(from_ms(880));
    arrive(next_beat());
  }
  EXPECT_TRUE(link_.is_up());
  EXPECT_EQ(changes_[Changes::kSuspected], 0);
  EXPECT_EQ(changes_[Changes::kDown], 0);
}

TEST_F(OneLink, IsSuspectedAfterNineMissedBeatsAndDownAfterThreeSeconds) {
  come_up();
  const TimeUs last_us = now_us_;
  pass(from_ms(899));
  EXPECT_TRUE(link_.is_reachable());
  pass(from_ms(1));
  EXPECT_FALSE(link_.is_reachable());
  EXPECT_FALSE(link_.is_two_way());
  EXPECT_TRUE(link_.is_up()) << "suspicion convicts nobody";
  EXPECT_EQ(link_.silent_since_us(), last_us);
  pass(from_ms(2199));
  EXPECT_TRUE(link_.is_up());
  pass(from_ms(1));  // the beat that was due 100 ms after the last one is missing for 3 s
  EXPECT_EQ(link_.state(), LinkState::down);
  EXPECT_EQ(link_.remote_state(), LinkState::down);
  EXPECT_EQ(changes_[Changes::kSuspected], 1);
  EXPECT_EQ(changes_[Changes::kDown], 1);
  EXPECT_EQ(link_.wake_us(patience_), kNever) << "nothing more to judge";
}

TEST_F(OneLink, IsHeldReachableByMedia) {
  come_up();
  beats(5);
  for (int i = 0; i < 50; ++i) {
    pass(from_ms(100));
    count(link_.on_media(now_us_, now_us_));
  }
  EXPECT_TRUE(link_.is_reachable());
  EXPECT_TRUE(link_.hears_media());
  EXPECT_FALSE(link_.hears_beats());
  EXPECT_FALSE(link_.is_two_way());
  EXPECT_EQ(link_.state(), LinkState::down) << "RFC 5880 knows beats only";
  EXPECT_EQ(changes_[Changes::kSuspected], 0);
  EXPECT_EQ(link_.silent_since_us(), now_us_);
}

TEST_F(OneLink, GoesDownWhenThePeerSaysSo) {
  come_up();
  peer_says_ = LinkState::down;
  beats(1);
  EXPECT_EQ(link_.state(), LinkState::down);
  EXPECT_EQ(link_.flaps(), 1U);
  beats(1);
  EXPECT_EQ(link_.state(), LinkState::init);
}

TEST_F(OneLink, AfterAFlapNeedsCleanBeatsBeforeItIsUp) {
  come_up();
  beats(10);
  pass(from_ms(4000));
  ASSERT_EQ(link_.state(), LinkState::down);
  peer_says_ = LinkState::init;
  beats(29);
  EXPECT_EQ(link_.state(), LinkState::init);
  number_ += 2;  // of three flows: single beats are lost on a bad path
  beats(0);
  EXPECT_EQ(link_.state(), LinkState::init);
  beats(1);
  EXPECT_TRUE(link_.is_up());
}

TEST_F(OneLink, AGapStartsTheCountOfCleanBeatsAgain) {
  come_up();
  pass(from_ms(4000));
  peer_says_ = LinkState::init;
  beats(29);
  number_ += 3;  // each flow missed one
  beats(29);
  EXPECT_EQ(link_.state(), LinkState::init);
  beats(1);
  EXPECT_TRUE(link_.is_up());

  pass(from_ms(4000));
  beats(15);
  peer_hears_ = false;  // beats arrive, but not ours there
  beats(12);
  EXPECT_FALSE(link_.is_two_way());
  peer_hears_ = true;
  beats(29);
  EXPECT_EQ(link_.state(), LinkState::init);
  beats(1);
  EXPECT_TRUE(link_.is_up());
}

TEST_F(OneLink, IsHeldLongerWithEachFlapAndForgiven) {
  come_up();
  const TimeUs expected_ms[] = {2000, 4800, 11520, 27648, 66355};
  for (const TimeUs hold_ms : expected_ms) {
    pass(from_ms(4000));
    ASSERT_EQ(link_.state(), LinkState::down);
    come_up();
    ASSERT_TRUE(link_.is_up());
    const TimeUs up_us = now_us_;
    while (!link_.is_settled() && now_us_ - up_us < from_ms(400'000))
      beats(1);
    EXPECT_NEAR(static_cast<double>(now_us_ - up_us) / 1000, static_cast<double>(hold_ms), 200);
  }
  EXPECT_EQ(link_.flaps(), 5U);
  beats(6000);  // flap_forget_ms
  pass(from_ms(4000));
  come_up();
  EXPECT_EQ(link_.flaps(), 1U);
  EXPECT_EQ(link_.hold_us(), from_ms(2000));
}

TEST_F(OneLink, IsNotSettledWhileItIsSilent) {
  come_up();
  beats(30);
  ASSERT_TRUE(link_.is_settled());
  pass(from_ms(1500));
  EXPECT_FALSE(link_.is_settled());
  beats(1);
  EXPECT_TRUE(link_.is_settled()) << "a short cut is no flap";
  EXPECT_EQ(link_.flaps(), 0U);
}

TEST_F(OneLink, StartsAgainWithThePeerAndThatIsNoFlap) {
  come_up();
  beats(40);
  changes_.clear();
  count(link_.restart(now_us_));
  EXPECT_EQ(changes_[Changes::kDown], 1);
  EXPECT_EQ(link_.state(), LinkState::down);
  EXPECT_EQ(link_.flaps(), 0U);
  EXPECT_EQ(link_.received(), 0U);
  EXPECT_FALSE(link_.is_two_way());
  EXPECT_TRUE(link_.is_reachable()) << "its frame just came";
  number_ = 0;
  peer_received_ = 0;
  peer_says_ = LinkState::down;
  beats(1);
  peer_says_ = LinkState::init;
  beats(1);
  EXPECT_TRUE(link_.is_up()) << "without clean beats: it did not flap";
  EXPECT_EQ(link_.lost_from_peer_ppm(), 0U);
}

TEST_F(OneLink, IsNotSuspectedForWhatHappenedBeforeItsOwnNodeWentOn) {
  come_up();
  beats(10);
  const TimeUs last_us = now_us_;
  now_us_ += from_ms(10'000);  // nobody judged anything
  patience_ = {.resumed_us = now_us_, .frozen_until_us = now_us_ + from_ms(20'000)};
  count(link_.expire(now_us_, patience_));
  EXPECT_TRUE(link_.is_reachable());
  EXPECT_TRUE(link_.is_up());
  EXPECT_EQ(link_.silent_since_us(), last_us);
  pass(from_ms(899));
  EXPECT_EQ(changes_[Changes::kSuspected], 0);
  pass(from_ms(1));
  EXPECT_EQ(changes_[Changes::kSuspected], 1) << "it had its chance";
  EXPECT_TRUE(link_.is_up()) << "frozen";
  pass(from_ms(19'099));
  EXPECT_TRUE(link_.is_up());
  pass(from_ms(1));
  EXPECT_EQ(link_.state(), LinkState::down);
}

TEST_F(OneLink, DoesNotComeBackToLifeByWhatWaitedInAQueue) {
  come_up();
  pass(from_ms(5000));
  ASSERT_FALSE(link_.is_reachable());
  const Beat beat = next_beat();
  count(link_.on_beat(beat, 0, now_us_ - from_ms(2000), now_us_));
  EXPECT_FALSE(link_.is_reachable());
  EXPECT_EQ(link_.silent_since_us(), now_us_ - from_ms(2000));
  count(link_.on_media(now_us_ - from_ms(1000), now_us_));
  EXPECT_FALSE(link_.is_reachable());
  count(link_.on_media(now_us_ - from_ms(500), now_us_));
  EXPECT_TRUE(link_.is_reachable());
}

}  // namespace
}  // namespace causeway::control::beat
