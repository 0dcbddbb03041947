#include "control/pair/keyring.h"

#include <gtest/gtest.h>

namespace causeway::control::pair {
namespace {

constexpr TimeUs kGraceUs = from_ms(30000);

wire::PairKey key(std::uint8_t fill) {
  wire::PairKey made;
  made.fill(fill);
  return made;
}

class Keys : public ::testing::Test {
 protected:
  Generation add(std::uint8_t fill, bool peer_has_it) {
    return ring.add(key(fill), peer_has_it, now_us, changes);
  }
  KeyChanges taken() { return std::exchange(changes, {}); }

  TimeUs now_us = 1000;
  KeyChanges changes;
  Keyring ring{kGraceUs};
};

TEST_F(Keys, TheFirstIsUsedAtOnce) {
  EXPECT_EQ(add(1, false), 1U);
  EXPECT_EQ(taken(), (KeyChanges{{KeyUse::accept, 1}, {KeyUse::send, 1}}));
  EXPECT_EQ(*ring.find(1), key(1));
  EXPECT_EQ(ring.find(0), nullptr);
  EXPECT_EQ(ring.find(2), nullptr);
  EXPECT_EQ(ring.next_due_us(), kNever);
}

TEST_F(Keys, TheOldOneIsForgottenAfterTheTimeOfGrace) {
  add(1, true);
  add(2, false);
  taken();
  EXPECT_EQ(ring.next_due_us(), kNever) << "who knows whether the peer has the new one";
  now_us += 500;
  ring.on_authentic(1, now_us, changes);
  EXPECT_EQ(taken(), KeyChanges{});
  ring.on_authentic(2, now_us, changes);
  EXPECT_EQ(taken(), (KeyChanges{{KeyUse::send, 2}}));
  EXPECT_EQ(ring.next_due_us(), now_us + kGraceUs);
  ring.tick(now_us + kGraceUs - 1, changes);
  EXPECT_EQ(taken(), KeyChanges{});
  ring.tick(now_us + kGraceUs, changes);
  EXPECT_EQ(taken(), (KeyChanges{{KeyUse::forget, 1}}));
  EXPECT_EQ(ring.find(1), nullptr);
  EXPECT_EQ(ring.next_due_us(), kNever);
}

TEST_F(Keys, AreNeverManyAndTheOneInUseStays) {
  add(1, false);
  for (std::uint8_t fill = 2; fill < 20; ++fill)
    add(fill, false);
  EXPECT_EQ(ring.sending(), 1U);
  EXPECT_NE(ring.find(1), nullptr);
  EXPECT_NE(ring.find(19), nullptr);
  EXPECT_NE(ring.find(17), nullptr);
  EXPECT_EQ(ring.find(16), nullptr);
  taken();
  ring.on_authentic(16, now_us, changes);
  EXPECT_EQ(taken(), KeyChanges{}) << "a key that is forgotten";
}

}  // namespace
}  // namespace causeway::control::pair
