#include "control/directory/missing.h"

#include <algorithm>

namespace causeway::control::directory {
namespace {

// Each part that is lost or late makes two ranges of one. Should there be more, what arrives is asked for
// again.
constexpr std::size_t kMaxRanges = 1024;

constexpr TrackKey predecessor(const TrackKey& key) {
  return {key.high - (key.low == 0 ? 1 : 0), key.low - 1};
}

}  // namespace

void Missing::set(const BucketSet& buckets) {
  ranges_.clear();
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    if (buckets[bucket]) ranges_.push_back({first_key(bucket), last_key(bucket)});
  }
}

void Missing::take(const TrackKey& from, const TrackKey& to) {
  for (auto range = std::ranges::lower_bound(ranges_, from, {}, &Range::to);
       range != ranges_.end() && range->from <= to;) {
    const bool stays_before = range->from < from;
    const bool stays_behind = to < range->to;
    if (stays_before && stays_behind) {
      if (ranges_.size() >= kMaxRanges) return;
      const Range before{range->from, predecessor(from)};
      range->from = successor(to);
      ranges_.insert(range, before);
      return;
    }
    if (!stays_before && !stays_behind) {
      range = ranges_.erase(range);
      continue;
    }
    (stays_before ? range->to : range->from) = stays_before ? predecessor(from) : successor(to);
    ++range;
  }
}

bool Missing::is_any_in(const TrackKey& from, const TrackKey& to) const {
  const auto range = std::ranges::lower_bound(ranges_, from, {}, &Range::to);
  return range != ranges_.end() && range->from <= to;
}

BucketSet Missing::buckets() const {
  BucketSet buckets;
  for (const Range& range : ranges_)
    buckets.set(bucket_of(range.from));
  return buckets;
}

}  // namespace causeway::control::directory
