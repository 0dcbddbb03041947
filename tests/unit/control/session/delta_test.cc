#include "control/session/delta.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "control/session/plan.h"
#include "tests/unit/control/session/integrity.h"
#include "tests/unit/control/session/world.h"

namespace causeway::control::session {
namespace {

using test::leg;
using test::track;
using test::transport;

constexpr NodeId kOslo = 1;
constexpr NodeId kLima = 2;

// A step in a word or two.
struct Words {
  std::string operator()(const RemoveLeg& step) const { return "-leg " + step.name; }
  std::string operator()(const RemoveTrack& step) const { return "-track " + step.id; }
  std::string operator()(const RemoveTransport& step) const { return "-transport " + step.name; }
  std::string operator()(const Settle& /*step*/) const { return "settle"; }
  std::string operator()(const ChangeTransport& step) const {
    return "~transport " + step.transport->name + ":" + std::to_string(step.transport->remote.port);
  }
  std::string operator()(const AddTransport& step) const { return "+transport " + step.transport->name; }
  std::string operator()(const AddTrack& step) const { return "+track " + step.track->id; }
  std::string operator()(const AddUpstream& step) const { return "+from " + step.transport; }
  std::string operator()(const SetRelay& step) const {
    return "=from " + (step.active == kNoNode ? "nobody" : std::to_string(step.active)) + " at " +
           std::to_string(step.label.stamp);
  }
  std::string operator()(const RemoveUpstream& step) const { return "-from " + std::to_string(step.peer); }
  std::string operator()(const ChangeLeg& step) const { return "~leg " + step.leg.leg->name; }
  std::string operator()(const AddLeg& step) const { return "+leg " + step.leg.leg->name; }
};

using Steps = std::vector<std::string>;

class DeltaTest : public testing::Test {
 protected:
  DeltaTest() {
    for (const auto& [name, port] : {std::pair("a", 5000), std::pair("b", 5001), std::pair("c", 5002)})
      EXPECT_TRUE(state.put_transport(transport(name, static_cast<std::uint16_t>(port))).ok());
  }

  // What leads from the last call's plan to that of now.
  Steps steps() {
    const Desired next = plan(state, relays, test::all_peers(), standing).desired;
    EXPECT_EQ(test::faults_of_delta(standing, next), "");
    Steps words;
    for (const Step& step : delta(standing, next).steps)
      words.push_back(std::visit(Words(), step));
    standing = next;
    return words;
  }
  RelayView& relay(const std::string& id) { return relays[track_key(id)]; }
  static RelayView taken(std::optional<NodeId> active, std::optional<NodeId> pending, Stamp stamp) {
    RelayView view;
    view.label.stamp = stamp;
    if (active) view.active = Edge{.upstream = *active};
    if (pending) view.pending = Edge{.upstream = *pending};
    return view;
  }

  State state{test::node()};
  Relays relays;
  Desired standing;
};

TEST_F(DeltaTest, TransportsComeBeforeTracksBeforeLegsAndLegsGoFirst) {
  ASSERT_TRUE(state.publish(track("t", "c", 5)).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "a", 9)).ok());
  EXPECT_EQ(steps(), (Steps{"+transport a", "+transport b", "+transport c", "+track t", "+leg l"}));
  EXPECT_EQ(steps(), Steps{});
  ASSERT_TRUE(state.unsubscribe("l").ok());
  ASSERT_TRUE(state.unpublish("t").ok());
  ASSERT_TRUE(state.remove_transport("b").ok());
  EXPECT_EQ(steps(), (Steps{"-track t", "-transport b"}));
}

