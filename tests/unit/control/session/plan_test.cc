#include "control/session/plan.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "control/session/delta.h"
#include "tests/unit/control/session/world.h"

namespace causeway::control::session {
namespace {

using test::leg;
using test::track;
using test::transport;

constexpr NodeId kParis = 0;
constexpr NodeId kOslo = 1;
constexpr NodeId kLima = 2;
constexpr Label kLabel{.stamp = 7, .origin = kParis, .depth = 1};

RelayView taken_from(NodeId upstream) {
  RelayView view;
  view.label = kLabel;
  view.active = Edge{.upstream = upstream, .fed = true, .acknowledged = true};
  return view;
}

class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    for (const auto& [name, port] : {std::pair("a", 5000), std::pair("b", 5001)})
      EXPECT_TRUE(state.put_transport(transport(name, static_cast<std::uint16_t>(port))).ok());
  }

  Plan made(const Desired& standing = {}) const { return plan(state, relays, peers, standing); }

  static std::vector<std::string> legs(const Plan& made, const std::string& id) {
    std::vector<std::string> names;
    const auto at = made.desired.tracks.find(id);
    if (at == made.desired.tracks.end()) return {"no track"};
    for (const LegEntry& one : at->second.legs)
      names.push_back(one.leg->name);
    return names;
  }

  State state{test::node()};
  Relays relays;
  Peers peers = test::all_peers();
};

using Names = std::vector<std::string>;

TEST_F(PlanTest, WhatIsPublishedAndSubscribedHereIsATrackWithALeg) {
  ASSERT_TRUE(state.publish(track("t", "a", 5)).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  const Plan all = made();
  EXPECT_EQ(all.desired.transports.size(), 2U);
  const TrackEntry& entry = all.desired.tracks.at("t");
  EXPECT_TRUE(entry.is_local());
  EXPECT_EQ(entry.track->layers.at(0).ssrc, 5U);
  EXPECT_EQ(entry.relay, RelayEntry{});
  EXPECT_EQ(legs(all, "t"), Names{"l"});
  EXPECT_TRUE(all.waiting.empty());
}

TEST_F(PlanTest, ASubscriptionWaitsForItsRelayAndComesByItself) {
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}, .priority = Priority::high}).ok());
  const TrackKey key = track_key("t");
  const Plan before = made();
  EXPECT_TRUE(before.desired.tracks.empty());
  EXPECT_EQ(before.waiting, (std::vector<Waiting>{{key, "t", "l", kNoNode, Lack::upstream}}));
  EXPECT_EQ(
      text(before.waiting[0]),
      "subscription 'l' of track 't' waits: the track is neither published here nor relayed yet; publish "
      "it on any node that is reached");

  relays[key] = taken_from(kOslo);
  const Plan after = made();
  EXPECT_TRUE(after.waiting.empty());
  const TrackEntry& entry = after.desired.tracks.at("t");
  EXPECT_FALSE(entry.is_local());
  EXPECT_EQ(entry.track->priority, Priority::high);
  EXPECT_EQ(entry.track->layers.at(0).ssrc, relay_ssrc(key, "main"));
  EXPECT_EQ(entry.relay.accept, (std::map<NodeId, std::string>{{kOslo, "node:oslo"}}));
  EXPECT_EQ(entry.relay.active, kOslo);
  EXPECT_EQ(entry.relay.label, kLabel);
  EXPECT_EQ(legs(after, "t"), Names{"l"});
}

TEST_F(PlanTest, MediaOfAPendingUpstreamIsAcceptedAndNotForwarded) {
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}}).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  RelayView& view = relays[track_key("t")];
  view.label = kLabel;
  view.pending = Edge{.upstream = kOslo};
  const Plan asked = made();
  EXPECT_EQ(asked.desired.tracks.at("t").relay.accept.size(), 1U);
  EXPECT_EQ(asked.desired.tracks.at("t").relay.active, kNoNode);
  EXPECT_EQ(legs(asked, "t"), Names{});
  view = taken_from(kLima);
  view.pending = Edge{.upstream = kOslo};
  const RelayEntry both = made().desired.tracks.at("t").relay;
  EXPECT_EQ(both.accept, (std::map<NodeId, std::string>{{kOslo, "node:oslo"}, {kLima, "node:lima"}}));
  EXPECT_EQ(both.active, kLima);
}

