#include "control/directory/missing.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/dataplane/seed.h"

namespace causeway::control::directory::test {
namespace {

TrackKey at(std::uint64_t low) {
  return {first_key(7).high, low};
}

TEST(DirectoryMissing, EndsWhenAllPartsOfABucketCameInAnyOrder) {
  Missing missing;
  EXPECT_TRUE(missing.empty());
  missing.set(BucketSet().set(7));
  EXPECT_TRUE(missing.is_any_in(first_key(7), at(0)));
  EXPECT_FALSE(missing.is_any_in(first_key(8), last_key(8)));
  missing.take(at(100), at(199));
  missing.take(at(500), last_key(7));
  missing.take(at(0), at(99));
  EXPECT_FALSE(missing.is_any_in(at(0), at(199)));
  EXPECT_TRUE(missing.is_any_in(at(199), at(200)));
  EXPECT_TRUE(missing.is_any_behind(at(300)));
  EXPECT_FALSE(missing.is_any_behind(at(499)));
  EXPECT_EQ(missing.buckets(), BucketSet().set(7));
  missing.take(at(150), at(600));
  EXPECT_TRUE(missing.empty());
}

TEST(DirectoryMissing, TakesNothingOfOtherBuckets) {
  Missing missing;
  missing.set(BucketSet().set(0).set(7).set(255));
  missing.take(first_key(7), last_key(7));
  EXPECT_EQ(missing.buckets(), BucketSet().set(0).set(255));
  missing.take(first_key(0), last_key(0));
  missing.take(first_key(255), last_key(255));
  EXPECT_TRUE(missing.empty());
}

TEST(DirectoryMissing, IsWhatASetOfKeysWouldBe) {
  SCOPED_TRACE(causeway::test::seed());
  std::mt19937_64 random(causeway::test::seed());
  constexpr std::uint64_t kKeys = 200;
  for (int round = 0; round < 50; ++round) {
    Missing missing;
    missing.set(BucketSet().set(7));
    missing.take(at(kKeys), last_key(7));
    std::set<std::uint64_t> keys;
    for (std::uint64_t key = 0; key < kKeys; ++key)
      keys.insert(key);
    for (int step = 0; step < 40; ++step) {
      const std::uint64_t from = random() % kKeys;
      const std::uint64_t to = std::min(from + random() % 20, kKeys - 1);
      missing.take(at(from), at(to));
      for (std::uint64_t key = from; key <= to; ++key)
        keys.erase(key);
      for (std::uint64_t key = 0; key < kKeys; ++key)
        ASSERT_EQ(missing.is_any_in(at(key), at(key)), keys.contains(key));
      ASSERT_EQ(missing.empty(), keys.empty());
    }
  }
}

TEST(DirectoryMissing, StaysSmallHoweverItIsCut) {
  Missing missing;
  missing.set(BucketSet().set(7));
  for (std::uint64_t key = 0; key < 10000; ++key)
    missing.take(at(2 * key), at(2 * key));
  EXPECT_TRUE(missing.is_any_in(at(19000), at(19000)));  // will be asked for again
  EXPECT_FALSE(missing.is_any_in(at(1000), at(1000)));
  missing.take(first_key(7), last_key(7));
  EXPECT_TRUE(missing.empty());
}

}  // namespace
}  // namespace causeway::control::directory::test
