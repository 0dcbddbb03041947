#include "dataplane/ring.h"

#include <array>
#include <cstdint>
#include <thread>

#include <gtest/gtest.h>

namespace causeway {
namespace {

TEST(Ring, GivesInOrderWhatItTook) {
  Ring<int, 4> ring;
  EXPECT_EQ(ring.pop(), std::nullopt);
  for (int round = 0; round < 10; ++round) {
    EXPECT_TRUE(ring.push(round));
    EXPECT_TRUE(ring.push(round + 100));
    EXPECT_EQ(ring.pop(), round);
    EXPECT_EQ(ring.pop(), round + 100);
  }
  EXPECT_EQ(ring.pop(), std::nullopt);
}

TEST(Ring, RefusesWhenItIsFull) {
  Ring<int, 4> ring;
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(ring.push(i));
  EXPECT_FALSE(ring.push(4));
  EXPECT_EQ(ring.pop(), 0);
  EXPECT_TRUE(ring.push(5));
  EXPECT_FALSE(ring.push(6));
}

// Values that are torn or lost would not add up; under -fsanitize=thread this is the proof of the ordering.
TEST(Ring, CarriesWholeValuesBetweenThreads) {
  struct Value {
    std::array<std::uint64_t, 8> words;
  };
  constexpr std::uint64_t kValues = 200'000;
  Ring<Value, 64> ring;
  std::thread producer([&ring] {
    for (std::uint64_t i = 1; i <= kValues;) {
      Value value;
      value.words.fill(i);
      if (ring.push(value)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  std::uint64_t wrong = 0;
  for (std::uint64_t expected = 1; expected <= kValues;) {
    const auto value = ring.pop();
    if (!value) {
      std::this_thread::yield();
      continue;
    }
    for (const std::uint64_t word : value->words)
      wrong += word == expected ? 0 : 1;
    ++expected;
  }
  producer.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(ring.pop(), std::nullopt);
}

}  // namespace
}  // namespace causeway
