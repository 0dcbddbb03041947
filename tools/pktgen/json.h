// Writes JSON, value by value.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace causeway::pktgen {

class Json {
 public:
  template <class Fill>
  void object(std::string_view key, Fill&& fill) {
    block(key, '{', '}', fill);
  }
  template <class Fill>
  void array(std::string_view key, Fill&& fill) {
    block(key, '[', ']', fill);
  }
  void put(std::string_view key, std::uint64_t value) { raw(key, std::to_string(value)); }
  void put(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
  void put(std::string_view key, double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.6g", std::isfinite(value) ? value : 0);
    raw(key, text.data());
  }
  void put(std::string_view key, std::string_view value) { raw(key, quote(value)); }
  void put(std::string_view key, const std::string& value) { raw(key, quote(value)); }
  void put(std::string_view key, const char* value) { raw(key, quote(value)); }

  const std::string& text() const { return text_; }

  static std::string quote(std::string_view value) {
    std::string text = "\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') {
        text += '\\';
        text += c;
      } else if (static_cast<unsigned char>(c) < ' ') {
        std::array<char, 8> escaped{};
        std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
        text += escaped.data();
      } else {
        text += c;
      }
    }
    return text + "\"";
  }

 private:
  // An empty key: an item of an array, or the whole document.
  void raw(std::string_view key, std::string_view value) {
    if (!text_.empty() && text_.back() != '{' && text_.back() != '[') text_ += ", ";
    if (!key.empty()) text_ += quote(key) + ": ";
    text_ += value;
  }
  template <class Fill>
  void block(std::string_view key, char open, char close, Fill&& fill) {
    raw(key, std::string(1, open));
    fill();
    text_ += close;
  }

  std::string text_;
};

}  // namespace causeway::pktgen
