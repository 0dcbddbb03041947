#include "control/directory/message.h"

#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/dataplane/seed.h"

namespace causeway::control::directory::test {
namespace {

template <class Message>
std::vector<std::uint8_t> bytes_of(const Message& message) {
  std::vector<std::uint8_t> bytes(wire::kMaxRecordBytes);
  wire::Writer writer(bytes);
  write(writer, message);
  EXPECT_FALSE(writer.failed());
  bytes.resize(writer.size());
  return bytes;
}

// Every shorter body is refused, and a longer one is a later version's.
template <class Message>
void expect_whole_or_nothing(const Message& message) {
  std::vector<std::uint8_t> bytes = bytes_of(message);
  Message again;
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(read(std::span(bytes).first(size), again)) << size;
  EXPECT_TRUE(read(bytes, again));
  EXPECT_EQ(bytes_of(again), bytes);
  bytes.push_back(0xff);
  EXPECT_TRUE(read(bytes, again));
}

Delta delta_of(std::size_t count) {
  Delta delta;
  delta.first = 77;
  delta.count = count;
  for (std::size_t i = 0; i < count; ++i)
    delta.changes[i] = {{i, ~i}, i % 3 == 0 ? 0 : i * i, i % 3 == 0};
  return delta;
}

TEST(DirectoryMessage, AreReadAsTheyWereWritten) {
  expect_whole_or_nothing(delta_of(0));
  expect_whole_or_nothing(delta_of(30));
  expect_whole_or_nothing(Digest{5, 3, 4, 0x123456789abcdef0});
  expect_whole_or_nothing(Digest{0, 1, 0, 0});
  expect_whole_or_nothing(Request{.what = Request::What::log, .from = 4, .to = 9});
  expect_whole_or_nothing(Request{.what = Request::What::log, .from = 4, .to = 0});
  expect_whole_or_nothing(Request{.what = Request::What::hashes});
  expect_whole_or_nothing(Request{.what = Request::What::digest});
  Request buckets{.what = Request::What::buckets};
  buckets.buckets.set(0).set(9).set(255);
  expect_whole_or_nothing(buckets);
  Request again;
  ASSERT_TRUE(read(bytes_of(buckets), again));
  EXPECT_EQ(again.buckets, buckets.buckets);
  BucketHashes hashes{.last = 9, .oldest = 2};
  for (std::uint32_t i = 0; i < kBuckets; ++i)
    hashes.hashes[i] = i * 0x01010101;
  expect_whole_or_nothing(hashes);
}

BucketPart part_of(std::initializer_list<Entry> entries, bool is_end) {
  BucketPart part;
  part.last = 12;
  part.from = first_key(0xab);
  part.is_end = is_end;
  for (const Entry& entry : entries)
    part.entries[part.count++] = entry;
  return part;
}

TEST(DirectoryMessage, ABucketsPartKeepsKeysAndStampsOfAnySize) {
  const TrackKey a = first_key(0xab);
  const TrackKey b = last_key(0xab);
  for (const Stamp stamp : {Stamp{0}, Stamp{1}, Stamp{255}, Stamp{256}, Stamp{1} << 40, ~Stamp{0}}) {
    for (const bool is_end : {false, true}) {
      const BucketPart part = part_of({{a, 0}, {{a.high, 7}, 1}, {b, stamp}}, is_end);
      expect_whole_or_nothing(part);
      BucketPart again;
      ASSERT_TRUE(read(bytes_of(part), again));
      ASSERT_EQ(again.count, 3U);
      EXPECT_EQ(again.entries[2].track, b);
      EXPECT_EQ(again.entries[2].stamp, stamp);
      EXPECT_EQ(again.to(), b);
      EXPECT_EQ(again.bucket(), 0xabU);
    }
  }
  expect_whole_or_nothing(part_of({}, true));
}

TEST(DirectoryMessage, APartThatIsNotInOrderIsRefused) {
  const TrackKey a{0xab00000000000000, 5};
  const TrackKey b{0xab00000000000000, 6};
  BucketPart part;
  EXPECT_TRUE(read(bytes_of(part_of({{a, 1}, {b, 1}}, true)), part));
  EXPECT_FALSE(read(bytes_of(part_of({{b, 1}, {a, 1}}, true)), part));
  EXPECT_FALSE(read(bytes_of(part_of({{a, 1}, {a, 1}}, true)), part));
  EXPECT_FALSE(read(bytes_of(part_of({{last_key(0xab), 1}, {a, 1}}, true)), part));
  EXPECT_FALSE(read(bytes_of(part_of({}, false)), part));
  BucketPart before = part_of({{a, 1}}, true);
  before.from = b;
  EXPECT_FALSE(read(bytes_of(before), part));
}

struct Forged {
  const char* name;
  std::size_t at;
  std::uint8_t byte;
};

TEST(DirectoryMessage, NumbersThatCannotBeMeantAreRefused) {
  for (const Forged& forged :
       {Forged{"first 2^63", 0, 0x80}, {"count 0xff01", 8, 0xff}, {"kind", 10, 3}, {"kind", 10, 0}}) {
    std::vector<std::uint8_t> bytes = bytes_of(delta_of(1));
    bytes[forged.at] = forged.byte;
    Delta delta;
    EXPECT_FALSE(read(bytes, delta)) << forged.name;
  }
  for (const Forged& forged : {Forged{"last", 0, 0x80}, {"oldest", 8, 0x10}}) {
    std::vector<std::uint8_t> bytes = bytes_of(Digest{5, 3, 4, 0});
    bytes[forged.at] = forged.byte;
    Digest digest;
    EXPECT_FALSE(read(bytes, digest)) << forged.name;
  }
  for (const Forged& forged :
       {Forged{"what", 0, 0}, {"what", 0, 5}, {"from", 1, 0x80}, {"to", 9, 0x80}, {"to", 16, 3}}) {
    std::vector<std::uint8_t> bytes = bytes_of(Request{.what = Request::What::log, .from = 4, .to = 9});
    bytes[forged.at] = forged.byte;
    Request request;
    EXPECT_FALSE(read(bytes, request)) << forged.name;
  }
  for (const Forged& forged :
       {Forged{"last", 0, 0x80}, {"end", 24, 2}, {"width", 25, 9}, {"count", 34, 255}}) {
    std::vector<std::uint8_t> bytes = bytes_of(part_of({{last_key(0xab), 300}}, true));
    bytes[forged.at] = forged.byte;
    BucketPart part;
    EXPECT_FALSE(read(bytes, part)) << forged.name;
  }
}

TEST(DirectoryMessage, AStampThatOverflowsItsBaseIsRefused) {
  const TrackKey a{0xab00000000000000, 5};
  std::vector<std::uint8_t> bytes = bytes_of(part_of({{a, 1}, {{a.high, 9}, 300}}, true));
  for (std::size_t i = 0; i < 8; ++i)
    bytes[26 + i] = 0xff;  // the base
  BucketPart part;
  EXPECT_FALSE(read(bytes, part));
}

TEST(DirectoryMessage, AsManyEntriesFitAsWereCounted) {
  std::mt19937_64 random(causeway::test::seed());
  for (int round = 0; round < 200; ++round) {
    const unsigned shift = static_cast<unsigned>(random() % 64);
    std::set<std::uint64_t> lows;
    while (lows.size() < 80)
      lows.insert(random());
    std::vector<Entry> entries;
    for (const std::uint64_t low : lows)
      entries.push_back({{first_key(3).high, low}, random() >> shift});
    BucketPart part;
    part.from = first_key(3);
    part.count = fits(std::span(entries).first(BucketPart::kMaxEntries + 1));
    ASSERT_LE(part.count, BucketPart::kMaxEntries);
    ASSERT_GE(part.count, 48U);
    std::copy_n(entries.begin(), part.count, part.entries.begin());
    BucketPart again;
    ASSERT_TRUE(read(bytes_of(part), again));
    for (std::size_t i = 0; i < part.count; ++i) {
      ASSERT_EQ(again.entries[i].track, entries[i].track);
      ASSERT_EQ(again.entries[i].stamp, entries[i].stamp);
    }
  }
}

TEST(DirectoryMessage, HashesTellTracksAndStampsApart) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t high = 0; high < 10; ++high) {
    for (std::uint64_t low = 0; low < 10; ++low) {
      for (Stamp stamp = 0; stamp < 10; ++stamp)
        hashes.insert(entry_hash({high, low}, stamp));
    }
  }
  EXPECT_EQ(hashes.size(), 1000U);
}

}  // namespace
}  // namespace causeway::control::directory::test
