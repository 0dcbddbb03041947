#include "tools/ctl/table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace causeway::ctl {
namespace {

// Of characters, if it is UTF-8.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

template <class... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

}  // namespace

std::string Table::text() const {
  std::vector<std::vector<std::string>> lines{{}};
  std::vector<std::size_t> widths;
  for (const std::string& name : names_)
    lines[0].push_back(name.starts_with('>') ? name.substr(1) : name);
  for (const auto& row : rows_) {
    lines.emplace_back();
    for (const std::string& cell : row)
      lines.back().push_back(printable(cell));
  }
  for (std::size_t column = 0; column < names_.size(); ++column) {
    widths.push_back(0);
    for (const auto& line : lines)
      widths.back() = std::max(widths.back(), width(line[column]));
  }
  std::string text;
  for (const auto& line : lines) {
    std::string all;
    for (std::size_t column = 0; column < names_.size(); ++column) {
      const std::string blanks(widths[column] - width(line[column]), ' ');
      if (column != 0) all += "  ";
      all += names_[column].starts_with('>') ? blanks + line[column] : line[column] + blanks;
    }
    all.erase(all.find_last_not_of(' ') + 1);
    text += all + "\n";
  }
  return text;
}

std::string printable(std::string_view text) {
  std::string clean(text);
  std::ranges::replace_if(
      clean, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return clean;
}

std::string duration(double seconds) {
  if (seconds < 0) seconds = 0;
  if (seconds < 0.9995) return format("%.0f ms", seconds * 1000);
  if (seconds < 59.95) return format("%.1f s", seconds);
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 3600) return format("%lld min %02lld s", whole / 60, whole % 60);
  if (whole < 86'400) return format("%lld h %02lld min", whole / 3600, whole / 60 % 60);
  return format("%lld d %02lld h", whole / 86'400, whole / 3600 % 24);
}

std::string percent(double ratio) {
  return format("%.1f %%", ratio * 100);
}

}  // namespace causeway::ctl