TEST_F(PlanTest, ALegStaysWhenItsUpstreamIsLostAndANewOneWaits) {
  const TrackKey key = track_key("t");
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}}).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  relays[key] = taken_from(kOslo);
  Desired standing = made().desired;
  relays[key] = {};
  ASSERT_TRUE(state.subscribe(leg("m", "t", "b", 10)).ok());
  const Plan starved = made(standing);
  EXPECT_EQ(legs(starved, "t"), Names{"l"});
  EXPECT_EQ(starved.desired.tracks.at("t").relay, RelayEntry{});
  EXPECT_EQ(starved.waiting, (std::vector<Waiting>{{key, "t", "m", kNoNode, Lack::upstream}}));
  EXPECT_EQ(made(starved.desired), starved);
  ASSERT_TRUE(state.unsubscribe("l").ok());
  EXPECT_EQ(legs(made(starved.desired), "t"), Names{"no track"});
}

TEST_F(PlanTest, ALegDoesNotStayUnderAnotherSsrcOrOfAnotherShape) {
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}}).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  relays[track_key("t")] = taken_from(kOslo);
  const Desired standing = made().desired;
  relays.clear();
  State other = state;
  ASSERT_TRUE(other.subscribe(leg("l", "t", "b", 10)).ok());
  EXPECT_TRUE(plan(other, relays, peers, standing).desired.tracks.empty());
  other = state;
  ASSERT_TRUE(other.describe({.id = "t", .layers = {"low"}}).ok());
  EXPECT_TRUE(plan(other, relays, peers, standing).desired.tracks.empty());
}

TEST_F(PlanTest, LegsToPeersHaveOneForEachLayerUnderTheRelaysSsrcs) {
  config::Track two = track("t", "a", 5, "low");
  two.layers.push_back({.name = "high", .ssrc = 6});
  ASSERT_TRUE(state.publish(two).ok());
  const TrackKey key = track_key("t");
  relays[key] = {.is_origin = true, .label = {3, kLima, 0}, .legs = {kOslo, kParis, kOslo}};
  const Plan all = made();
  EXPECT_EQ(legs(all, "t"), (Names{"relay:t/high->node:oslo", "relay:t/high->node:paris",
                                   "relay:t/low->node:oslo", "relay:t/low->node:paris"}));
  const LegEntry& first = *all.desired.tracks.at("t").legs.begin();
  EXPECT_EQ(first.peer, kOslo);
  EXPECT_EQ(first.leg->layer, "high");
  EXPECT_EQ(first.leg->transport, "node:oslo");
  EXPECT_EQ(first.leg->ssrc, relay_ssrc(key, "high"));
  EXPECT_EQ(all.desired.tracks.at("t").relay.label, (Label{3, kLima, 0}));
  EXPECT_TRUE(all.desired.tracks.at("t").relay.accept.empty());
}

TEST_F(PlanTest, ATransitNodeNeedsTheDescriptionAndNoSubscriber) {
  const TrackKey key = track_key("t");
  relays[key] = taken_from(kOslo);
  relays[key].legs = {kLima};
  const Plan before = made();
  EXPECT_EQ(before.waiting, (std::vector<Waiting>{{key, "", "", kNoNode, Lack::description}}));
  EXPECT_EQ(text(before.waiting[0]),
            "a relay of a track without a name waits: nobody said what layers the track has; describe it");
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}}).ok());
  EXPECT_EQ(legs(made(), "t"), Names{"relay:t/main->node:lima"});
}

TEST_F(PlanTest, NothingIsSentBackToAnUpstream) {
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}}).ok());
  RelayView& view = relays[track_key("t")] = taken_from(kOslo);
  view.pending = Edge{.upstream = kParis};
  view.legs = {kOslo, kLima, kParis};
  EXPECT_EQ(legs(made(), "t"), Names{"relay:t/main->node:lima"});
}

TEST_F(PlanTest, ARelayWaitsForTheTransportToItsPeer) {
  const TrackKey key = track_key("t");
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}}).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  relays[key] = taken_from(kOslo);
  peers.ready.erase(kOslo);
  const Plan all = made();
  EXPECT_TRUE(all.desired.tracks.empty());
  EXPECT_EQ(all.waiting, (std::vector<Waiting>{{key, "t", "", kOslo, Lack::transport},
                                               {key, "t", "l", kNoNode, Lack::upstream}}));
  EXPECT_EQ(
      text(all.waiting[0]),
      "a relay of track 't' to or from node 1 waits: there is no transport to the node yet; see whether "
      "the two reach each other");
  relays[key] = taken_from(200);  // no node of the fleet
  peers.ready = NodeSet({~std::uint64_t{0}, ~std::uint64_t{0}});
  EXPECT_TRUE(made().desired.tracks.empty());
}

