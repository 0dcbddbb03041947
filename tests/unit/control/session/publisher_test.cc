// The local part of a delta on the real publisher of tables, which throws at a step that is not valid.
#include "control/publish/publisher.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "control/session/delta.h"
#include "dataplane/srtp/engine.h"
#include "tests/unit/control/publish/stand_ins.h"
#include "tests/unit/control/session/world.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::control::session {
namespace {

using control::test::Grace;
using control::test::Registry;

class Target {
 public:
  Target() { publisher_.publish_snapshot(control::test::one_port(), {"wan0"}); }

  void take(const Delta& delta) {
    for (const Step& step : delta.steps)
      std::visit([this](const auto& one) { take(one); }, step);
    settle();
  }
  const Inventory& inventory() const { return publisher_.inventory(); }

 private:
  void settle() {
    grace_.quiescent = grace_.last;
    EXPECT_EQ(publisher_.reclaim(), 0U);
  }
  void take(const RemoveLeg& step) { publisher_.remove_leg(step.name); }
  void take(const RemoveTrack& step) { publisher_.remove_track(step.id); }
  void take(const RemoveTransport& step) { publisher_.remove_transport(step.name); }
  void take(const Settle& /*step*/) { settle(); }
  void take(const ChangeTransport& step) { publisher_.change_transport(*step.transport); }
  void take(const AddTransport& step) { publisher_.add_transport(*step.transport); }
  void take(const AddTrack& step) { publisher_.add_track(*step.track); }
  void take(const AddUpstream& /*step*/) { FAIL() << "not local"; }
  void take(const SetRelay& /*step*/) { FAIL() << "not local"; }
  void take(const RemoveUpstream& /*step*/) { FAIL() << "not local"; }
  void take(const ChangeLeg& step) { publisher_.change_leg(*step.leg.leg); }
  void take(const AddLeg& step) { publisher_.add_leg(*step.leg.leg); }

  // The tables of the world's limits, and as much again for what has not had its grace period.
  Tables tables_{8, 128, 24};
  Session session_{8, 128, 24};
  Registry registry_;
  Grace grace_;
  std::unique_ptr<srtp::Engine> engine_ = srtp::make_ipsec_mb_engine();
  Publisher publisher_{tables_, session_, registry_, *engine_, grace_};
};

template <class Names>
std::set<std::string> there(const Names& names) {
  std::set<std::string> some(names.begin(), names.end());
  some.erase("");
  return some;
}

TEST(SessionToPublisher, EveryStepOfARandomWalkIsTakenAndTheTablesHoldWhatIsDesired) {
  SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << causeway::test::seed());
  std::mt19937 random(static_cast<std::mt19937::result_type>(causeway::test::seed()));
  Target target;
  test::World world;
  Desired standing;
  for (int commit = 0; commit < 300; ++commit) {
    std::vector<std::uint8_t> bytes(40);
    for (std::uint8_t& byte : bytes)
      byte = static_cast<std::uint8_t>(random());
    for (test::Bytes left(bytes); !left.empty();)
      world.step(left);
    world.relays.clear();
    const Desired next = world.plan(standing).desired;
    ASSERT_NO_THROW(target.take(delta(standing, next))) << "commit " << commit;
    standing = next;

    std::set<std::string> transports;
    std::set<std::string> layers;
    std::set<std::string> legs;
    for (const auto& [name, value] : standing.transports)
      transports.insert(name);
    for (const auto& [id, entry] : standing.tracks) {
      for (const config::Layer& layer : entry.track->layers)
        layers.insert(id + " " + layer.name);
      for (const LegEntry& leg : entry.legs)
        legs.insert(leg.leg->name);
    }
    const Inventory& inventory = target.inventory();
    std::vector<std::string> layer_names;
    for (const Inventory::LayerName& name : inventory.layers) {
      if (!name.track.empty()) layer_names.push_back(name.track + " " + name.layer);
    }
    ASSERT_EQ(there(inventory.transports), transports);
    ASSERT_EQ(there(layer_names), layers);
    ASSERT_EQ(there(inventory.legs), legs);
  }
}

}  // namespace
}  // namespace causeway::control::session
