// Whatever changes, gets lost and restarts: in the end all copies are equal to their originals.
#include <gtest/gtest.h>

#include "tests/unit/control/directory/fleet.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::control::directory::test {
namespace {

constexpr TimeUs kSecond = 1'000'000;

struct Life {
  const char* name;
  std::size_t nodes;
  unsigned log_entries;
  unsigned tracks;  // that there are to choose from
  Weather weather;
  unsigned restart_percent;  // of the steps
  unsigned kbit_per_s;
};

class RandomLife : public testing::TestWithParam<Life> {};

void live(Fleet& fleet, const Life& life, int steps) {
  std::mt19937_64& random = fleet.random;
  for (int step = 0; step < steps; ++step) {
    const auto node = static_cast<NodeId>(random() % life.nodes);
    const unsigned what = static_cast<unsigned>(random() % 100);
    if (what < life.restart_percent) {
      fleet.start(node);
      for (std::uint64_t i = random() % 20; i > 0; --i)
        fleet.put(node, key(random() % life.tracks));
    } else if (what < 50) {
      for (std::uint64_t i = random() % 60; i > 0; --i)
        fleet.put(node, key(random() % life.tracks));
    } else if (what < 90) {
      for (std::uint64_t i = random() % 40; i > 0; --i)
        fleet.remove(node, key(random() % life.tracks));
    } else {
      fleet.cut(node, what < 93);
    }
    fleet.run(static_cast<TimeUs>(random() % 100'000));
  }
  for (NodeId node = 0; node < life.nodes; ++node)
    fleet.cut(node, false);
}

TEST_P(RandomLife, EndsWithEqualCopies) {
  const Life& life = GetParam();
  for (std::uint64_t round = 0; round < 4; ++round) {
    const std::uint64_t seed = causeway::test::seed() + round;
    SCOPED_TRACE(std::string(life.name) + ", CAUSEWAY_SEED=" + std::to_string(seed));
    config::DirectoryTimers config;
    config.log_entries = life.log_entries;
    config.kbit_per_s = life.kbit_per_s;
    Fleet fleet(life.nodes, config, seed);
    fleet.weather = life.weather;
    live(fleet, life, 80);
    ASSERT_NE(fleet.run_until_equal(60 * kSecond), kNever) << fleet.difference();
    // And stays so: late datagrams bring nothing back. A digest proves it.
    fleet.weather.loss_percent = 0;
    fleet.run(3 * kSecond);
    ASSERT_EQ(fleet.difference(), "");
    for (NodeId node = 0; node < life.nodes; ++node) {
      for (NodeId owner = 0; owner < life.nodes; ++owner) {
        ASSERT_TRUE(owner == node || fleet.directory(node).is_synced(owner));
        for (const auto& [track, stamp] : fleet.own(owner))
          ASSERT_TRUE(fleet.knows(node, track, owner));
      }
      EXPECT_EQ(fleet.directory(node).counters().contradictions, 0U);
      EXPECT_EQ(fleet.directory(node).counters().malformed, 0U);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Directory, RandomLife,
    testing::Values(Life{"calm", 4, 1024, 400, {}, 0, 10000},
                    Life{"lossy", 5, 1024, 400, {.loss_percent = 20, .doubled_percent = 10}, 2, 10000},
                    Life{"short log", 4, 64, 2000, {.loss_percent = 10, .doubled_percent = 5}, 2, 10000},
                    Life{"out of order",
                         4,
                         256,
                         500,
                         {.delay_us = 5'000, .jitter_us = 200'000, .loss_percent = 5, .doubled_percent = 20},
                         2,
                         10000},
                    Life{"far away",
                         3,
                         256,
                         3000,
                         {.delay_us = 300'000, .jitter_us = 20'000, .loss_percent = 3},
                         3,
                         10000},
                    Life{"narrow", 4, 128, 800, {.loss_percent = 5}, 2, 400}),
    [](const auto& given) {
      std::string name = given.param.name;
      std::ranges::replace(name, ' ', '_');
      return name;
    });

}  // namespace
}  // namespace causeway::control::directory::test
