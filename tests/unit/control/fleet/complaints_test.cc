#include "control/fleet/complaints.h"

#include <gtest/gtest.h>

namespace causeway::control::fleet {
namespace {

constexpr TimeUs kStartUs = 1'000'000;

TEST(Complaints, ThereAreNoneWithoutACause) {
  Complaints complaints;
  EXPECT_TRUE(complaints.due(kStartUs).empty());
}

TEST(Complaints, TheFirstIsSaidAtOnceAndTheNextAfterAnInterval) {
  Complaints complaints;
  complaints.note(3);
  ASSERT_EQ(complaints.due(kStartUs).size(), 1U);
  complaints.note(3);
  complaints.note(3);
  EXPECT_TRUE(complaints.due(kStartUs + Complaints::kIntervalUs - 1).empty());
  const auto again = complaints.due(kStartUs + Complaints::kIntervalUs);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].peer, 3);
  EXPECT_EQ(again[0].messages, 2U);
}

TEST(Complaints, OnePeerDoesNotSilenceAnother) {
  Complaints complaints;
  complaints.note(1);
  ASSERT_EQ(complaints.due(kStartUs).size(), 1U);
  complaints.note(2);
  const auto other = complaints.due(kStartUs + 1);
  ASSERT_EQ(other.size(), 1U);
  EXPECT_EQ(other[0].peer, 2);
}

}  // namespace
}  // namespace causeway::control::fleet
