// The node's own changes, the latest of them, by sequence: what peers that missed some are sent again.
#pragma once

#include <cstddef>
#include <vector>

#include "control/directory/message.h"

namespace causeway::control::directory {

class Log {
 public:
  explicit Log(std::size_t capacity) : capacity_(capacity) {}

  void append(const Change& change);
  Sequence last() const { return last_; }                       // 0: there was no change yet
  Sequence oldest() const { return last_ - ring_.size() + 1; }  // that is still kept; last() + 1: none is

  // A delta with the changes from `from`, which is kept, to `to` at most: as many as one record holds.
  void fill(Sequence from, Sequence to, Delta& delta) const;

 private:
  const std::size_t capacity_;
  std::vector<Change> ring_;  // grows up to its capacity; sequence 1 stands first
  Sequence last_ = 0;
};

}  // namespace causeway::control::directory
