#include "control/verdict/arbiter.h"

#include <gtest/gtest.h>

namespace causeway::control::verdict::test {
namespace {

constexpr TimeUs kStart = from_ms(1000);
const Membership kFleet{{0, 0, 1, 2, 3}};  // the first site has two nodes

Arbiter arbiter(unsigned min_sites = 2) {
  return {kFleet, min_sites, kStart, true};
}

TEST(Arbiter, GivesItsTokenToOneSiteAtATime) {
  Arbiter it = arbiter();
  EXPECT_EQ(it.holder(kStart), kNoSite);
  EXPECT_EQ(it.ask(2, kStart), ArbiterAnswer::granted);
  EXPECT_EQ(it.holder(kStart), 1);
  const TimeUs later_us =
      kStart + Arbiter::kReportUs;  // the first one's report is forgotten, its lease is not
  EXPECT_EQ(it.ask(3, later_us), ArbiterAnswer::taken);
  it.release(3, later_us);  // not its own
  EXPECT_EQ(it.holder(later_us), 1);
  it.release(2, later_us);
  EXPECT_EQ(it.ask(3, later_us), ArbiterAnswer::granted);
}

TEST(Arbiter, TheTokenIsFreeWhenItsLeaseEnds) {
  Arbiter it = arbiter();
  EXPECT_EQ(it.ask(2, kStart), ArbiterAnswer::granted);
  EXPECT_EQ(it.ask(2, kStart + kTokenRenewUs), ArbiterAnswer::granted);
  const TimeUs end_us = kStart + kTokenRenewUs + kTokenLeaseUs;
  EXPECT_EQ(it.ask(3, end_us - 1), ArbiterAnswer::taken);
  EXPECT_EQ(it.ask(3, end_us), ArbiterAnswer::granted);
}

TEST(Arbiter, NodesOfOneSiteShareItAndTheLastOneReleasesIt) {
  Arbiter it = arbiter();
  EXPECT_EQ(it.ask(0, kStart), ArbiterAnswer::granted);
  EXPECT_EQ(it.ask(1, kStart), ArbiterAnswer::granted);
  it.release(0, kStart);
  EXPECT_EQ(it.holder(kStart), 0);
  it.release(0, kStart);
  EXPECT_EQ(it.holder(kStart), 0);
  it.release(1, kStart);
  EXPECT_EQ(it.holder(kStart), kNoSite);
}

TEST(Arbiter, TwoIslandedSitesAreACommonMode) {
  Arbiter it = arbiter();
  EXPECT_FALSE(it.report(0, kStart));
  EXPECT_FALSE(it.report(1, kStart));  // the same site
  EXPECT_TRUE(it.report(2, kStart));
  EXPECT_EQ(it.ask(0, kStart), ArbiterAnswer::common_mode);
  EXPECT_EQ(it.holder(kStart), kNoSite);
  EXPECT_TRUE(it.is_common_mode(kStart + Arbiter::kReportUs - 1));
  EXPECT_FALSE(it.is_common_mode(kStart + Arbiter::kReportUs));
  EXPECT_EQ(it.ask(0, kStart + Arbiter::kReportUs), ArbiterAnswer::granted);
}

TEST(Arbiter, AHolderIsRefusedOnceAnotherSiteIsIslanded) {
  Arbiter it = arbiter();
  EXPECT_EQ(it.ask(2, kStart), ArbiterAnswer::granted);
  EXPECT_TRUE(it.report(3, kStart + 1));
  EXPECT_EQ(it.ask(2, kStart + 2), ArbiterAnswer::common_mode);
}

TEST(Arbiter, NeverTheLastTwoSites) {
  for (const unsigned min_sites : {2U, 3U, 4U}) {
    Arbiter it = arbiter(min_sites);
    EXPECT_EQ(it.ask(0, kStart), min_sites <= 3 ? ArbiterAnswer::granted : ArbiterAnswer::too_few_sites);
  }
  Arbiter two({{0, 1}}, 2, kStart, true);
  EXPECT_EQ(two.ask(0, kStart), ArbiterAnswer::too_few_sites);
}

TEST(Arbiter, AfterARestartItWaitsForTokensThatItMayHaveForgotten) {
  Arbiter it(kFleet, 2, kStart);
  EXPECT_EQ(it.ask(2, kStart + kTokenLeaseUs - 1), ArbiterAnswer::just_started);
  EXPECT_EQ(it.ask(2, kStart + kTokenLeaseUs), ArbiterAnswer::granted);
}

TEST(Arbiter, StrangersAndClocksThatStepBackChangeNothing) {
  Arbiter it = arbiter();
  EXPECT_EQ(it.ask(200, kStart), ArbiterAnswer::unknown_node);
  EXPECT_EQ(it.ask(kNoNode, kStart), ArbiterAnswer::unknown_node);
  EXPECT_FALSE(it.report(5, kStart));
  it.release(77, kStart);
  EXPECT_EQ(it.ask(2, kStart + kTokenLeaseUs), ArbiterAnswer::granted);
  EXPECT_EQ(it.ask(2, kStart), ArbiterAnswer::granted);
  EXPECT_EQ(it.holder(kStart + kTokenLeaseUs), 1);
  for (const ArbiterAnswer answer : {ArbiterAnswer::granted, ArbiterAnswer::common_mode, ArbiterAnswer::taken,
                                     ArbiterAnswer::too_few_sites, ArbiterAnswer::just_started})
    EXPECT_NE(name(answer), name(ArbiterAnswer::unknown_node));
}

}  // namespace
}  // namespace causeway::control::verdict::test
