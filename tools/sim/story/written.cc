#include "tools/sim/story/written.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "tools/sim/coverage.h"

namespace causeway::sim {
namespace {

struct Unit {
  std::string_view name;
  TimeUs us;
};
constexpr Unit kUnits[] = {{"min", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}, {"us", 1}};
constexpr TimeUs kLongestUs = TimeUs{366} * 86'400 * 1'000'000;

bool digits(std::string_view text, TimeUs& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.starts_with('-');
}

// What stands behind a point: "5" is 500'000.
std::optional<TimeUs> millionths(std::string_view text) {
  TimeUs value = 0;
  if (text.size() > 6 || !digits(text, value)) return std::nullopt;
  for (std::size_t i = text.size(); i < 6; ++i)
    value *= 10;
  return value;
}

// ".5" for half a second, nothing for none.
std::string fraction(TimeUs us) {
  if (us == 0) return "";
  std::string text = std::to_string(us);
  text.insert(0, 6 - text.size(), '0');
  while (text.ends_with('0'))
    text.pop_back();
  return "." + text;
}

}  // namespace

std::optional<Span> parse_span(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::size_t space = text.find(' ');
  if (space == text.npos) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (text.substr(space + 1) != unit.name) continue;
    const std::string_view number = text.substr(0, space);
    const std::size_t point = number.find('.');
    TimeUs whole = 0;
    if (!digits(number.substr(0, point), whole) || whole > kLongestUs / unit.us) return std::nullopt;
    TimeUs us = whole * unit.us;
    if (point != number.npos) {
      const auto part = millionths(number.substr(point + 1));
      if (!part || *part * unit.us % 1'000'000 != 0) return std::nullopt;  // less than a microsecond
      us += *part * unit.us / 1'000'000;
    }
    return Span{is_negative ? -us : us};
  }
  return std::nullopt;
}

std::string to_text(Span span) {
  const std::string sign = span.us < 0 ? "-" : "";
  const TimeUs us = span.us < 0 ? -span.us : span.us;
  if (us != 0 && us % 60'000'000 == 0) return sign + std::to_string(us / 60'000'000) + " min";
  if (us % 1'000'000 == 0) return sign + std::to_string(us / 1'000'000) + " s";
  if (us % 1'000 == 0 && us < 10'000'000) return sign + std::to_string(us / 1'000) + " ms";
  if (us < 1'000'000) return sign + std::to_string(us) + " us";
  return sign + std::to_string(us / 1'000'000) + fraction(us % 1'000'000) + " s";
}

std::string to_ms_text(Span span) {
  return std::to_string((span.us + 500) / 1000) + " ms";
}

std::optional<TimeOfDay> parse_time_of_day(std::string_view text) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  TimeUs hours = 0;
  TimeUs minutes = 0;
  TimeUs seconds = 0;
  const bool is_time = digits(text.substr(0, 2), hours) && digits(text.substr(3, 2), minutes) &&
                       digits(text.substr(6, 2), seconds);
  if (!is_time || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  const TimeOfDay whole{((hours * 60 + minutes) * 60 + seconds) * 1'000'000};
  if (text.size() == 8) return whole;
  const auto part = text[8] == '.' ? millionths(text.substr(9)) : std::nullopt;
  return part ? std::optional(TimeOfDay{whole.us + *part}) : std::nullopt;
}

std::string to_text(TimeOfDay time) {
  const TimeUs s = time.us / 1'000'000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d:%02d", static_cast<int>(s / 3600 % 24),
                static_cast<int>(s / 60 % 60), static_cast<int>(s % 60));
  return text.data() + fraction(time.us % 1'000'000);
}

}  // namespace causeway::sim

namespace causeway::config {

template <>
std::vector<std::pair<std::string_view, sim::ActionKind>> names_of<sim::ActionKind>() {
  std::vector<std::pair<std::string_view, sim::ActionKind>> names;
  for (std::size_t kind = 0; kind < sim::kActionKinds; ++kind) {
    names.emplace_back(sim::name(static_cast<sim::ActionKind>(kind)), static_cast<sim::ActionKind>(kind));
  }
  return names;
}

}  // namespace causeway::config
