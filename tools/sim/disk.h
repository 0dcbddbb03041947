// The disk of a node, with the one number that must outlive it: the watermark. A write takes its time, and a
// crash loses the one that is under way.
#pragma once

#include <algorithm>
#include <optional>

#include "control/wire/ids.h"

namespace causeway::sim {

using control::Stamp;

class Disk {
 public:
  // True if the write begins now; else it follows the one that is under way.
  bool write(Stamp stamp) {
    if (writing_) {
      next_ = std::max(next_.value_or(0), stamp);
      return false;
    }
    writing_ = stamp;
    return true;
  }
  // The write that was under way is done. True if another one begins.
  bool finish() {
    stored_ = std::max(stored_, writing_.value_or(0));
    writing_ = next_;
    next_.reset();
    return writing_.has_value();
  }
  void crash() {
    writing_.reset();
    next_.reset();
  }
  void lose() { stored_ = 0; }

  Stamp stored() const { return stored_; }
  bool is_writing() const { return writing_.has_value(); }

 private:
  Stamp stored_ = 0;
  std::optional<Stamp> writing_;
  std::optional<Stamp> next_;
};

}  // namespace causeway::sim
