// Who goes first when there is more to send than can be sent.
#pragma once

#include <cstddef>
#include <cstdint>

namespace causeway {

enum class Priority : std::uint8_t { high, normal };
inline constexpr std::size_t kPriorities = 2;

}  // namespace causeway
