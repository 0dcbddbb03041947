// What nodes call each other and each other's things in messages. Values only.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/relay/label.h"

namespace causeway::control {

// Microseconds of the node's own monotonic clock. The pure core never reads a clock: `now` is an argument.
using TimeUs = std::int64_t;
inline constexpr TimeUs kNever = INT64_MAX;
inline constexpr TimeUs kLongAgo = INT64_MIN / 4;  // differences to it do not overflow
constexpr TimeUs from_ms(std::uint64_t ms) {
  return static_cast<TimeUs>(ms) * 1000;
}

// A node or a site by its index in the fleet's membership list, the same everywhere.
using NodeId = std::uint8_t;
using SiteId = std::uint8_t;
inline constexpr std::size_t kMaxNodes = 128;
inline constexpr std::size_t kMaxSites = 32;
using causeway::kNoNode;
inline constexpr SiteId kNoSite = 0xff;

// Grows with each start of a node, for ever. 0: not known yet.
using BootId = std::uint64_t;

// A track's version, issued by its origin only.
using Stamp = std::uint64_t;

// A track's fleet-wide id as a fixed number of bytes: the first 16 of its name's SHA-256, since whoever can
// make two names collide can make two tracks one.
struct TrackKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const TrackKey&) const = default;
};
TrackKey track_key(std::string_view track_id);

struct TrackKeyHash {
  using is_avalanching = void;  // SHA-256 did it
  std::size_t operator()(const TrackKey& key) const { return key.high ^ key.low; }
};

// A set of nodes: a row of the who-hears-whom matrix.
class NodeSet {
 public:
  constexpr NodeSet() = default;
  constexpr explicit NodeSet(std::array<std::uint64_t, 2> words) : words_(words) {}

  constexpr void insert(NodeId node) { words_[node >> 6 & 1] |= std::uint64_t{1} << (node & 63); }
  constexpr void erase(NodeId node) { words_[node >> 6 & 1] &= ~(std::uint64_t{1} << (node & 63)); }
  constexpr bool contains(NodeId node) const {
    return node < kMaxNodes && (words_[node >> 6] >> (node & 63) & 1) != 0;
  }
  constexpr int size() const { return std::popcount(words_[0]) + std::popcount(words_[1]); }
  constexpr bool empty() const { return (words_[0] | words_[1]) == 0; }
  constexpr const std::array<std::uint64_t, 2>& words() const { return words_; }
  constexpr bool operator==(const NodeSet&) const = default;
  constexpr NodeSet operator|(const NodeSet& other) const {
    return NodeSet({words_[0] | other.words_[0], words_[1] | other.words_[1]});
  }
  constexpr NodeSet operator&(const NodeSet& other) const {
    return NodeSet({words_[0] & other.words_[0], words_[1] & other.words_[1]});
  }

  // visit(NodeId), in ascending order.
  template <class Visitor>
  constexpr void for_each(Visitor&& visit) const {
    for (unsigned w = 0; w < 2; ++w) {
      for (std::uint64_t rest = words_[w]; rest != 0; rest &= rest - 1) {
        visit(static_cast<NodeId>(w * 64 + static_cast<unsigned>(std::countr_zero(rest))));
      }
    }
  }

 private:
  std::array<std::uint64_t, 2> words_{};
};

}  // namespace causeway::control
