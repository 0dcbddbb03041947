#include "dataplane/guard/meter.h"

#include <algorithm>
#include <bit>

namespace causeway::guard {

Pace::Pace(Rate rate, std::uint64_t ticks_per_s)
    : interval_(std::max<std::uint64_t>(1, ticks_per_s / std::max(rate.per_s, 1u))),
      tolerance_(interval_ * (std::max(rate.burst, 1u) - 1)) {}

Meter::Meter(Rate rate, std::size_t sources, const HashKey& key, std::uint64_t ticks_per_s)
    : pace_(rate, ticks_per_s), key_(key), sets_(std::bit_ceil(std::max(sources, kWays)) / kWays) {}

bool Meter::admit(const net::IpAddress& source, std::uint64_t now) {
  std::array<std::uint8_t, 16> bytes = source.bytes;
  // On a link every station has an address of its own in the same /64.
  if (!source.is_v4() && !source.is_link_local()) std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  const std::uint64_t hash = siphash(key_, bytes);
  Set& set = sets_[hash & (sets_.size() - 1)];
  auto bucket = std::ranges::find(set.buckets, hash, &Bucket::source);
  if (bucket == set.buckets.end()) {
    bucket = std::ranges::min_element(set.buckets, {}, &Bucket::full_at);
    *bucket = {hash, 0};
  }
  return pace_.take(bucket->full_at, now);
}

}  // namespace causeway::guard
