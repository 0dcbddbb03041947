// Times as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::control {

// RFC 3339 in UTC with milliseconds: 2024-02-07T09:14:03.250Z. Milliseconds since 1970.
std::string format_time(std::int64_t ms);

// RFC 3339 (the seconds and their fraction may be left out), or relative to now: now, -15m, -90s, -2h, -1d,
// -250ms. nullopt if it is neither.
std::optional<std::int64_t> parse_time(std::string_view text, std::int64_t now_ms);

}  // namespace causeway::control
