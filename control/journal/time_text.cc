#include "control/journal/time_text.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace causeway::control {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

struct Date {
  std::int64_t year = 1970;
  unsigned month = 1;
  unsigned day = 1;
};

// Years that begin in March have their leap day at the end: Howard Hinnant's algorithm.
constexpr std::int64_t days_of(Date date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

constexpr Date date_of(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  return {.year = year_of_era + era * 400 + (month >= 10 ? 1 : 0),
          .month = static_cast<unsigned>(month < 10 ? month + 3 : month - 9),
          .day = static_cast<unsigned>(day_of_year - (153 * month + 2) / 5 + 1)};
}

constexpr unsigned days_in(std::int64_t year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

// Exactly so many digits, up to `most`.
std::optional<unsigned> take_digits(std::string_view& text, std::size_t count, unsigned most) {
  unsigned value = 0;
  if (text.size() < count) return std::nullopt;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  text.remove_prefix(count);
  return value <= most ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4, 9999);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2, 12);
  if (!month || *month == 0 || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2, days_in(*year, *month));
  if (!day || *day == 0) return std::nullopt;
  return days_of({.year = *year, .month = *month, .day = *day}) * kDayMs;
}

// Finer than a millisecond is cut off.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  std::int64_t ms = 0;
  std::int64_t weight = 100;
  bool is_any = false;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    ms += (text.front() - '0') * weight;
    weight /= 10;
    text.remove_prefix(1);
    is_any = true;
  }
  return is_any ? std::optional(ms) : std::nullopt;
}

std::optional<std::int64_t> take_time_of_day(std::string_view& text) {
  const auto hour = take_digits(text, 2, 23);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2, 59);
  if (!minute) return std::nullopt;
  std::int64_t ms = (std::int64_t{*hour} * 60 + *minute) * 60'000;
  if (!take(text, ':')) return ms;
  const auto second = take_digits(text, 2, 60);  // a leap second
  if (!second) return std::nullopt;
  ms += std::int64_t{*second} * 1000;
  if (!take(text, '.')) return ms;
  const auto fraction = take_fraction(text);
  return fraction ? std::optional(ms + *fraction) : std::nullopt;
}

std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const std::int64_t sign = text.starts_with('-') ? -1 : 1;
  if (!take(text, '-') && !take(text, '+')) return std::nullopt;
  const auto hours = take_digits(text, 2, 23);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2, 59);
  return minutes ? std::optional(sign * (std::int64_t{*hours} * 60 + *minutes) * 60'000) : std::nullopt;
}

std::optional<std::int64_t> parse_ago(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failed != std::errc() || count < 0 || count > 1'000'000'000'000) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", kDayMs}};
  for (const auto& [unit, ms] : kUnits) {
    if (text == unit) return count > 1'000'000'000'000 / ms ? std::nullopt : std::optional(count * ms);
  }
  return std::nullopt;
}

}  // namespace

std::string format_time(std::int64_t ms) {
  const std::int64_t days = (ms >= 0 ? ms : ms - (kDayMs - 1)) / kDayMs;
  const std::int64_t of_day = ms - days * kDayMs;
  const Date date = date_of(days);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04lld-%02u-%02uT%02lld:%02lld:%02lld.%03lldZ",
                static_cast<long long>(date.year), date.month, date.day,
                static_cast<long long>(of_day / 3'600'000), static_cast<long long>(of_day / 60'000 % 60),
                static_cast<long long>(of_day / 1000 % 60), static_cast<long long>(of_day % 1000));
  return text.data();
}

std::optional<std::int64_t> parse_time(std::string_view text, std::int64_t now_ms) {
  if (text == "now") return now_ms;
  if (take(text, '-')) {
    const auto ago = parse_ago(text);
    return ago ? std::optional(now_ms - *ago) : std::nullopt;
  }
  const auto date = take_date(text);
  if (!date || (!take(text, 'T') && !take(text, 't') && !take(text, ' '))) return std::nullopt;
  const auto of_day = take_time_of_day(text);
  if (!of_day) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return *date + *of_day - *offset;
}

}  // namespace causeway::control
