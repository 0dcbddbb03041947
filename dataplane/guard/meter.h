// How much each source may send: a token bucket for each, in memory that never grows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataplane/guard/siphash.h"
#include "dataplane/net/address.h"

namespace causeway::guard {

struct Rate {
  std::uint32_t per_s = 1;  // packets, at least 1
  std::uint32_t burst = 1;  // packets at once, at least 1
};

// Token buckets by the time at which they will be full again (ITU-T I.371's virtual scheduling): one word
// each. Times are ticks of any clock.
class Pace {
 public:
  Pace(Rate rate, std::uint64_t ticks_per_s);

  // Takes a token out of the bucket that is full at `full_at`; false if it is empty.
  bool take(std::uint64_t& full_at, std::uint64_t now) const {
    const std::uint64_t from = full_at > now ? full_at : now;
    if (from - now > tolerance_) return false;
    full_at = from + interval_;
    return true;
  }

 private:
  std::uint64_t interval_;   // ticks between packets
  std::uint64_t tolerance_;  // how far ahead of the clock a bucket may be
};

// One bucket for each source, an IPv4 address or an IPv6 /64 (whoever has one address of it has them all). If
// there are more sources than room, the newcomer takes the bucket that is nearest to full. So a source is
// never blamed for another, and who floods keeps its empty bucket; what many more sources than room send is
// not limited. One instance for each worker: not thread-safe.
class Meter {
 public:
  // key: random, unknown to anybody outside. sources: room, rounded up to a power of two.
  Meter(Rate rate, std::size_t sources, const HashKey& key, std::uint64_t ticks_per_s);

  // Takes a token of the source; false if it is above its rate.
  bool admit(const net::IpAddress& source, std::uint64_t now);

  std::size_t bytes() const { return sets_.size() * sizeof(Set); }

 private:
  struct Bucket {
    std::uint64_t source = 0;   // keyed hash
    std::uint64_t full_at = 0;  // in the past: full, and as good as unused
  };
  static constexpr std::size_t kWays = 4;
  struct alignas(64) Set {
    std::array<Bucket, kWays> buckets;
  };
  static_assert(sizeof(Set) == 64);

  Pace pace_;
  HashKey key_;
  std::vector<Set> sets_;
};

}  // namespace causeway::guard
