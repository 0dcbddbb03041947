#include "control/session/state.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/control/session/world.h"

namespace causeway::control::session {
namespace {

using test::leg;
using test::track;
using test::transport;
using Ids = std::vector<std::string>;

// Two transports, a track of the first, the second subscribed to it.
State usual() {
  State state(test::node());
  EXPECT_TRUE(state.put_transport(transport("a", 5000)).changed);
  EXPECT_TRUE(state.put_transport(transport("b", 5001)).changed);
  EXPECT_TRUE(state.publish(track("t", "a", 1)).changed);
  EXPECT_TRUE(state.subscribe(leg("l", "t", "b", 7)).changed);
  return state;
}

TEST(State, AskingTwiceChangesNothing) {
  State state = usual();
  ASSERT_TRUE(state.describe({.id = "far", .layers = {"high", "low"}}).changed);
  const std::uint64_t version = state.version();
  for (const Outcome& again :
       {state.put_transport(transport("a", 5000)), state.publish(track("t", "a", 1)),
        state.subscribe(leg("l", "t", "b", 7)), state.describe({.id = "far", .layers = {"low", "high"}}),
        state.remove_transport("none"), state.unpublish("none"), state.unsubscribe("none"),
        state.forget("none"), state.unpublish("far"), state.forget("t")}) {
    EXPECT_TRUE(again.ok()) << again.text;
    EXPECT_FALSE(again.changed);
    EXPECT_TRUE(again.tracks.empty());
  }
  EXPECT_EQ(state.version(), version);
}

TEST(State, WhereAWishWasWrittenIsNoDifference) {
  State state = usual();
  config::Leg same = leg("l", "t", "b", 7);
  same.where = {7, 12};
  EXPECT_FALSE(state.subscribe(same).changed);
  config::Transport moved = transport("a", 5000);
  moved.where = {1, 1};
  EXPECT_FALSE(state.put_transport(moved).changed);
}

TEST(State, EachChangeIsAVersion) {
  State state = usual();
  EXPECT_EQ(state.version(), 4U);
  EXPECT_TRUE(state.unsubscribe("l").changed);
  EXPECT_TRUE(state.unpublish("t").changed);
  EXPECT_EQ(state.version(), 6U);
}

TEST(State, AConditionOnTheVersionHoldsOrNothingIsDone) {
  State state = usual();
  EXPECT_EQ(state.unsubscribe("l", 3).refusal, Refusal::version);
  EXPECT_NE(state.subscription("l"), nullptr);
  EXPECT_TRUE(state.unsubscribe("l", 4).changed);
  EXPECT_EQ(state.subscribe(leg("l", "t", "b", 7), 4).refusal, Refusal::version);
  EXPECT_TRUE(state.subscribe(leg("l", "t", "b", 7), 5).changed);
}

TEST(State, ARemovedTransportTakesItsTracksAndItsSubscriptionsAlong) {
  State state = usual();
  ASSERT_TRUE(state.publish(track("u", "b", 1)).ok());
  ASSERT_TRUE(state.subscribe(leg("m", "u", "a", 8)).ok());
  EXPECT_EQ(state.remove_transport("b").tracks, (Ids{"t", "u"}));
  EXPECT_EQ(state.subscription("l"), nullptr);
  EXPECT_NE(state.subscription("m"), nullptr) << "whom it is sent to is still there, and waits";
  EXPECT_FALSE(state.track("u")->published);
  EXPECT_TRUE(state.track("t")->published);
}

TEST(State, WhatIsUnpublishedKeepsItsSubscriptions) {
  State state = usual();
  EXPECT_EQ(state.unpublish("t").tracks, Ids{"t"});
  ASSERT_NE(state.track("t"), nullptr);
  EXPECT_EQ(state.track("t")->shape(), nullptr);
  EXPECT_EQ(state.track("t")->subscriptions.size(), 1U);
  EXPECT_EQ(*state.track_id(track_key("t")), "t");
}

TEST(State, NothingStaysOfATrackThatNobodyMentions) {
  State state = usual();
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}}).changed);
  EXPECT_TRUE(state.unpublish("t").changed);
  EXPECT_TRUE(state.unsubscribe("l").changed);
  EXPECT_NE(state.track("t"), nullptr);
  EXPECT_TRUE(state.forget("t").changed);
  EXPECT_EQ(state.track("t"), nullptr);
  EXPECT_EQ(state.track_id(track_key("t")), nullptr);
}

TEST(State, APublisherMayMoveAndTakeOtherSsrcs) {
  State state = usual();
  ASSERT_TRUE(state.put_transport(transport("c", 5002)).ok());
  EXPECT_EQ(state.publish(track("t", "c", 9)).tracks, Ids{"t"});
  EXPECT_TRUE(state.publish(track("other", "a", 1)).ok()) << "SSRC 1 is free on a again";
  EXPECT_EQ(state.publish(track("third", "c", 9)).refusal, Refusal::in_use);
  EXPECT_EQ((*state.track("t")->published)->transport, "c");
}

TEST(State, ASubscriptionMayTurnToAnotherTrackAndTransport) {
  State state = usual();
  ASSERT_TRUE(state.put_transport(transport("c", 5002)).ok());
  EXPECT_EQ(state.subscribe(leg("l", "u", "c", 7)).tracks, (Ids{"t", "u"}));
  EXPECT_TRUE(state.track("t")->subscriptions.empty());
  EXPECT_TRUE(state.subscribe(leg("m", "t", "b", 7)).ok()) << "SSRC 7 is free on b again";
}

