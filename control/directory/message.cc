#include "control/directory/message.h"

#include <algorithm>
#include <bit>

namespace causeway::control::directory {
namespace {

constexpr std::uint8_t kPut = 1;
constexpr std::uint8_t kRemoval = 2;
constexpr std::size_t kMaxWidth = sizeof(Stamp);

// SplitMix64's finalizer: each bit of the input changes half of the output's.
constexpr std::uint64_t mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

// Bytes that hold a number; 0 holds nothing but 0.
std::size_t width_of(std::uint64_t number) {
  return (static_cast<std::size_t>(std::bit_width(number)) + 7) / 8;
}

struct Range {
  Stamp least = ~Stamp{0};
  Stamp greatest = 0;

  void include(Stamp stamp) {
    least = std::min(least, stamp);
    greatest = std::max(greatest, stamp);
  }
  std::size_t width() const { return width_of(greatest - least); }
};

void write_number(wire::Writer& writer, std::uint64_t number, std::size_t width) {
  for (std::size_t byte = width; byte-- > 0;)
    writer.u8(static_cast<std::uint8_t>(number >> 8 * byte));
}

std::uint64_t read_number(wire::Reader& reader, std::size_t width) {
  std::uint64_t number = 0;
  for (std::size_t byte = 0; byte < width; ++byte)
    number = number << 8 | reader.u8();
  return number;
}

bool is_range(Sequence last, Sequence oldest) {
  return last <= kMaxSequence && oldest >= 1 && oldest <= last + 1;
}

}  // namespace

std::uint64_t entry_hash(const TrackKey& track, Stamp stamp) {
  return mix(track.high ^ mix(track.low ^ mix(stamp)));
}

// ---- DELTA

void write(wire::Writer& writer, const Delta& delta) {
  writer.u64(delta.first);
  writer.u16(static_cast<std::uint16_t>(delta.count));
  for (const Change& change : delta.all()) {
    writer.u8(change.is_removal ? kRemoval : kPut);
    writer.track(change.track);
    if (!change.is_removal) writer.u64(change.stamp);
  }
}

bool read(std::span<const std::uint8_t> body, Delta& delta) {
  wire::Reader reader(body);
  delta.first = reader.u64();
  delta.count = reader.u16();
  if (delta.first < 1 || delta.first > kMaxSequence || delta.count > Delta::kMaxChanges) return false;
  for (Change& change : std::span(delta.changes).first(delta.count)) {
    const std::uint8_t kind = reader.u8();
    if (kind != kPut && kind != kRemoval) return false;
    change.is_removal = kind == kRemoval;
    change.track = reader.track();
    change.stamp = change.is_removal ? 0 : reader.u64();
  }
  return !reader.failed();
}

// ---- DIGEST

void write(wire::Writer& writer, const Digest& digest) {
  writer.u64(digest.last);
  writer.u64(digest.oldest);
  writer.u32(digest.tracks);
  writer.u64(digest.hash);
}

bool read(std::span<const std::uint8_t> body, Digest& digest) {
  wire::Reader reader(body);
  digest.last = reader.u64();
  digest.oldest = reader.u64();
  digest.tracks = reader.u32();
  digest.hash = reader.u64();
  return !reader.failed() && is_range(digest.last, digest.oldest);
}

// ---- REQUEST

void write(wire::Writer& writer, const Request& request) {
  writer.u8(static_cast<std::uint8_t>(request.what));
  if (request.what == Request::What::log) {
    writer.u64(request.from);
    writer.u64(request.to);
  }
  if (request.what != Request::What::buckets) return;
  for (std::size_t first = 0; first < kBuckets; first += 8) {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 8; ++i)
      bits = bits << 1 | (request.buckets[first + i] ? 1U : 0U);
    writer.u8(static_cast<std::uint8_t>(bits));
  }
}

bool read(std::span<const std::uint8_t> body, Request& request) {
  wire::Reader reader(body);
  request.what = static_cast<Request::What>(reader.u8());
  switch (request.what) {
    case Request::What::log:
      request.from = reader.u64();
      request.to = reader.u64();
      return !reader.failed() && request.from >= 1 && request.from <= kMaxSequence &&
             (request.to == 0 || (request.to >= request.from && request.to <= kMaxSequence));
    case Request::What::digest:
    case Request::What::hashes:
      return !reader.failed();
    case Request::What::buckets:
      for (std::size_t first = 0; first < kBuckets; first += 8) {
        const unsigned bits = reader.u8();
        for (std::size_t i = 0; i < 8; ++i)
          request.buckets[first + i] = (bits >> (7 - i) & 1) != 0;
      }
      return !reader.failed();
  }
  return false;
}

// ---- BUCKET_HASHES

void write(wire::Writer& writer, const BucketHashes& hashes) {
  writer.u64(hashes.last);
  writer.u64(hashes.oldest);
  for (const std::uint32_t hash : hashes.hashes)
    writer.u32(hash);
}

bool read(std::span<const std::uint8_t> body, BucketHashes& hashes) {
  wire::Reader reader(body);
  hashes.last = reader.u64();
  hashes.oldest = reader.u64();
  for (std::uint32_t& hash : hashes.hashes)
    hash = reader.u32();
  return !reader.failed() && is_range(hashes.last, hashes.oldest);
}

// ---- BUCKET

std::size_t fits(std::span<const Entry> entries) {
  constexpr std::size_t kRoom = wire::kMaxRecordBytes - BucketPart::kHeaderBytes;
  Range range;
  std::size_t count = 0;
  for (const Entry& entry : entries) {
    range.include(entry.stamp);
    if ((count + 1) * (BucketPart::kKeyBytes + range.width()) > kRoom) break;
    ++count;
  }
  return count;
}

void write(wire::Writer& writer, const BucketPart& part) {
  Range range;
  for (const Entry& entry : part.all())
    range.include(entry.stamp);
  if (part.count == 0) range.include(0);
  writer.u64(part.last);
  writer.track(part.from);
  writer.u8(part.is_end ? 1 : 0);
  writer.u8(static_cast<std::uint8_t>(range.width()));
  writer.u64(range.least);
  writer.u8(static_cast<std::uint8_t>(part.count));
  for (const Entry& entry : part.all()) {
    write_number(writer, entry.track.high, 7);
    writer.u64(entry.track.low);
    write_number(writer, entry.stamp - range.least, range.width());
  }
}

bool read(std::span<const std::uint8_t> body, BucketPart& part) {
  wire::Reader reader(body);
  part.last = reader.u64();
  part.from = reader.track();
  const std::uint8_t end = reader.u8();
  const std::size_t width = reader.u8();
  const Stamp base = reader.u64();
  part.is_end = end == 1;
  part.count = reader.u8();
  if (part.last > kMaxSequence || end > 1 || width > kMaxWidth || part.count > BucketPart::kMaxEntries) {
    return false;
  }
  // Without an end and without a track it would say nothing.
  if (!part.is_end && part.count == 0) return false;
  TrackKey least = part.from;
  for (Entry& entry : std::span(part.entries).first(part.count)) {
    entry.track.high = first_key(part.bucket()).high | read_number(reader, 7);
    entry.track.low = reader.u64();
    const std::uint64_t above = read_number(reader, width);
    entry.stamp = base + above;
    if (reader.failed() || entry.track < least || entry.stamp < base) return false;
    // The bucket's last key has no successor in it: a track behind it is refused, since it begins anew.
    if (&entry != &part.entries[part.count - 1] && entry.track == last_key(part.bucket())) return false;
    least = successor(entry.track);
  }
  return !reader.failed();
}

}  // namespace causeway::control::directory
