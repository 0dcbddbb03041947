#include "config/text.h"

#include <algorithm>
#include <vector>

namespace causeway::config {

bool TextRule::holds(std::string_view text) const {
  if (text.size() < shortest || text.size() > longest) return false;
  return std::all_of(text.begin(), text.end(), [this](char c) {
    if (any) return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    return is_letter_or_digit(c) || extra.find(c) != extra.npos;
  });
}

std::string TextRule::pattern() const {
  const std::string count = "{" + std::to_string(shortest) + "," + std::to_string(longest) + "}$";
  if (any) return "^[^\\u0000-\\u001f\\u007f]" + count;
  // A '-' at the end stands for itself in every dialect.
  std::string characters = "A-Za-z0-9";
  for (const char c : extra) {
    if (c != '-') characters += c;
  }
  if (extra.find('-') != extra.npos) characters += '-';
  return "^[" + characters + "]" + count;
}

std::string TextRule::words() const {
  const std::string count = std::to_string(shortest) + " to " + std::to_string(longest) + " ";
  if (any) return count + "characters, none of them a control character";
  std::string text = count + "letters, digits and";
  for (const char c : extra) {
    text += ' ';
    text += c;
  }
  return text;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({change, above[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace causeway::config
