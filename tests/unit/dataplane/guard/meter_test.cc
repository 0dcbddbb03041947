#include "dataplane/guard/meter.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/dataplane/frames.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::guard {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;  // ns
constexpr HashKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

net::IpAddress v4(std::uint32_t address) {
  return net::IpAddress::v4(address);
}

TEST(SipHash, IsThatOfTheReference) {
  // Of the reference implementation's vectors_sip64: the message 00 01 .. 0f under the key 00 01 .. 0f.
  std::array<std::uint8_t, 16> message;
  for (std::size_t i = 0; i < message.size(); ++i)
    message[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(siphash(kKey, message), 0x3f2acc7f57c29bdbu);
  EXPECT_NE(siphash({1, 2}, message), siphash({1, 3}, message));
}

TEST(Meter, GivesTheBurstAtOnceAndThenTheRate) {
  Meter meter({.per_s = 10, .burst = 5}, 64, kKey, kSecond);
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(meter.admit(v4(1), kSecond)) << i;
  EXPECT_FALSE(meter.admit(v4(1), kSecond));
  EXPECT_FALSE(meter.admit(v4(1), kSecond + kSecond / 10 - 1));
  EXPECT_TRUE(meter.admit(v4(1), kSecond + kSecond / 10));
  EXPECT_FALSE(meter.admit(v4(1), kSecond + kSecond / 10));
}

TEST(Meter, HoldsTheRateOverALongTime) {
  Meter meter({.per_s = 1000, .burst = 50}, 64, kKey, kSecond);
  int admitted = 0;
  for (std::uint64_t now = kSecond; now < 11 * kSecond; now += 100'000)  // 10,000 a second
    admitted += meter.admit(v4(7), now) ? 1 : 0;
  EXPECT_NEAR(admitted, 10 * 1000 + 50, 2);
}

TEST(Meter, FillsUpToTheBurstAndNoFurther) {
  Meter meter({.per_s = 10, .burst = 5}, 64, kKey, kSecond);
  while (meter.admit(v4(1), 0)) {
  }
  int admitted = 0;
  while (meter.admit(v4(1), 3600 * kSecond))
    ++admitted;
  EXPECT_EQ(admitted, 5);
}

TEST(Meter, ClockThatStepsBackDoesNotOpenIt) {
  Meter meter({.per_s = 10, .burst = 5}, 64, kKey, kSecond);
  while (meter.admit(v4(1), 10 * kSecond)) {
  }
  EXPECT_FALSE(meter.admit(v4(1), 9 * kSecond));
}

// However many flood: who stays within the rate is admitted, each time.
TEST(Meter, BlamesNobodyForAnother) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(test::seed()));
  Meter meter({.per_s = 10, .burst = 3}, 256, kKey, kSecond);
  std::uint64_t now = kSecond;
  for (int second = 0; second < 20; ++second) {
    for (int i = 0; i < 5000; ++i) {
      now += kSecond / 5000;
      meter.admit(v4(static_cast<std::uint32_t>(random() % 2000)), now);  // many times the room
    }
    for (std::uint32_t quiet = 0; quiet < 50; ++quiet)
      ASSERT_TRUE(meter.admit(v4(0x0a000000 + quiet), now)) << second << " " << quiet;
  }
}

// One that floods stays limited, though ten times as many others as there is room for come by once each.
TEST(Meter, KeepsAnEyeOnWhoFloods) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(test::seed()));
  Meter meter({.per_s = 10, .burst = 10}, 256, kKey, kSecond);
  int admitted = 0;
  std::uint64_t now = kSecond;
  for (int i = 0; i < 2560; ++i) {
    now += kSecond / 2560;
    for (int flood = 0; flood < 10; ++flood)
      admitted += meter.admit(v4(1), now) ? 1 : 0;
    meter.admit(v4(0x0b000000 + static_cast<std::uint32_t>(random() >> 8)), now);
  }
  EXPECT_LE(admitted, 30);  // of 25,600
  EXPECT_GE(admitted, 15);
}

TEST(Meter, TakesAnIpv6NetworkForOneSource) {
  Meter meter({.per_s = 1, .burst = 2}, 64, kKey, kSecond);
  EXPECT_TRUE(meter.admit(frames::ip("2001:db8:1:2::1"), kSecond));
  EXPECT_TRUE(meter.admit(frames::ip("2001:db8:1:2:ffff::2"), kSecond));
  EXPECT_FALSE(meter.admit(frames::ip("2001:db8:1:2:3::3"), kSecond));
  EXPECT_TRUE(meter.admit(frames::ip("2001:db8:1:3::1"), kSecond));
}

TEST(Meter, TellsLinkLocalStationsAndIpv4HostsApart) {
  Meter meter({.per_s = 1, .burst = 1}, 64, kKey, kSecond);
  EXPECT_TRUE(meter.admit(frames::ip("fe80::1"), kSecond));
  EXPECT_TRUE(meter.admit(frames::ip("fe80::2"), kSecond));
  EXPECT_TRUE(meter.admit(frames::ip("192.0.2.1"), kSecond));
  EXPECT_TRUE(meter.admit(frames::ip("192.0.2.2"), kSecond));
  EXPECT_FALSE(meter.admit(frames::ip("192.0.2.2"), kSecond));
}

// Sources that share a set under one key do not under another.
TEST(Meter, PutsSourcesElsewhereUnderAnotherKey) {
  const auto together = [](const HashKey& key) {
    std::set<std::uint32_t> found;
    const std::uint64_t set = siphash(key, v4(1).bytes) % 64;
    for (std::uint32_t source = 2; source < 2000; ++source) {
      if (siphash(key, v4(source).bytes) % 64 == set) found.insert(source);
    }
    return found;
  };
  const std::set<std::uint32_t> one = together({1, 2});
  const std::set<std::uint32_t> other = together({1, 3});
  std::size_t both = 0;
  for (const std::uint32_t source : one)
    both += other.contains(source) ? 1 : 0;
  EXPECT_GT(one.size(), 10u);
  EXPECT_LT(both, one.size() / 2);
}

TEST(Meter, HasItsMemoryFixed) {
  EXPECT_EQ(Meter({}, 16384, kKey, kSecond).bytes(), std::size_t{16384} * 16);
  EXPECT_EQ(Meter({}, 1, kKey, kSecond).bytes(), 64u);
}

}  // namespace
}  // namespace causeway::guard
