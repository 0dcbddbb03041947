// What nodes say to each other about their logs of tracks. A node's log is the sequence of its changes since
// its start; the frame says of which boot. Bodies, all numbers big-endian:
//
//   DELTA          first sequence (8), count (2), then for each change: 1, track (16), stamp (8), or
//                  2, track (16) for a removal. Nothing more than "my log ends here" if count is 0
//   DIGEST         last sequence (8), oldest sequence that can be sent again (8), tracks (4), hash (8)
//   REQUEST        what (1); log: from (8), to (8; 0: to the end); buckets: one bit for each of 256 (32)
//   BUCKET_HASHES  last sequence (8), oldest (8), then for each of 256 buckets its hash's low 4 bytes
//   BUCKET         last sequence (8), from (16), is the end (1), width (1), base (8), count (1), then for
//   each
//                  track: its key without the first byte (15), stamp - base (width). It says: from `from` on,
//                  up to the last track in it, or to the bucket's end, these are all
//
// A bucket holds the keys that begin with one byte. Hashes are sums of entry_hash(), so that one change costs
// one addition, in whatever order changes come.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>

#include "control/wire/bytes.h"
#include "control/wire/frame.h"
#include "control/wire/ids.h"

namespace causeway::control::directory {

// A change's place in its node's log, from 1.
using Sequence = std::uint64_t;
inline constexpr Sequence kMaxSequence = Sequence{1} << 62;  // sums with counts never wrap

inline constexpr std::size_t kBuckets = 256;
using BucketSet = std::bitset<kBuckets>;

constexpr std::size_t bucket_of(const TrackKey& key) {
  return key.high >> 56;
}
constexpr TrackKey first_key(std::size_t bucket) {
  return {std::uint64_t{bucket} << 56, 0};
}
constexpr TrackKey last_key(std::size_t bucket) {
  return {std::uint64_t{bucket} << 56 | ~std::uint64_t{0} >> 8, ~std::uint64_t{0}};
}
constexpr TrackKey successor(const TrackKey& key) {
  return {key.high + (key.low == ~std::uint64_t{0} ? 1 : 0), key.low + 1};
}

struct Entry {
  TrackKey track;
  Stamp stamp = 0;
};
std::uint64_t entry_hash(const TrackKey& track, Stamp stamp);

struct Change {
  TrackKey track;
  Stamp stamp = 0;
  bool is_removal = false;
};
constexpr std::size_t wire_bytes(const Change& change) {
  return change.is_removal ? 17 : 25;
}

struct Delta {
  static constexpr std::size_t kHeaderBytes = 10;
  static constexpr std::size_t kMaxChanges = (wire::kMaxRecordBytes - kHeaderBytes) / 17;

  Sequence first = 1;
  std::size_t count = 0;
  std::array<Change, kMaxChanges> changes;

  Sequence last() const { return first + count - 1; }
  std::span<const Change> all() const { return std::span(changes).first(count); }
};

struct Digest {
  Sequence last = 0;
  Sequence oldest = 1;
  std::uint32_t tracks = 0;
  std::uint64_t hash = 0;
};

struct Request {
  enum class What : std::uint8_t { log = 1, digest = 2, hashes = 3, buckets = 4 };

  What what = What::digest;
  Sequence from = 1;
  Sequence to = 0;
  BucketSet buckets;
};

struct BucketHashes {
  Sequence last = 0;
  Sequence oldest = 1;
  std::array<std::uint32_t, kBuckets> hashes{};
};

struct BucketPart {
  static constexpr std::size_t kHeaderBytes = 35;
  static constexpr std::size_t kKeyBytes = 15;
  static constexpr std::size_t kMaxEntries = (wire::kMaxRecordBytes - kHeaderBytes) / kKeyBytes;

  Sequence last = 0;  // the log's, when this was true
  TrackKey from;
  bool is_end = false;  // of the bucket
  std::size_t count = 0;
  std::array<Entry, kMaxEntries> entries;  // ascending

  std::size_t bucket() const { return bucket_of(from); }
  std::span<const Entry> all() const { return std::span(entries).first(count); }
  TrackKey to() const { return is_end ? last_key(bucket()) : entries[count - 1].track; }  // inclusive
};

void write(wire::Writer& writer, const Delta& delta);
void write(wire::Writer& writer, const Digest& digest);
void write(wire::Writer& writer, const Request& request);
void write(wire::Writer& writer, const BucketHashes& hashes);
// At most as many entries as fits() says.
void write(wire::Writer& writer, const BucketPart& part);

// How many of the first entries one BUCKET holds.
std::size_t fits(std::span<const Entry> entries);

// False, and the value is not to be used, if the body cannot be what a peer means. Bytes behind the body are
// a later version's.
bool read(std::span<const std::uint8_t> body, Delta& delta);
bool read(std::span<const std::uint8_t> body, Digest& digest);
bool read(std::span<const std::uint8_t> body, Request& request);
bool read(std::span<const std::uint8_t> body, BucketHashes& hashes);
bool read(std::span<const std::uint8_t> body, BucketPart& part);

}  // namespace causeway::control::directory
