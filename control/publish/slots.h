// Which entries of a table are in use.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "dataplane/tables.h"

namespace causeway::control {

// Hands out ids below a capacity; the lowest unused ones first at the beginning, then what was given back.
class Slots {
 public:
  // limit: the configuration key that an operator would raise.
  Slots(std::size_t capacity, const char* limit) : capacity_(capacity), limit_(limit) {}

  Id take() {  // throws std::length_error
    if (!free_.empty()) {
      const Id id = free_.back();
      free_.pop_back();
      return id;
    }
    if (next_ == capacity_) throw std::length_error(std::string("a table is full: raise ") + limit_);
    return next_++;
  }
  void give_back(Id id) { free_.push_back(id); }

 private:
  std::size_t capacity_;
  const char* limit_;
  Id next_ = 0;
  std::vector<Id> free_;
};

}  // namespace causeway::control
