// The seed of a random test: fixed, unless CAUSEWAY_SEED in the environment replays or explores another.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace causeway::test {

inline std::uint64_t seed() {
  const char* text = std::getenv("CAUSEWAY_SEED");
  return text == nullptr ? 20260101 : std::strtoull(text, nullptr, 0);
}

}  // namespace causeway::test