TEST_F(DeltaTest, WhatARemovedTransportTakesAlongIsNotNamed) {
  ASSERT_TRUE(state.publish(track("t", "a", 5)).ok());
  ASSERT_TRUE(state.publish(track("u", "b", 5)).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  ASSERT_TRUE(state.subscribe(leg("m", "u", "a", 9)).ok());
  steps();
  ASSERT_TRUE(state.remove_transport("a").ok());
  EXPECT_EQ(steps(), Steps{"-transport a"});
}

TEST_F(DeltaTest, ALegIsChangedUnlessItIsAnotherOne) {
  ASSERT_TRUE(state.publish(track("t", "a", 5)).ok());
  ASSERT_TRUE(state.publish(track("u", "a", 6)).ok());
  config::Leg one = leg("l", "t", "b", 9);
  ASSERT_TRUE(state.subscribe(one).ok());
  steps();
  one.payload_types[96] = 97;
  one.priority = Priority::high;
  ASSERT_TRUE(state.subscribe(one).ok());
  EXPECT_EQ(steps(), Steps{"~leg l"});
  one.layer = "main";
  ASSERT_TRUE(state.subscribe(one).ok());
  EXPECT_EQ(steps(), Steps{"~leg l"}) << "it is the only layer, by its name";
  one.ssrc = 10;
  ASSERT_TRUE(state.subscribe(one).ok());
  EXPECT_EQ(steps(), (Steps{"-leg l", "+leg l"}));
  one.transport = "c";
  ASSERT_TRUE(state.subscribe(one).ok());
  EXPECT_EQ(steps(), (Steps{"-leg l", "+leg l"}));
}

TEST_F(DeltaTest, AnSsrcThatComesBackWaitsForItsGracePeriod) {
  ASSERT_TRUE(state.publish(track("t", "a", 5)).ok());
  ASSERT_TRUE(state.publish(track("u", "a", 6)).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  steps();
  ASSERT_TRUE(state.subscribe(leg("l", "u", "b", 9)).ok());
  EXPECT_EQ(steps(), (Steps{"-leg l", "settle", "+leg l"}));
}

TEST_F(DeltaTest, KeysThatSentAreTakenAwayAfterTheGracePeriod) {
  ASSERT_TRUE(state.publish(track("t", "a", 5)).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  steps();
  ASSERT_TRUE(state.unsubscribe("l").ok());
  config::Transport mute = transport("b", 5001);
  mute.send.reset();
  ASSERT_TRUE(state.put_transport(mute).ok());
  EXPECT_EQ(steps(), (Steps{"-leg l", "settle", "~transport b:5001"}));
}

TEST_F(DeltaTest, ATrackCannotBeChangedSoItsLegsComeAgain) {
  ASSERT_TRUE(state.publish(track("t", "a", 5)).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  steps();
  ASSERT_TRUE(state.publish(track("t", "c", 6)).ok());
  EXPECT_EQ(steps(), (Steps{"-track t", "settle", "+track t", "+leg l"}));
}

TEST_F(DeltaTest, ANewUpstreamIsThereBeforeTheOldOneGoes) {
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}}).ok());
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 9)).ok());
  steps();
  relay("t") = taken({}, kOslo, 3);
  EXPECT_EQ(steps(), (Steps{"+track t", "+from node:oslo", "=from nobody at 3"}));
  relay("t") = taken(kOslo, {}, 4);
  EXPECT_EQ(steps(), (Steps{"=from 1 at 4", "+leg l"}));
  relay("t") = taken(kLima, {}, 5);
  EXPECT_EQ(steps(), (Steps{"+from node:lima", "=from 2 at 5", "-from 1"}));
  relay("t") = taken(kLima, {}, 6);
  EXPECT_EQ(steps(), Steps{"=from 2 at 6"});
  relay("t") = {};
  EXPECT_EQ(steps(), (Steps{"=from nobody at 0", "-from 2"})) << "the leg stays";
  relay("t") = taken(kOslo, {}, 7);
  EXPECT_EQ(steps(), (Steps{"+from node:oslo", "=from 1 at 7"}));
}

TEST_F(DeltaTest, ALegToAPeerEndsBeforeThePeerIsTheUpstream) {
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}}).ok());
  relay("t") = taken(kOslo, {}, 3);
  relay("t").legs = {kLima};
  steps();
  relay("t") = taken(kLima, {}, 4);
  relay("t").legs = {kOslo};
  EXPECT_EQ(steps(), (Steps{"-leg relay:t/main->node:lima", "+from node:lima", "=from 2 at 4", "-from 1",
                            "+leg relay:t/main->node:oslo"}));
}

