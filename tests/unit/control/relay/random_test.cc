// Random histories: every invariant after every step; when the faults end, everybody is fed.
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/control/relay/fleet.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::control::relay::test {
namespace {

class Storm {
 public:
  Storm(Fleet& fleet, std::uint64_t seed) : fleet_(fleet), random_(seed) {}

  void step() {
    fleet_.now_us += pick(20'000);
    const std::size_t what = pick(100);
    if (what < 55) {
      letter();
    } else if (what < 70) {
      fleet_.send_media();
      if (pick(5) == 0) fleet_.send_beats();
    } else if (what < 85) {
      fleet_.tick();
    } else if (what < 93) {
      fleet_.write_disk(node());
    } else if (what < 96) {
      move();
    } else if (what < 98) {
      cut();
    } else if (what < 99) {
      fleet_.restart(node());
    } else {
      want();
    }
    // A network keeps nothing for ever.
    while (fleet_.bag.size() > 200)
      fleet_.bag.erase(fleet_.bag.begin());
  }

 private:
  std::size_t pick(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
  }
  NodeId node() { return static_cast<NodeId>(pick(fleet_.nodes.size())); }

  void letter() {
    if (fleet_.bag.empty()) return;
    const std::size_t which = pick(fleet_.bag.size());
    const std::size_t fate = pick(10);
    if (fate == 0) {
      fleet_.bag.erase(fleet_.bag.begin() + static_cast<std::ptrdiff_t>(which));
    } else {
      fleet_.deliver(which, fate == 1);
    }
  }
  void move() {
    const NodeId next = node();
    for (auto& other : fleet_.nodes) {
      if (other->is_published && pick(4) != 0) fleet_.unpublish(other->id);
    }
    fleet_.publish(next);
  }
  void cut() {
    const NodeId a = node();
    const NodeId b = node();
    if (a == b) return;
    if (pick(2) == 0) {
      fleet_.cut(a, b);
    } else {
      fleet_.heal(a, b);
    }
  }
  void want() {
    const NodeId who = node();
    if (pick(3) != 0) return fleet_.want(who);
    fleet_.nodes[who]->is_wanted = false;
    fleet_.relay(who).unwant(fleet_.track, fleet_.now_us);
  }

  Fleet& fleet_;
  std::mt19937_64 random_;
};

TEST(RelayStorm, HasNoCycleInAnyStateAndFeedsEverybodyAfterwards) {
  const std::uint64_t first = causeway::test::seed();
  for (std::uint64_t seed = first; seed < first + 150; ++seed) {
    SCOPED_TRACE("CAUSEWAY_SEED=" + std::to_string(seed));
    config::Relaying config;
    config.stamp_reserve = 16;
    config.lease_ms = 3000;
    config.refresh_ms = 500;
    config.avoid_min_ms = 300;
    config.avoid_max_ms = 1000;
    config.forget_ms = 1000;
    Fleet fleet(3 + seed % 4, config, 1 + seed % 3 / 2);
    Storm storm(fleet, seed);
    for (int i = 0; i < 4000; ++i) {
      storm.step();
      ASSERT_EQ(fleet.violation(), "") << "in step " << i;
    }
    // The storm is over.
    for (NodeId a = 0; a < fleet.nodes.size(); ++a) {
      for (NodeId b = 0; b < a; ++b)
        fleet.heal(a, b);
    }
    for (auto& node : fleet.nodes) {
      if (node->is_published) fleet.unpublish(node->id);
    }
    for (auto& node : fleet.nodes)
      fleet.want(node->id);
    fleet.publish(static_cast<NodeId>(seed % fleet.nodes.size()));
    fleet.run(5'000'000);
    ASSERT_EQ(fleet.violation(), "");
    for (auto& node : fleet.nodes)
      ASSERT_TRUE(fleet.is_fed(node->id)) << "n" << int{node->id} << fleet.describe();
  }
}

// Without the number on disk the same storm finds a cycle: the invariant is not empty.
TEST(RelayStorm, FindsACycleWhenDisksForget) {
  const std::uint64_t first = causeway::test::seed();
  for (std::uint64_t seed = first; seed < first + 200; ++seed) {
    config::Relaying config;
    config.stamp_reserve = 16;
    Fleet fleet(4, config);
    Storm storm(fleet, seed);
    for (int i = 0; i < 4000; ++i) {
      storm.step();
      for (auto& node : fleet.nodes)
        node->disk = 0;
      const std::string found = fleet.violation();
      if (found == "a cycle" || found.ends_with("has no better label")) return;
    }
  }
  FAIL() << "nothing was found";
}

}  // namespace
}  // namespace causeway::control::relay::test
