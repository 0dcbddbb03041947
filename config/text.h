// What texts may consist of. Plain ASCII, whatever the locale is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace causeway::config {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Letters, digits and the `extra` characters, or with `any` everything but control characters.
struct TextRule {
  std::size_t shortest = 0;
  std::size_t longest = 4096;
  std::string_view extra = "";
  bool any = false;

  bool holds(std::string_view text) const;
  std::string pattern() const;  // the same as a regular expression (ECMA 262), for JSON Schema
  std::string words() const;    // "1 to 64 letters, digits and . _ -"
};

inline constexpr TextRule kAnyText{.shortest = 1, .any = true};
inline constexpr TextRule kName{.shortest = 1, .longest = 64, .extra = "._-"};
inline constexpr TextRule kTrackId{.shortest = 1, .longest = 64, .extra = "._-/"};
inline constexpr TextRule kLegName{.shortest = 1, .longest = 64, .extra = "._-/>"};
// IFNAMSIZ is 16 with the zero at the end; empty stands for no interface.
inline constexpr TextRule kInterfaceName{.shortest = 0, .longest = 15, .extra = "._-"};

// How many single-character edits (with swaps of neighbours) lie between two words.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace causeway::config
