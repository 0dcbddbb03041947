#include "control/beat/probes.h"

#include <set>

#include <gtest/gtest.h>

namespace causeway::control::beat {
namespace {

constexpr std::uint32_t kNonce = 0x1234;

NodeSet set_of(std::initializer_list<NodeId> nodes) {
  NodeSet set;
  for (const NodeId node : nodes)
    set.insert(node);
  return set;
}

// A question to nodes 2, 3 and 4 about node 1.
class AskedThree : public ::testing::Test {
 protected:
  AskedThree() { inquiry_.begin(kNonce, set_of({2, 3, 4}), 0); }
  bool reply(NodeId from, ProbeAnswer answer, std::uint32_t nonce = kNonce) {
    bool used = false;
    inquiry_.on_reply(from, {1, nonce, answer}, used);
    return used;
  }
  Inquiry inquiry_;
};

TEST_F(AskedThree, OneAnswerOfLifeOutweighsAllSilence) {
  EXPECT_TRUE(reply(2, ProbeAnswer::silent));
  EXPECT_TRUE(reply(3, ProbeAnswer::silent));
  EXPECT_EQ(inquiry_.result(), ProbeResult::none) << "the third may know better";
  EXPECT_TRUE(reply(4, ProbeAnswer::alive));
  EXPECT_EQ(inquiry_.result(), ProbeResult::alive) << "at once";
  inquiry_.conclude();
  EXPECT_EQ(inquiry_.result(), ProbeResult::alive);
}

TEST_F(AskedThree, OneSilentAnswerIsEnoughWhenTheTimeIsOver) {
  reply(3, ProbeAnswer::silent);
  EXPECT_EQ(inquiry_.result(), ProbeResult::none);
  EXPECT_TRUE(inquiry_.conclude());
  EXPECT_EQ(inquiry_.result(), ProbeResult::silent);
}

TEST_F(AskedThree, NoAnswerAtAllIsNoAnswer) {
  EXPECT_TRUE(inquiry_.conclude());
  EXPECT_EQ(inquiry_.result(), ProbeResult::unanswered);
}

TEST_F(AskedThree, ForgedAnswersDoNotCount) {
  EXPECT_FALSE(reply(2, ProbeAnswer::alive, kNonce + 1)) << "unknown nonce";
  EXPECT_FALSE(reply(2, ProbeAnswer::alive, 0)) << "the nonce of no round";
  EXPECT_FALSE(reply(5, ProbeAnswer::alive)) << "was not asked";
  EXPECT_FALSE(reply(1, ProbeAnswer::alive)) << "the one it is about";
  EXPECT_TRUE(reply(2, ProbeAnswer::silent));
  EXPECT_FALSE(reply(2, ProbeAnswer::alive)) << "answered already";
  inquiry_.conclude();
  EXPECT_EQ(inquiry_.result(), ProbeResult::silent);
}

TEST_F(AskedThree, ALateAnswerShowsThatWeAreNotCutOff) {
  inquiry_.conclude();
  EXPECT_TRUE(reply(2, ProbeAnswer::silent));
  EXPECT_EQ(inquiry_.result(), ProbeResult::silent);
  EXPECT_TRUE(reply(3, ProbeAnswer::alive));
  EXPECT_EQ(inquiry_.result(), ProbeResult::alive);
}

TEST_F(AskedThree, AnAnswerMayComeOneRoundLateAndNoMore) {
  inquiry_.conclude();
  inquiry_.begin(kNonce + 1, set_of({3}), from_ms(1000));
  EXPECT_EQ(inquiry_.result(), ProbeResult::unanswered) << "until there is something better";
  EXPECT_TRUE(reply(2, ProbeAnswer::silent)) << "of the round before";
  EXPECT_FALSE(reply(2, ProbeAnswer::silent, kNonce + 1)) << "not asked in this round";
  inquiry_.conclude();
  EXPECT_EQ(inquiry_.result(), ProbeResult::silent);
  inquiry_.begin(kNonce + 2, set_of({3}), from_ms(2000));
  EXPECT_FALSE(reply(4, ProbeAnswer::alive)) << "two rounds ago";
}

TEST_F(AskedThree, NothingIsConcludedOfARoundThatWasAbandoned) {
  reply(2, ProbeAnswer::silent);
  inquiry_.abandon();
  EXPECT_FALSE(inquiry_.is_open());
  EXPECT_EQ(inquiry_.result(), ProbeResult::none);
}

TEST_F(AskedThree, IsForgottenWhenThePeerIsHeard) {
  reply(2, ProbeAnswer::alive);
  inquiry_.reset();
  EXPECT_EQ(inquiry_.result(), ProbeResult::none);
  EXPECT_FALSE(reply(3, ProbeAnswer::silent));
}

TEST(ProbeTimers, AskSoThatAnswersAreThereInTime) {
  const ProbeTimers timers{config::Heartbeat{}};
  Inquiry inquiry;
  const TimeUs since_us = from_ms(50'000);
  EXPECT_EQ(inquiry.due_us(timers, since_us, 0), since_us + from_ms(2400));
  EXPECT_EQ(inquiry.due_us(timers, since_us, from_ms(60'000)), from_ms(60'000)) << "not in start-up";
  inquiry.begin(1, {}, since_us + from_ms(2400));
  EXPECT_EQ(inquiry.due_us(timers, since_us, 0), since_us + from_ms(3100));
  inquiry.conclude();
  EXPECT_EQ(inquiry.due_us(timers, since_us, 0), since_us + from_ms(3400)) << "again each second";
  inquiry.begin(2, {}, from_ms(70'000));
  EXPECT_EQ(inquiry.due_us(timers, since_us, 0), from_ms(70'600));

  config::Heartbeat odd;
  odd.down_ms = 100;  // less than a helper needs
  EXPECT_EQ(ProbeTimers(odd).ask_us, from_ms(odd.suspect_ms));
}

TEST(ChooseHelpers, AsksSitesThatAreNeitherSides) {
  // Sites 0 (us, node 0 and 1), 1 (the target's, 2 and 3), and 2 to 4 with two nodes each.
  Membership membership;
  for (SiteId site = 0; site < 5; ++site)
    membership.site_of.insert(membership.site_of.end(), 2, site);
  NodeSet all;
  for (NodeId node = 0; node < 10; ++node)
    all.insert(node);
  std::set<std::array<std::uint64_t, 2>> different;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    const NodeSet three = choose_helpers(all, membership, 0, 2, 3, random);
    EXPECT_EQ(three.size(), 3);
    for (SiteId site = 2; site < 5; ++site)
      EXPECT_EQ((three & membership.nodes_of(site)).size(), 1) << "one of each site, seed " << seed;
    different.insert(three.words());
    const NodeSet five = choose_helpers(all, membership, 0, 2, 5, random);
    EXPECT_EQ(five.size(), 5);
    EXPECT_TRUE((five & (membership.nodes_of(0) | membership.nodes_of(1))).empty());
    const NodeSet many = choose_helpers(all, membership, 0, 2, 16, random);
    EXPECT_EQ(many.size(), 8) << "all but the two themselves";
    EXPECT_FALSE(many.contains(0) || many.contains(2));
  }
  EXPECT_EQ(different.size(), 8U) << "chosen at random";
}

TEST(ChooseHelpers, MakesDoWithWhoIsThere) {
  const Membership membership{{0, 0, 1, 1}};
  Random random(1);
  EXPECT_EQ(choose_helpers(set_of({1, 3}), membership, 0, 2, 3, random), set_of({1, 3}));
  EXPECT_TRUE(choose_helpers({}, membership, 0, 2, 3, random).empty());
  EXPECT_TRUE(choose_helpers(set_of({0, 2, 100}), membership, 0, 2, 3, random).empty());
}

TEST(HelpDesk, ServesTwoQuestionsOfEachRequester) {
  HelpDesk desk(4);
  EXPECT_EQ(desk.next_due_us(), kNever);
  EXPECT_TRUE(desk.has_room(1, {3, 10}));
  desk.add({1, {3, 10}, 5, 0, 400});
  EXPECT_FALSE(desk.has_room(1, {3, 10})) << "the same again";
  EXPECT_TRUE(desk.has_room(1, {3, 11}));
  desk.add({1, {3, 11}, 6, 100, 500});
  EXPECT_FALSE(desk.has_room(1, {2, 12}));
  EXPECT_TRUE(desk.has_room(2, {3, 10})) << "somebody else's";
  EXPECT_TRUE(desk.is_awaited(3));
  EXPECT_FALSE(desk.is_awaited(2));
  EXPECT_EQ(desk.next_due_us(), 400);
  int ended = 0;
  desk.settle([](const HelpDesk::Task& task) { return task.ends_us <= 400; },
              [&](const HelpDesk::Task& task) { ended += task.request.nonce == 10 ? 1 : 100; });
  EXPECT_EQ(ended, 1);
  EXPECT_TRUE(desk.is_awaited(3));
  desk.clear();
  EXPECT_TRUE(desk.empty());
  EXPECT_FALSE(desk.is_awaited(3));
}

}  // namespace
}  // namespace causeway::control::beat
