// Random numbers in streams that do not depend on each other: what one link or one kind of fault draws never
// shifts what another one gets, so that a plan from which an action was taken stays much the same run.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace causeway::sim {

// What a stream is for. The order is part of what a seed means.
enum class Stream : std::uint64_t {
  clock,
  disk,
  mind,
  arbiter,
  datagrams,
  media,
  faults,
  tunables,
  shape,
  load,
  incidents
};

// SplitMix64 (Steele, Lea and Flood): eight bytes of state, and any seed is a good one.
class Random {
 public:
  Random() = default;
  explicit Random(std::uint64_t seed) : state_(seed) {}
  Random(std::uint64_t seed, Stream stream, std::uint64_t index = 0)
      : state_(mix(mix(seed + kStep) + static_cast<std::uint64_t>(stream) * kStep + mix(index))) {}

  std::uint64_t next() { return mix(state_ += kStep); }

  // From 0 to bound - 1.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((next() >> 32) * bound >> 32);
  }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool chance(std::uint32_t percent) { return below(100) < percent; }

  // All octaves alike, so that short times are as common as long ones. In integers: the same on every
  // machine.
  std::int64_t octave(std::int64_t least, std::int64_t most) {
    const auto octaves = static_cast<std::uint32_t>(std::bit_width(static_cast<std::uint64_t>(most / least)));
    const std::int64_t from = least << below(octaves);
    return std::min(between(from, 2 * from), most);
  }

  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;
  std::uint64_t state_ = 0;
};

// The hash of a whole run: two runs with the same one did the same.
class RunHash {
 public:
  void add(std::uint64_t value) { state_ = std::rotl((state_ ^ value) * kFactor, 29); }
  // Two chains, so that one multiplication does not wait for the other.
  void add(std::span<const std::uint8_t> bytes) {
    std::uint64_t even = state_ ^ bytes.size();
    std::uint64_t odd = kFactor;
    std::size_t at = 0;
    for (; at + 16 <= bytes.size(); at += 16) {
      even = std::rotl((even ^ word(bytes, at, 8)) * kFactor, 29);
      odd = std::rotl((odd ^ word(bytes, at + 8, 8)) * kFactor, 31);
    }
    if (at + 8 <= bytes.size()) {
      odd = std::rotl((odd ^ word(bytes, at, 8)) * kFactor, 31);
      at += 8;
    }
    state_ = even;
    add(odd);
    if (at < bytes.size()) add(word(bytes, at, bytes.size() - at));
  }
  std::uint64_t value() const { return Random::mix(state_); }

 private:
  static std::uint64_t word(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, size);
    return value;
  }

  static constexpr std::uint64_t kFactor = 0x9fb21c651e98df25;
  std::uint64_t state_ = 0x243f6a8885a308d3;
};

}  // namespace causeway::sim