TEST(State, ATransportMayTakeEndpointsAndKeysThatAreNoLongerInUse) {
  State state(test::node());
  config::Transport a = transport("a", 5000);
  a.send = test::crypto(1);
  ASSERT_TRUE(state.put_transport(a).ok());
  config::Transport moved = a;
  moved.remote.port = 5009;
  moved.send = test::crypto(2);
  ASSERT_TRUE(state.put_transport(moved).ok());
  config::Transport b = transport("b", 5000);
  b.send = test::crypto(1);
  EXPECT_TRUE(state.put_transport(b).ok());
  EXPECT_TRUE(state.put_transport(moved).ok());
}

TEST(State, SeveralRemotesMaySendUnderOneKey) {
  State state(test::node());
  for (std::uint16_t i = 0; i < 3; ++i) {
    config::Transport one = transport("t" + std::to_string(i), 5000 + i);
    one.receive = test::crypto(1);
    EXPECT_TRUE(state.put_transport(one).ok());
  }
  EXPECT_TRUE(state.remove_transport("t0").changed);
  config::Transport sender = transport("s", 6000);
  sender.send = test::crypto(1);
  EXPECT_EQ(state.put_transport(sender).refusal, Refusal::in_use);
}

TEST(State, LimitsAreThoseOfTheConfigurationAndChangesNeedNoRoom) {
  State state(test::node(2, 1, 1));
  ASSERT_TRUE(state.put_transport(transport("a", 5000)).ok());
  ASSERT_TRUE(state.put_transport(transport("b", 5001)).ok());
  EXPECT_EQ(state.put_transport(transport("c", 5002)).refusal, Refusal::full);
  EXPECT_TRUE(state.put_transport(transport("b", 5003)).changed);
  ASSERT_TRUE(state.publish(track("t", "a", 1)).ok());
  EXPECT_EQ(state.publish(track("u", "a", 2)).refusal, Refusal::full);
  EXPECT_TRUE(state.publish(track("t", "a", 3)).changed);
  ASSERT_TRUE(state.describe({.id = "x", .layers = {"main"}}).ok());
  EXPECT_EQ(state.describe({.id = "y", .layers = {"main"}}).refusal, Refusal::full);
  EXPECT_TRUE(state.describe({.id = "x", .layers = {"low"}}).changed);
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 1)).ok());
  EXPECT_EQ(state.subscribe(leg("m", "t", "b", 2)).refusal, Refusal::full);
  EXPECT_TRUE(state.subscribe(leg("l", "t", "b", 2)).changed);
  for (int i = 0; i < 3; ++i) {  // what is removed makes room, each time
    ASSERT_TRUE(state.unpublish("t").ok() && state.forget("x").ok() && state.unsubscribe("l").ok());
    ASSERT_TRUE(state.publish(track("u", "a", 1)).ok() &&
                state.describe({.id = "y", .layers = {"main"}}).ok());
    ASSERT_TRUE(state.unpublish("u").ok() && state.forget("y").ok());
    ASSERT_TRUE(state.publish(track("t", "a", 1)).ok() &&
                state.describe({.id = "x", .layers = {"main"}}).ok());
    ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 1)).ok());
  }
}

TEST(State, ACopyIsAValueOfItsOwn) {
  const State before = usual();
  State after = before;
  ASSERT_TRUE(after.remove_transport("a").changed);
  config::Transport again = transport("c", 5000);
  EXPECT_TRUE(after.put_transport(again).ok());
  EXPECT_NE(before.transport("a"), nullptr);
  EXPECT_TRUE(before.track("t")->published);
  EXPECT_EQ(before.version(), 4U);
}

TEST(RelaySsrc, IsAFunctionOfTheNamesAndNeverZero) {
  const TrackKey key = track_key("camera");
  EXPECT_EQ(relay_ssrc(key, "main"), relay_ssrc(track_key("camera"), "main"));
  EXPECT_NE(relay_ssrc(key, "main"), relay_ssrc(key, "low"));
  EXPECT_NE(relay_ssrc(key, "main"), relay_ssrc(track_key("camera2"), "main"));
  std::set<std::uint32_t> all;
  for (int i = 0; i < 20000; ++i)
    all.insert(relay_ssrc(track_key("track-" + std::to_string(i)), "main"));
  EXPECT_EQ(all.size(), 20000U);
  EXPECT_FALSE(all.contains(0));
}

TEST(RelaySsrc, OfTwoThatWouldShareOneTheLowerKeyHasIt) {
  State state(test::node());
  const auto may = [&state](const std::string& id) { return state.may_relay(*state.track(id)); };
  ASSERT_TRUE(state.describe({.id = test::kSecondOfPair, .layers = {"main"}}).ok());
  EXPECT_TRUE(may(test::kSecondOfPair));
  EXPECT_EQ(state.describe({.id = test::kFirstOfPair, .layers = {"main"}}).tracks,
            (Ids{test::kFirstOfPair, test::kSecondOfPair}))
      << "the other one's plan is another now";
  EXPECT_TRUE(may(test::kFirstOfPair));
  EXPECT_FALSE(may(test::kSecondOfPair));
  EXPECT_EQ(state.forget(test::kFirstOfPair).tracks, (Ids{test::kFirstOfPair, test::kSecondOfPair}));
  EXPECT_TRUE(may(test::kSecondOfPair));
}

TEST(RelaySsrc, TwoLayersOfOneTrackThatWouldShareOneAreNotRelayed) {
  State state(test::node());
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"l155095", "l171823"}}).ok());
  EXPECT_FALSE(state.may_relay(*state.track("t")));
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"l155095"}}).ok());
  EXPECT_TRUE(state.may_relay(*state.track("t")));
  EXPECT_TRUE(state.forget("t").changed);
}

}  // namespace
}  // namespace causeway::control::session
