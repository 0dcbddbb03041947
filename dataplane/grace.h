// Grace periods, as those who unpublish something see them.
#pragma once

#include <cstdint>

namespace causeway {

// A token that has passed means: no worker still holds what was unpublished before the token was taken.
// Control thread only.
class GracePeriods {
 public:
  virtual ~GracePeriods() = default;
  virtual std::uint64_t begin() = 0;
  virtual bool passed(std::uint64_t token) = 0;
};

}  // namespace causeway
