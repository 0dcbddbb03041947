#include "control/session/needs.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/control/session/world.h"

namespace causeway::control::session {
namespace {

using test::leg;
using test::track;
using test::transport;

State two_transports() {
  State state(test::node());
  EXPECT_TRUE(state.put_transport(transport("a", 5000)).ok());
  EXPECT_TRUE(state.put_transport(transport("b", 5001)).ok());
  return state;
}

NeedsChange::Track named(const std::string& id) {
  return {track_key(id), id};
}

TEST(Needs, ATrackIsWantedWhileItHasSubscriptionsAndIsNotPublishedHere) {
  State state = two_transports();
  Needs standing;
  const auto said = [&](const Outcome& outcome) { return update(standing, state, outcome.tracks); };
  EXPECT_EQ(said(state.subscribe(leg("l", "t", "b", 1))), (NeedsChange{.want = {named("t")}}));
  EXPECT_TRUE(said(state.subscribe(leg("m", "t", "b", 2))).empty()) << "it was wanted already";
  EXPECT_EQ(said(state.publish(track("t", "a", 1))),
            (NeedsChange{.unwant = {named("t")}, .publish = {named("t")}}));
  EXPECT_TRUE(said(state.unsubscribe("m")).empty());
  EXPECT_EQ(said(state.unpublish("t")), (NeedsChange{.want = {named("t")}, .unpublish = {named("t")}}));
  EXPECT_EQ(said(state.remove_transport("b")), (NeedsChange{.unwant = {named("t")}}));
  EXPECT_TRUE(standing.empty());
}

TEST(Needs, WhatIsOnlyDescribedIsNeitherWantedNorPublished) {
  State state = two_transports();
  ASSERT_TRUE(state.describe({.id = "t", .layers = {"main"}}).ok());
  EXPECT_TRUE(needs(state).empty());
}

TEST(Needs, AChangeOfEverythingIsSortedAndComplete) {
  State before = two_transports();
  for (const char* id : {"p", "q", "r"}) {
    ASSERT_TRUE(before.publish(track(id, "a", static_cast<std::uint32_t>(id[0]))).ok());
    ASSERT_TRUE(before
                    .subscribe(leg(std::string("l") + id, std::string("far") + id, "b",
                                   static_cast<std::uint32_t>(id[0])))
                    .ok());
  }
  const State nothing(test::node());
  const NeedsChange come = change(needs(nothing), needs(before));
  EXPECT_EQ(come.publish.size(), 3U);
  EXPECT_EQ(come.want.size(), 3U);
  EXPECT_TRUE(std::ranges::is_sorted(come.publish, {}, &NeedsChange::Track::key));
  EXPECT_TRUE(std::ranges::is_sorted(come.want, {}, &NeedsChange::Track::key));
  const NeedsChange go = change(needs(before), needs(nothing));
  EXPECT_EQ(go.unpublish, come.publish);
  EXPECT_EQ(go.unwant, come.want);
  EXPECT_TRUE(change(needs(before), needs(before)).empty());
}

TEST(Needs, ATrackThatIsNamedTwiceIsSaidOnce) {
  State state = two_transports();
  Needs standing;
  ASSERT_TRUE(state.subscribe(leg("l", "t", "b", 1)).ok());
  const std::vector<std::string> twice{"t", "t", "unknown"};
  EXPECT_EQ(update(standing, state, twice), (NeedsChange{.want = {named("t")}}));
}

}  // namespace
}  // namespace causeway::control::session