TEST_F(PlanTest, ASubscriptionWaitsForItsLayer) {
  config::Leg high = leg("l", "t", "b", 9);
  high.layer = "high";
  ASSERT_TRUE(state.subscribe(high).ok());
  ASSERT_TRUE(state.subscribe(leg("m", "t", "b", 10)).ok());
  config::Track low = track("t", "a", 5, "low");
  ASSERT_TRUE(state.publish(low).ok());
  EXPECT_EQ(made().waiting, (std::vector<Waiting>{{track_key("t"), "t", "l", kNoNode, Lack::layer}}));
  low.layers.push_back({.name = "high", .ssrc = 6});
  ASSERT_TRUE(state.publish(low).ok());
  EXPECT_EQ(made().waiting, (std::vector<Waiting>{{track_key("t"), "t", "m", kNoNode, Lack::layer}}));
  EXPECT_EQ(legs(made(), "t"), Names{"l"});
}

TEST_F(PlanTest, WhatNobodyDescribedIsSaidForEachSubscription) {
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  relays[track_key("t")] = taken_from(kOslo);
  const Plan all = made();
  ASSERT_EQ(all.waiting.size(), 2U);
  EXPECT_EQ(all.waiting[0].lack, Lack::description);
  EXPECT_EQ(all.waiting[1], (Waiting{track_key("t"), "t", "l", kNoNode, Lack::description}));
}

TEST_F(PlanTest, OfTwoTracksUnderOneSsrcTheLowerKeyIsRelayed) {
  for (const std::string& id : {test::kFirstOfPair, test::kSecondOfPair}) {
    ASSERT_TRUE(state.describe({.id = id, .layers = {"main"}}).ok());
    relays[track_key(id)] = taken_from(kOslo);
  }
  const Plan all = made();
  EXPECT_TRUE(all.desired.tracks.contains(test::kFirstOfPair));
  EXPECT_FALSE(all.desired.tracks.contains(test::kSecondOfPair));
  ASSERT_EQ(all.waiting.size(), 1U);
  EXPECT_EQ(all.waiting[0].lack, Lack::ssrc);
}

TEST_F(PlanTest, APublisherThatTheRelayProtocolDoesNotKnowYetIsNotRelayed) {
  ASSERT_TRUE(state.publish(track("t", "a", 5)).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  RelayView& view = relays[track_key("t")] = taken_from(kOslo);
  view.legs = {kLima};
  const Plan all = made();
  EXPECT_EQ(legs(all, "t"), Names{"l"});
  EXPECT_EQ(all.desired.tracks.at("t").relay, RelayEntry{});
  EXPECT_EQ(all.waiting, (std::vector<Waiting>{{track_key("t"), "t", "", kNoNode, Lack::origin}}));
}

TEST_F(PlanTest, NamesOfLegsCannotCollide) {
  // The last colon, then the last slash tell the parts apart, and no subscription has a colon.
  for (const char* id : {"t", "t/u"})
    ASSERT_TRUE(state.publish(track(id, "a", id[1] == 0 ? 1 : 2, "x")).ok());
  relays[track_key("t")] = {.is_origin = true, .label = kLabel, .legs = {kOslo}};
  relays[track_key("t/u")] = {.is_origin = true, .label = kLabel, .legs = {kOslo}};
  EXPECT_EQ(legs(made(), "t"), Names{"relay:t/x->node:oslo"});
  EXPECT_EQ(legs(made(), "t/u"), Names{"relay:t/u/x->node:oslo"});
  EXPECT_EQ(state.subscribe(leg("relay:t/x->node:oslo", "t", "b", 9)).refusal, Refusal::invalid);
}

TEST_F(PlanTest, OneTracksPlanIsItsPartOfTheWhole) {
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}}).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  ASSERT_TRUE(state.publish(track("u", "a", 5)).ok());
  relays[track_key("t")] = taken_from(kOslo);
  Plan one;
  plan_track(state, track_key("t"), relays[track_key("t")], peers, {}, one);
  EXPECT_EQ(one.desired, part(made().desired, std::vector<std::string>{"t", "unknown"}));
}

}  // namespace
}  // namespace causeway::control::session
