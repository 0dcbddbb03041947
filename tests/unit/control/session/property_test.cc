// Random wishes, shortened by RapidCheck when something does not hold. CAUSEWAY_SEED=N explores others; what
// fails prints RC_PARAMS, which replays it.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <rapidcheck.h>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/control/session/walk.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::control::session {
namespace {

using Wishes = std::vector<std::uint8_t>;

// Before the first property reads it.
const bool kSeeded = [] {
  const std::string parameters = "seed=" + std::to_string(causeway::test::seed());
  return setenv("RC_PARAMS", parameters.c_str(), 0) == 0;
}();

// Long enough for everybody to meet.
rc::Gen<Wishes> wishes() {
  return rc::gen::resize(800, rc::gen::container<Wishes>(rc::gen::inRange<std::uint8_t>(0, 255)));
}

test::World world_of(const Wishes& wishes) {
  test::World world;
  for (test::Bytes bytes(wishes); !bytes.empty();)
    world.step(bytes);
  return world;
}

TEST(SessionProperties, HoldAtEachStepOfAWalk) {
  ASSERT_TRUE(kSeeded);
  std::set<std::size_t> steps;  // kinds that were met
  std::set<Lack> lacks;
  std::set<Refusal> refusals;
  EXPECT_TRUE(rc::check([&] {
    const Wishes made = *wishes();
    test::Walk walk;
    for (test::Bytes bytes(made); !bytes.empty();) {
      RC_ASSERT(walk.step(bytes) == "");
      refusals.insert(walk.world().last.refusal);
      for (const Waiting& waiting : walk.world().plan().waiting)
        lacks.insert(waiting.lack);
      for (const Step& step : walk.last_way().steps)
        steps.insert(step.index());
    }
  }));
  EXPECT_EQ(steps.size(), std::variant_size_v<Step>) << "walks that meet too little prove too little";
  EXPECT_EQ(lacks.size(), 6U);
  EXPECT_EQ(refusals.size(), 6U);
}

TEST(SessionProperties, ADeltaLeadsFromAnyPlanToAnyOther) {
  EXPECT_TRUE(rc::check([] {
    const Desired a = world_of(*wishes()).plan().desired;
    const Desired b = world_of(*wishes()).plan().desired;
    RC_ASSERT(test::faults_of_delta(a, b) == "");
    RC_ASSERT(test::faults_of_delta(a, {}) == "");
    RC_ASSERT(apply(delta(b, a), apply(delta(a, b), a)) == a);
  }));
}

TEST(SessionProperties, TheOrderOfWishesDoesNotMatter) {
  std::size_t compared = 0;
  EXPECT_TRUE(rc::check([&compared] {
    const test::World world = world_of(*wishes());
    for (const bool backwards : {false, true}) {
      const std::optional<bool> same = test::is_same_in_order(world, backwards);
      RC_ASSERT(same != std::optional(false));
      compared += same.has_value() ? 1 : 0;
    }
  }));
  EXPECT_GE(compared, 100U);
}

}  // namespace
}  // namespace causeway::control::session
