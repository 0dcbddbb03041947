#include "control/verdict/drain.h"

#include <vector>

#include <gtest/gtest.h>

namespace causeway::control::verdict::test {
namespace {

constexpr TimeUs kStart = from_ms(5'000'000);

struct Site {
  explicit Site(config::Isolation isolation = {}, bool has_arbiter = true)
      : fleet(Membership{{0, 1, 2}}),
        words(fleet, {"us", "fr", "de"}, 0),
        drain(isolation, has_arbiter, words) {
    input.islanded = true;
    input.room = {.sites = 2, .spare_percent = 100, .needed_percent = 30};
  }
  // A turn each 100 ms. Returns in how many of them a token was asked for.
  int run(int for_ms) {
    int asked = 0;
    released = 0;
    for (const TimeUs end_us = now_us + from_ms(static_cast<unsigned>(for_ms)); now_us < end_us;) {
      now_us += from_ms(100);
      Output output{journal};
      drain.turn(input, now_us, output);
      asked += output.ask_token;
      released += output.release_token;
      if (output.ask_token) asked_us.push_back(now_us);
    }
    return asked;
  }
  void answer(bool granted) {
    drain.on_token(granted);
    EXPECT_LE(drain.next_due_us(), now_us);
    run(100);
  }

  Fleet fleet;
  Words words;
  Drain drain;
  DrainInput input;
  TimeUs now_us = kStart;
  Journal journal;
  int released = 0;
  std::vector<TimeUs> asked_us;
};

TEST(Drain, AsksAgainAfterAWaitThatGrows) {
  Site site;
  ASSERT_EQ(site.run(60000), 0);
  for (int i = 0; i < 3000 && site.asked_us.size() < 7; ++i) {
    if (site.run(100) > 0) site.answer(false);
  }
  ASSERT_EQ(site.asked_us.size(), 7U);
  std::vector<TimeUs> waits;
  for (std::size_t i = 1; i < site.asked_us.size(); ++i)
    waits.push_back((site.asked_us[i] - site.asked_us[i - 1]) / 1'000'000);
  EXPECT_EQ(waits, (std::vector<TimeUs>{5, 10, 20, 40, 60, 60}));
  EXPECT_EQ(site.drain.counts().refused, 7U);
  EXPECT_EQ(site.drain.state(), DrainState::soft);
}

TEST(Drain, AGrantThatNobodyAskedForIsGivenBack) {
  Site site;
  site.run(20000);
  ASSERT_EQ(site.drain.state(), DrainState::soft);
  site.answer(true);
  EXPECT_EQ(site.drain.state(), DrainState::soft);
  EXPECT_EQ(site.released, 1);
}

TEST(Drain, AGrantThatComesTooLateIsGivenBack) {
  Site site;
  site.run(60100);
  ASSERT_EQ(site.drain.counts().asked, 1U);
  site.run(30000);
  site.answer(true);
  EXPECT_EQ(site.drain.state(), DrainState::soft);
  EXPECT_EQ(site.released, 1);
  EXPECT_EQ(site.run(5100), 1);  // and asked for again soon
  site.answer(true);
  EXPECT_EQ(site.drain.state(), DrainState::hard);
}

TEST(Drain, AGrantAfterTheRecoveryIsGivenBack) {
  Site site;
  ASSERT_EQ(site.run(60100), 1);
  site.input.islanded = false;
  site.input.hears_others = true;
  site.run(600);
  EXPECT_EQ(site.drain.state(), DrainState::none);
  EXPECT_EQ(site.released, 1);  // the question is still under way
  site.answer(true);
  EXPECT_EQ(site.drain.state(), DrainState::none);
  EXPECT_EQ(site.released, 1);
}

TEST(Drain, AGrantWhileTheLimitsNoLongerHoldIsGivenBack) {
  Site site;
  ASSERT_EQ(site.run(60100), 1);
  site.input.room.sites = 1;
  site.answer(true);
  EXPECT_EQ(site.drain.state(), DrainState::soft);
  EXPECT_EQ(site.released, 1);
}

TEST(Drain, ARefusedRenewalMakesItSoftAgain) {
  Site site;
  site.run(60100);
  site.answer(true);
  ASSERT_EQ(site.drain.state(), DrainState::hard);
  ASSERT_EQ(site.run(10000), 1);
  site.answer(false);
  EXPECT_EQ(site.drain.state(), DrainState::soft);
  EXPECT_EQ(site.drain.quota(1000, site.now_us), 0U);
}

TEST(Drain, AGrantThatWasUnderWayWhenTheTokenWasGivenUpIsVoid) {
  Site site;
  site.run(60100);
  site.answer(true);
  ASSERT_EQ(site.drain.state(), DrainState::hard);
  site.run(29900);  // two renewals that nobody answers
  ASSERT_EQ(site.drain.state(), DrainState::soft);
  EXPECT_EQ(site.run(5000), 0);
  site.answer(true);
  EXPECT_EQ(site.drain.state(), DrainState::soft);
  EXPECT_EQ(site.released, 1);
  EXPECT_EQ(site.run(5000), 1);
  site.answer(true);
  EXPECT_EQ(site.drain.state(), DrainState::hard);
}

TEST(Drain, ItsTurnsAreDueWhenSomethingHappens) {
  Site site;
  site.run(100);
  EXPECT_EQ(site.drain.next_due_us(), kStart + from_ms(15100));
  site.run(15000);
  EXPECT_EQ(site.drain.next_due_us(), kStart + from_ms(60100));
  site.run(45000);
  site.answer(true);
  EXPECT_EQ(site.drain.next_due_us(), kStart + from_ms(70100));  // the renewal
  site.input.islanded = false;
  site.input.hears_others = true;
  site.run(100);
  EXPECT_EQ(site.drain.next_due_us(), site.now_us + from_ms(500));
  site.run(500);
  EXPECT_EQ(site.drain.next_due_us(), kNever);
}

TEST(Drain, TurnsThatBringNothingAreNotDueAgainAtOnce) {
  Site limited;
  limited.input.room.sites = 1;
  limited.run(100000);
  EXPECT_GT(limited.drain.next_due_us(), limited.now_us);
  config::Isolation shadow;
  shadow.shadow = true;
  Site watching(shadow);
  watching.run(100000);
  EXPECT_GT(watching.drain.next_due_us(), watching.now_us);
  Site alone({}, false);
  alone.run(100000);
  EXPECT_GT(alone.drain.next_due_us(), alone.now_us);
}

// ---- quota

// Of any second, whatever the rhythm: the sum of what was given.
std::uint64_t most_in_a_second(Quota& quota, std::uint64_t sessions, TimeUs step_us, std::uint64_t& all) {
  struct Given {
    TimeUs at_us;
    std::uint64_t sessions;
  };
  std::vector<Given> given;
  std::uint64_t most = 0;
  all = 0;
  for (TimeUs now_us = kStart; now_us < kStart + from_ms(10000); now_us += step_us) {
    given.push_back({now_us, quota.take(sessions, now_us)});
    all += given.back().sessions;
    std::uint64_t sum = 0;
    std::erase_if(given, [&](const Given& each) { return each.sessions == 0; });
    for (const Given& each : given) {
      if (now_us - each.at_us < Quota::kSecondUs) sum += each.sessions;
    }
    most = std::max(most, sum);
  }
  return most;
}

TEST(Quota, NoSecondSeesMoreThanItsShare) {
  for (const std::uint64_t sessions : {50U, 99U, 120U, 1000U, 54321U}) {
    for (const TimeUs step_us : {1000, 7001, 62500, 100000, 333000, 1000000, 2500000}) {
      Quota quota(2);
      std::uint64_t all = 0;
      EXPECT_LE(most_in_a_second(quota, sessions, step_us, all), sessions * 2 / 100)
          << sessions << ' ' << step_us;
      const bool is_often = step_us <= 1000000;
      EXPECT_GE(all, is_often ? sessions * 2 / 100 * 8 : 1) << sessions << ' ' << step_us;
    }
  }
}

TEST(Quota, SharesBelowOneSessionTakeTheirTime) {
  Quota quota(2);
  EXPECT_EQ(quota.take(10, kStart), 1U);  // 0.2 a second
  EXPECT_EQ(quota.take(10, kStart + from_ms(5000)), 0U);
  EXPECT_EQ(quota.take(10, kStart + from_ms(5001)), 1U);
  EXPECT_EQ(quota.take(0, kStart + from_ms(60000)), 0U);
  EXPECT_LE(Quota(100).take(~std::uint64_t{0}, kStart), 1'000'000'000U);
}

TEST(Drain, MovesNobodyUnlessItIsHardAndIslanded) {
  Site site;
  EXPECT_EQ(site.drain.quota(1000, site.now_us), 0U);
  site.run(60100);
  EXPECT_EQ(site.drain.quota(1000, site.now_us), 0U);
  site.answer(true);
  EXPECT_EQ(site.drain.quota(1000, site.now_us), 20U);
  site.run(2000);
  site.input.islanded = false;  // a stall of the node
  site.run(100);
  EXPECT_EQ(site.drain.state(), DrainState::hard);
  EXPECT_EQ(site.drain.quota(1000, site.now_us), 0U);
}

}  // namespace
}  // namespace causeway::control::verdict::test
