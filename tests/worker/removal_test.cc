// What workers may still see of something that is being removed, step by step: control's removal is stopped
// where a worker may meet it.
#include <gtest/gtest.h>

#include "tests/worker/rig.h"

namespace causeway::test {
namespace {

constexpr std::uint32_t kSsrc = 100;

class Removal : public testing::Test {
 protected:
  Removal() {
    from_ = rig_.add_transport(Rig::transport("from", 5000));
    rig_.add_transport(Rig::transport("to", 5001));
    rig_.add_track("track", "from", kSsrc);
    rig_.publisher.add_leg(Rig::leg("leg", "track", "to", 1000));
    for (std::size_t i = 0; i < 2; ++i)
      rig_.worker(i).enter();
  }

  // Another worker than 0, which receives, owns the publisher.
  void give_to_other() { rig_.tables.transports[from_].owner.store(1); }

  void end() {
    for (std::size_t i = 0; i < 2; ++i)
      rig_.worker(i).leave();
    rig_.expect_conservation();
    EXPECT_EQ(rig_.lost_buffers(), 0U);
  }

  Rig rig_{{.workers = 2, .queues = 1}};
  Id from_ = kNoId;
};

// The lookup came first, then the removal, then the look at the generation.
TEST_F(Removal, APacketThatMeetsItsTransportsRemovalIsNotHandedOff) {
  give_to_other();
  std::atomic<std::uint32_t>& generation = rig_.tables.transports[from_].generation;
  generation.fetch_add(1);
  ASSERT_TRUE(rig_.publish(0, 5000, kSsrc, 1, 1, 1));
  rig_.worker(0).turn();
  EXPECT_EQ(rig_.dropped(Drop::removed_meanwhile), 1U);
  EXPECT_EQ(rig_.sum(&WorkerCounters::handed_off), 0U) << "its slot may be empty when the owner takes it";
  generation.fetch_add(1);
  end();
}

TEST_F(Removal, APacketThatMeetsItsTracksRemovalDoesNotWait) {
  rig_.tables.transports[from_].owner.store(0);
  rig_.tables.layers[0].generation.fetch_add(1);
  ASSERT_TRUE(rig_.publish(0, 5000, kSsrc, 1, 1, 1));
  rig_.worker(0).turn();
  EXPECT_EQ(rig_.dropped(Drop::removed_meanwhile), 1U);
  EXPECT_EQ(rig_.take().size(), 0U);
  rig_.tables.layers[0].generation.fetch_add(1);
  end();
}

}  // namespace
}  // namespace causeway::test
