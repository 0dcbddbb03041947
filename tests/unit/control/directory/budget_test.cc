// What a node sends stays within kbit_per_s, and nothing is lost for it.
#include "control/directory/budget.h"

#include <gtest/gtest.h>

#include "tests/unit/control/directory/fleet.h"

namespace causeway::control::directory::test {
namespace {

constexpr TimeUs kSecond = 1'000'000;

TEST(DirectoryBudget, MayBeOverdrawnOnceAndRecovers) {
  Budget budget(8, 100, 100'000, 0);  // 1,000 bytes a second, 100 at once
  EXPECT_TRUE(budget.is_ready());
  budget.spend(1'100);
  EXPECT_FALSE(budget.is_ready());
  EXPECT_EQ(budget.ready_at_us(), 1'000'001);
  budget.refill(1'000'000);
  EXPECT_FALSE(budget.is_ready());
  budget.refill(budget.ready_at_us());
  EXPECT_TRUE(budget.is_ready());
  budget.refill(kNever);
  budget.spend(99);
  EXPECT_TRUE(budget.is_ready());
  budget.spend(1);
  EXPECT_FALSE(budget.is_ready());
}

TEST(DirectoryBudget, AClockThatGoesBackGivesNothing) {
  Budget budget(8, 50, 100'000, 1'000'000);
  budget.spend(50);
  EXPECT_FALSE(budget.is_ready());
  budget.refill(0);
  EXPECT_FALSE(budget.is_ready());
  budget.refill(1'000'000);
  EXPECT_FALSE(budget.is_ready());
}

// The most bytes of a node in any stretch of that length.
std::size_t most_in(const std::vector<Fleet::Sent>& sent, NodeId node, TimeUs length_us, bool only_repair) {
  std::size_t most = 0;
  std::size_t sum = 0;
  std::size_t tail = 0;
  const auto counts = [&](const Fleet::Sent& record) {
    return record.from == node && (!only_repair || record.type == wire::RecordType::directory_bucket);
  };
  for (const Fleet::Sent& record : sent) {
    sum += counts(record) ? record.bytes : 0;
    for (; sent[tail].at_us + length_us < record.at_us; ++tail)
      sum -= counts(sent[tail]) ? sent[tail].bytes : 0;
    most = std::max(most, sum);
  }
  return most;
}

struct Load {
  unsigned kbit_per_s;
  int changes_per_10ms;
};

class Bandwidth : public testing::TestWithParam<Load> {};

TEST_P(Bandwidth, IsNeverExceededAndNothingIsLost) {
  const Load& load = GetParam();
  config::DirectoryTimers config;
  config.kbit_per_s = load.kbit_per_s;
  config.log_entries = 1024;
  Fleet fleet(5, config);
  fleet.records_sent = true;
  std::uint64_t next = 0;
  for (int step = 0; step < 300; ++step) {
    for (int i = 0; i < load.changes_per_10ms; ++i)
      fleet.put(0, key(next++ % 4000));
    if (step == 150) fleet.start(4);
    fleet.run(10'000);
  }
  EXPECT_NE(fleet.run_until_equal(120 * kSecond), kNever) << fleet.difference();
  const std::size_t bytes_per_s = load.kbit_per_s * 125;
  // A full record to each peer, a question and a digest to each, and one of repair may overdraw it.
  const std::size_t overdraft =
      4 * (wire::kMaxRecordBytes + 400) + 3 * kOverheadBytes + wire::kMaxRecordBytes;
  for (const TimeUs length_us : {kSecond / 4, kSecond, 4 * kSecond}) {
    const std::size_t budget = bytes_per_s * static_cast<std::size_t>(length_us) / 1'000'000;
    EXPECT_LE(most_in(fleet.sent, 0, length_us, false), budget + bytes_per_s / 10 + overdraft) << length_us;
    EXPECT_LE(most_in(fleet.sent, 0, length_us, true),
              (budget + bytes_per_s) * config.repair_percent / 100 + 2 * wire::kMaxRecordBytes)
        << length_us;
  }
}

INSTANTIATE_TEST_SUITE_P(Directory, Bandwidth,
                         testing::Values(Load{10000, 3}, Load{1000, 3}, Load{1000, 40}, Load{300, 10},
                                         Load{200, 20}));

TEST(DirectoryBudget, ChangesGoBeforeRepair) {
  config::DirectoryTimers config;
  config.kbit_per_s = 2000;
  Fleet fleet(3, config);
  for (std::uint64_t i = 0; i < 8000; ++i)
    fleet.put(0, key(i));
  ASSERT_NE(fleet.run_until_equal(30 * kSecond), kNever);
  fleet.run(2 * kSecond);
  fleet.start(2);  // 8,000 tracks to be repaired
  for (int step = 0; step < 20; ++step) {
    fleet.put(0, key(9000));
    fleet.run(from_ms(config.batch_ms) + fleet.weather.delay_us + fleet.weather.jitter_us + from_ms(5));
    const auto claims = fleet.claims(1, key(9000));
    ASSERT_EQ(claims.size(), 1U);
    EXPECT_EQ(claims[0].stamp, fleet.own(0).at(key(9000)));
  }
  EXPECT_NE(fleet.run_until_equal(10 * kSecond), kNever);
}

}  // namespace
}  // namespace causeway::control::directory::test
