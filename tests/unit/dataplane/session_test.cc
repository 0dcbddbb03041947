#include "dataplane/session.h"

#include <gtest/gtest.h>

namespace causeway {
namespace {

using Verdict = srtp::ReplayWindow::Verdict;

TEST(RtcpSources, EachSourceHasItsOwnWindow) {
  RtcpSources sources;
  EXPECT_EQ(sources.accept(1, 5), Verdict::fresh);
  EXPECT_EQ(sources.check(1, 5), Verdict::replayed);
  EXPECT_EQ(sources.accept(1, 5), Verdict::replayed);
  EXPECT_EQ(sources.accept(2, 5), Verdict::fresh);
}

TEST(RtcpSources, CheckingTakesNoRoom) {
  RtcpSources sources;
  for (std::uint32_t ssrc = 1; ssrc <= 1000; ++ssrc)
    EXPECT_EQ(sources.check(ssrc, 0), Verdict::fresh);
  EXPECT_TRUE(sources.room_for(1001));
}

TEST(RtcpSources, MoreSourcesThanEntriesAreRefusedAndTheFirstOnesGoOn) {
  RtcpSources sources;
  for (std::uint32_t ssrc = 0; ssrc < RtcpSources::kSources; ++ssrc) {
    ASSERT_TRUE(sources.room_for(ssrc));
    sources.accept(ssrc, 0);
  }
  EXPECT_FALSE(sources.room_for(99));
  EXPECT_TRUE(sources.room_for(0));
  EXPECT_EQ(sources.accept(0, 1), Verdict::fresh);
}

}  // namespace
}  // namespace causeway
