// Which keys of a log a copy still lacks, while it is repaired. Parts of buckets take ranges away, in
// whatever order they arrive.
#pragma once

#include <cstddef>
#include <vector>

#include "control/directory/message.h"

namespace causeway::control::directory {

class Missing {
 public:
  // Of whole buckets.
  void set(const BucketSet& buckets);
  void clear() { ranges_.clear(); }
  // [from, to] is here. It is in one bucket.
  void take(const TrackKey& from, const TrackKey& to);

  bool is_any_in(const TrackKey& from, const TrackKey& to) const;
  bool is_any_behind(const TrackKey& key) const { return !ranges_.empty() && key < ranges_.back().to; }
  bool empty() const { return ranges_.empty(); }
  BucketSet buckets() const;

 private:
  struct Range {
    TrackKey from;
    TrackKey to;  // inclusive
  };

  std::vector<Range> ranges_;  // ascending, each within a bucket
};

}  // namespace causeway::control::directory
