#include "control/observe/exposition.h"

#include <array>
#include <charconv>

namespace causeway::control {
namespace {

// What a text may not hold as it is: in a label's value also the quote.
void append_escaped(std::string_view text, bool is_label, std::string& out) {
  for (const char c : text) {
    if (c == '\\' || (is_label && c == '"')) out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

}  // namespace

void Exposition::begin(std::string_view name, std::string_view help, std::string_view type) {
  name_ = "causeway_";
  name_ += name;
  text_ += "# HELP " + name_ + " ";
  append_escaped(help, false, text_);
  text_ += "\n# TYPE " + name_ + " " + std::string(type) + "\n";
}

void Exposition::put(Labels labels, std::string_view value) {
  text_ += name_;
  char separator = '{';
  for (const auto& [key, word] : labels) {
    text_ += separator;
    text_ += key;
    text_ += "=\"";
    append_escaped(word, true, text_);
    text_ += '"';
    separator = ',';
  }
  if (separator == ',') text_ += '}';
  text_ += ' ';
  text_ += value;
  text_ += '\n';
}

std::string Exposition::in_words(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

}  // namespace causeway::control
