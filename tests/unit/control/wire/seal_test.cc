#include "control/wire/seal.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace causeway::control::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

PairKey key(std::uint8_t fill) {
  PairKey made;
  made.fill(fill);
  return made;
}

Bytes frame(BootId boot, std::uint64_t sequence) {
  FrameBuilder builder;
  builder.add(RecordType::beat, [](Writer& writer) { writer.u64(0x1122334455667788); });
  const auto plain = builder.finish({.from = 1, .flow = 0, .boot = boot, .to_boot = 0, .sequence = sequence});
  return {plain.begin(), plain.end()};
}

Bytes sealed(const PairKey& with, BootId boot, std::uint64_t sequence) {
  Sealer sealer(with, 1, 2, boot);
  Bytes out(kMaxFrameBytes);
  out.resize(sealer.seal(frame(boot, sequence), out));
  return out;
}

bool opens(Opener& opener, const Bytes& bytes) {
  Bytes out(kMaxFrameBytes);
  return opener.open(bytes, out).has_value();
}

TEST(Seal, WhatWasSealedIsOpened) {
  Opener opener(key(5), 1, 2);
  const Bytes bytes = sealed(key(5), 7, 1);
  Bytes out(kMaxFrameBytes);
  const auto plain = opener.open(bytes, out);
  ASSERT_TRUE(plain);
  EXPECT_TRUE(std::ranges::equal(*plain, frame(7, 1)));
  EXPECT_EQ(bytes.size(), frame(7, 1).size() + kTagBytes);
  EXPECT_EQ(std::ranges::search(bytes, Bytes{0x33, 0x44, 0x55, 0x66}).size(), 0U) << "records are encrypted";
}

TEST(Seal, EachBitIsGuarded) {
  Opener opener(key(5), 1, 2);
  const Bytes bytes = sealed(key(5), 7, 1);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes wrong = bytes;
    wrong[bit / 8] = static_cast<std::uint8_t>(wrong[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(opens(opener, wrong)) << bit;
  }
  EXPECT_TRUE(opens(opener, bytes));
}

TEST(Seal, IsForOnePairAndDirection) {
  const Bytes bytes = sealed(key(5), 7, 1);
  Opener other_key(key(6), 1, 2);
  Opener backwards(key(5), 2, 1);
  Opener third(key(5), 1, 3);
  EXPECT_FALSE(opens(other_key, bytes));
  EXPECT_FALSE(opens(backwards, bytes));
  EXPECT_FALSE(opens(third, bytes));
}

TEST(Seal, EachBootHasItsOwnKeyAndALateFrameOfTheOldOneStillOpens) {
  Opener opener(key(5), 1, 2);
  EXPECT_TRUE(opens(opener, sealed(key(5), 7, 1)));
  EXPECT_TRUE(opens(opener, sealed(key(5), 8, 1)));
  EXPECT_TRUE(opens(opener, sealed(key(5), 7, 2)));
  EXPECT_TRUE(opens(opener, sealed(key(5), 8, 2)));
  const Bytes a = sealed(key(5), 7, 1);
  const Bytes b = sealed(key(5), 8, 1);
  EXPECT_FALSE(std::equal(a.begin() + kHeaderBytes, a.end(), b.begin() + kHeaderBytes));
}

TEST(Seal, RefusesWhatIsTooShortOrDoesNotFit) {
  Opener opener(key(5), 1, 2);
  Bytes bytes = sealed(key(5), 7, 1);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(opens(opener, {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)}));
  Bytes small(10);
  EXPECT_FALSE(opener.open(bytes, small));
  Sealer sealer(key(5), 1, 2, 7);
  EXPECT_EQ(sealer.seal(frame(7, 1), small), 0U);
  EXPECT_EQ(sealer.seal(Bytes(10), bytes), 0U);
}

}  // namespace
}  // namespace causeway::control::wire
