// Random walks of what is wanted, on the real publisher of tables, which throws at a step that is not valid.
#include "control/publish/keeper.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "dataplane/srtp/engine.h"
#include "tests/unit/control/publish/stand_ins.h"
#include "tests/unit/control/session/world.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::control::session {
namespace {

using control::test::Grace;
using control::test::Registry;

// The tables of the world's limits, and as much again for what has not had its grace period.
struct Target {
  Target() {
    publisher.publish_snapshot(control::test::one_port(), {"wan0"});
    keeper.set_names(world.peers.names);
    for (NodeId peer = 0; peer < world.peers.names.size(); ++peer)
      add_peer(peer);
  }
  void add_peer(NodeId peer) {
    config::Transport transport = test::transport(node_transport(world.peers.names[peer]), 0);
    transport.local.port = static_cast<std::uint16_t>(19000 + peer);
    transport.remote.port = 19000;
    transport.send.emplace();
    publisher.add_transport(transport, {.node = peer});
    keeper.set_ready(peer, true);
  }
  // Each wish and each change of a relay, and what it says is to be looked at.
  void step(test::Bytes& bytes) {
    world.step(bytes);
    keeper.changed(world.last.tracks);
    if (world.transports) keeper.transports_changed();
    for (NodeId peer = 0; peer < 5; ++peer)
      keeper.set_ready(peer, world.peers.ready.contains(peer));
    for (const auto& [key, view] : world.relays)
      keeper.changed(key);
  }
  bool turn() {
    return keeper.turn([this](const TrackKey& key) {
      const auto at = world.relays.find(key);
      return at == world.relays.end() ? RelayView{} : at->second;
    });
  }

  test::World world;
  Tables tables{12, 512, 64, 16};
  Session session{12, 512, 64};
  Registry registry;
  Grace grace;
  std::unique_ptr<srtp::Engine> engine = srtp::make_ipsec_mb_engine();
  Publisher publisher{tables, session, registry, *engine, grace};
  Keeper keeper{world.state, publisher};
};

template <class Names>
std::set<std::string> there(const Names& names) {
  std::set<std::string> some(names.begin(), names.end());
  some.erase("");
  return some;
}

void expect_tables_to_hold(const Desired& wanted, const Target& target) {
  std::set<std::string> layers;
  std::set<std::string> legs;
  std::multiset<std::string> inlets;
  for (const auto& [id, entry] : wanted.tracks) {
    for (const config::Layer& layer : entry.track->layers)
      layers.insert(id + " " + layer.name);
    for (const LegEntry& leg : entry.legs)
      legs.insert(leg.leg->name);
    for (const auto& [peer, transport] : entry.relay.accept) {
      for (std::size_t i = 0; i < entry.track->layers.size(); ++i)
        inlets.insert(id + " " + std::to_string(peer));
    }
  }
  const Inventory& inventory = target.publisher.inventory();
  std::vector<std::string> layer_names;
  for (const Inventory::LayerName& name : inventory.layers) {
    if (!name.track.empty()) layer_names.push_back(name.track + " " + name.layer);
  }
  std::multiset<std::string> inlet_names;
  for (const Inventory::InletName& name : inventory.inlets) {
    if (!name.track.empty()) inlet_names.insert(name.track + " " + std::to_string(name.node));
  }
  EXPECT_EQ(there(layer_names), layers);
  EXPECT_EQ(there(inventory.legs), legs);
  EXPECT_EQ(inlet_names, inlets);
}

TEST(Keeper, FollowsARandomWalkHoweverLongGracePeriodsTake) {
  SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << causeway::test::seed());
  std::mt19937 random(static_cast<std::mt19937::result_type>(causeway::test::seed()));
  Target target;
  for (int commit = 0; commit < 400; ++commit) {
    std::vector<std::uint8_t> bytes(40);
    std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(random()); });
    for (test::Bytes left(bytes); !left.empty();)
      target.step(left);
    if (random() % 2 == 0) target.turn();  // and perhaps waits in the midst of it
    if (random() % 2 == 0) continue;
    for (int turn = 0; !target.turn(); ++turn) {
      ASSERT_LT(turn, 100) << "commit " << commit;
      target.grace.quiescent = target.grace.last;
    }
    target.grace.quiescent = target.grace.last;
    ASSERT_EQ(target.keeper.take_failures(), std::vector<std::string>()) << "commit " << commit;
    ASSERT_TRUE(target.keeper.at_rest());
    const Desired& standing = target.keeper.standing();
    ASSERT_EQ(standing, target.world.plan(standing).desired) << "commit " << commit;
    expect_tables_to_hold(standing, target);
  }
}

TEST(Keeper, WhoseAnInletIsIsKnownByItsNumber) {
  Target target;
  ASSERT_TRUE(target.world.state.describe({.id = "t", .layers = {"main"}}).ok());
  RelayView view;
  view.active = Edge{.upstream = 1, .fed = true, .acknowledged = true};
  view.label = {.stamp = 4, .origin = 1, .depth = 1};
  target.world.relays[track_key("t")] = view;
  target.keeper.changed(track_key("t"));
  ASSERT_TRUE(target.turn());
  const auto& inlets = target.publisher.inventory().inlets;
  const auto at = std::ranges::find(inlets, "t", &Inventory::InletName::track);
  ASSERT_NE(at, inlets.end());
  const Keeper::Inlet* inlet = target.keeper.inlet(static_cast<Id>(at - inlets.begin()));
  ASSERT_NE(inlet, nullptr);
  EXPECT_EQ(inlet->track, track_key("t"));
  EXPECT_EQ(inlet->node, 1);
  EXPECT_EQ(target.keeper.inlet(100000), nullptr);
}

TEST(Keeper, WhatTheTablesHadNoRoomForIsTriedAgain) {
  Target target;
  for (std::size_t i = target.publisher.inventory().transports.size(); i < 12; ++i) {
    config::Transport filler =
        test::transport("filler" + std::to_string(i), static_cast<std::uint16_t>(7000 + i));
    target.publisher.add_transport(filler);
  }
  ASSERT_TRUE(target.world.state.put_transport(test::transport("a", 5000)).ok());
  target.keeper.transports_changed();
  ASSERT_TRUE(target.turn());
  EXPECT_EQ(target.keeper.take_failures().size(), 1U);
  EXPECT_TRUE(target.keeper.has_failed());
  EXPECT_FALSE(target.keeper.standing().transports.contains("a"));

  target.publisher.remove_transport("filler11");
  target.grace.quiescent = target.grace.last;
  target.keeper.retry();
  ASSERT_TRUE(target.turn());
  EXPECT_TRUE(target.keeper.take_failures().empty());
  EXPECT_FALSE(target.keeper.has_failed());
  EXPECT_TRUE(target.keeper.standing().transports.contains("a"));
}

TEST(Keeper, ATrackWithoutADescriptionWaitsAndSaysSo) {
  Target target;
  RelayView view;
  view.active = Edge{.upstream = 1, .fed = false, .acknowledged = true};
  target.world.relays[track_key("t")] = view;
  target.keeper.changed(track_key("t"));
  ASSERT_TRUE(target.turn());
  EXPECT_EQ(target.keeper.take_planned(), std::vector<TrackKey>{track_key("t")});
  ASSERT_TRUE(target.keeper.waiting().contains(track_key("t")));
  EXPECT_EQ(target.keeper.waiting().at(track_key("t"))[0].lack, Lack::description);
}

}  // namespace
}  // namespace causeway::control::session