TEST_F(DeltaTest, ATrackThatGivesItsSsrcAwayIsNoLongerTakenBeforeTheOtherIs) {
  for (const std::string& id : {test::kFirstOfPair, test::kSecondOfPair})
    relay(id) = taken(kOslo, {}, 3);
  ASSERT_TRUE(state.describe({.id = test::kSecondOfPair, .layers = {"main"}}).ok());
  ASSERT_TRUE(state.subscribe(leg("l", test::kSecondOfPair, "b", 9)).ok());
  steps();
  ASSERT_TRUE(state.describe({.id = test::kFirstOfPair, .layers = {"main"}}).ok());
  EXPECT_EQ(steps(), (Steps{"=from nobody at 0", "-from 1", "+track " + test::kFirstOfPair, "+from node:oslo",
                            "=from 1 at 3"}));
}

TEST_F(DeltaTest, EndpointsAreFreeBeforeTheyAreTaken) {
  steps();
  ASSERT_TRUE(state.put_transport(transport("c", 5003)).ok());
  ASSERT_TRUE(state.put_transport(transport("b", 5002)).ok());
  ASSERT_TRUE(state.put_transport(transport("a", 5001)).ok());
  ASSERT_TRUE(state.put_transport(transport("d", 5000)).ok());
  EXPECT_EQ(steps(), (Steps{"~transport c:5003", "~transport b:5002", "~transport a:5001", "+transport d"}));
}

TEST_F(DeltaTest, OneOfThoseThatSwapEndpointsStepsAside) {
  steps();
  ASSERT_TRUE(state.put_transport(transport("c", 6000)).ok());
  ASSERT_TRUE(state.put_transport(transport("b", 5002)).ok());
  ASSERT_TRUE(state.put_transport(transport("a", 5001)).ok());
  ASSERT_TRUE(state.put_transport(transport("c", 5000)).ok());
  EXPECT_EQ(steps(),
            (Steps{"~transport a:0", "~transport c:5000", "~transport b:5002", "~transport a:5001"}));
}

TEST_F(DeltaTest, WhoOnlyWaitsForThoseWhoSwapDoesNotStepAside) {
  config::Transport with_rtcp = transport("b", 5001);
  with_rtcp.rtcp = {.local_port = 20001, .remote_port = 5900};
  ASSERT_TRUE(state.put_transport(with_rtcp).ok());
  steps();
  ASSERT_TRUE(state.put_transport(transport("b", 6000)).ok());
  ASSERT_TRUE(state.put_transport(transport("c", 5001)).ok());
  ASSERT_TRUE(state.put_transport(transport("b", 5002)).ok());
  config::Transport follower = transport("a", 5900);
  follower.local.port = 20001;
  ASSERT_TRUE(state.put_transport(follower).ok());
  EXPECT_EQ(steps(),
            (Steps{"~transport b:0", "~transport a:5900", "~transport c:5001", "~transport b:5002"}));
}

TEST_F(DeltaTest, StepsAboutNothingDoNothing) {
  Desired empty;
  apply(RemoveLeg{"t", "l"}, empty);
  apply(RemoveTrack{"t"}, empty);
  apply(RemoveTransport{"a"}, empty);
  apply(ChangeTransport{Shared(transport("a", 5000))}, empty);
  apply(AddUpstream{"t", kOslo, "node:oslo"}, empty);
  apply(SetRelay{"t", kOslo, {}}, empty);
  apply(RemoveUpstream{"t", kOslo}, empty);
  apply(ChangeLeg{{Shared(leg("l", "t", "b", 9))}}, empty);
  apply(AddLeg{{Shared(leg("l", "t", "b", 9))}}, empty);
  EXPECT_EQ(empty, Desired{});
}

// Not what a plan makes, but an answer all the same.
TEST_F(DeltaTest, EvenTwoTransportsWithTheSameEndpointsHaveADelta) {
  Desired a;
  Desired b;
  for (const std::string name : {"x", "y", "z"}) {
    a.transports.emplace(name, transport(name, static_cast<std::uint16_t>(7000 + name[0])));
    b.transports.emplace(name, transport(name, 7000));
  }
  EXPECT_EQ(apply(delta(a, b), a), b);
  EXPECT_EQ(apply(delta(b, a), b), a);
}

}  // namespace
}  // namespace causeway::control::session
