// The only clocks of the control thread: everything that is pure takes `now` from here.
#pragma once

#include <chrono>
#include <cstdint>

#include "control/wire/ids.h"

namespace causeway::control {

inline TimeUs steady_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

// UTC, since 1970.
inline std::int64_t wall_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace causeway::control
