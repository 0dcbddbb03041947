// Fills structs from a file's tree as their fields() say: every value is checked, every problem has its place
// and its mend, and nothing stops at the first one. Also what others than the configuration are read with.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/document.h"
#include "config/problem.h"
#include "config/scalar.h"
#include "config/schema.h"

namespace causeway::config {

using PayloadTypes = std::map<std::uint8_t, std::uint8_t>;

template <class T>
struct Wrapped {
  static constexpr bool kOptional = false;
  static constexpr bool kList = false;
};
template <class T>
struct Wrapped<std::optional<T>> {
  static constexpr bool kOptional = true;
  static constexpr bool kList = false;
};
template <class T>
struct Wrapped<std::vector<T>> {
  static constexpr bool kOptional = false;
  static constexpr bool kList = true;
};

inline std::string str(std::string_view text) {
  return std::string(text);
}

class StructReader {
 public:
  StructReader(std::filesystem::path folder, Problems& problems)
      : folder_(std::move(folder)), problems_(problems) {}

  template <class T>
  void read(const YamlNode& node, const std::string& path, const Field& field, T& out) {
    if (node.kind == YamlNode::Kind::null) {
      problems_.error(node.where, path, "has no value", "give one, or leave the key out");
      return;
    }
    if constexpr (Wrapped<T>::kOptional) {
      read(node, path, field, out.emplace());
    } else if constexpr (Wrapped<T>::kList) {
      read_list(node, path, field, out);
    } else if constexpr (std::is_same_v<T, PayloadTypes>) {
      read_payload_types(node, path, field, out);
    } else if constexpr (std::is_same_v<T, Crypto>) {
      read_crypto(node, path, out);
    } else if constexpr (requires { fields(out, [](const Field&, auto&) {}); }) {
      read_struct(node, path, out);
    } else if (node.kind != YamlNode::Kind::scalar) {
      problems_.error(node.where, path, "is " + str(words(node.kind)) + " where one value is wanted",
                      give(field, out));
    } else {
      read_scalar(node, path, field, out);
    }
  }

  template <class S>
  void read_struct(const YamlNode& node, const std::string& path, S& out) {
    if constexpr (requires { out.where; }) out.where = node.where;
    if (node.kind != YamlNode::Kind::map) {
      problems_.error(node.where, path, "is " + str(words(node.kind)) + " where a map is wanted",
                      "give \"key: value\" pairs");
      return;
    }
    std::vector<std::string_view> known;
    fields(out, [&](const Field& field, auto&) { known.push_back(field.key); });
    const std::set<std::string_view> meant = check_keys(node, path, known);
    fields(out, [&](const Field& field, auto& member) {
      if (const YamlNode* value = node.find(field.key)) {
        read(*value, join(path, field.key), field, member);
      } else if (field.required && !meant.contains(field.key)) {
        problems_.error(node.where, join(path, field.key), "is missing", "add it");
      }
    });
    if constexpr (requires { out.device_where; }) {
      const YamlNode* device = node.find("device");
      out.device_where = device == nullptr ? node.where : device->where;
    }
  }

  Location inline_key() const { return inline_key_; }

 private:
  std::set<std::string_view> check_keys(const YamlNode& node, const std::string& path,
                                        std::span<const std::string_view> known);
  void report_unknown_key(const YamlNode& key, const std::string& path,
                          std::span<const std::string_view> known, std::set<std::string_view>& meant);

  template <class T>
  void read_list(const YamlNode& node, const std::string& path, const Field& field, std::vector<T>& out) {
    if (node.kind != YamlNode::Kind::list) {
      problems_.error(node.where, path, "is " + str(words(node.kind)) + " where a list is wanted",
                      "give [..., ...], or lines that begin with \"- \"");
      return;
    }
    if (!count_is_right(node.items.size(), node, path, field)) return;
    out.clear();
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      read(*node.items[i], join(path, i), field, out.emplace_back());
    }
  }

  bool count_is_right(std::size_t count, const YamlNode& node, const std::string& path, const Field& field) {
    if (count < field.min_items) {
      problems_.error(node.where, path, "has " + std::to_string(count) + " items",
                      "give at least " + std::to_string(field.min_items));
    } else if (count > field.max_items) {
      const std::string mend = field.items_mend.empty() ? "give at most " + std::to_string(field.max_items)
                                                        : str(field.items_mend);
      problems_.error(node.where, path, "has " + std::to_string(count) + " items", mend);
    }
    return count >= field.min_items && count <= field.max_items;
  }

  // What a message tells to give for a value of this type.
  template <class T>
  static std::string give(const Field& field, const T&) {
    if constexpr (std::is_same_v<T, bool>) {
      return "give true or false";
    } else if constexpr (std::is_integral_v<T>) {
      return "give " + std::to_string(field.min) + " to " +
             std::to_string(std::min<std::uint64_t>(field.max, std::numeric_limits<T>::max()));
    } else if constexpr (std::is_enum_v<T>) {
      std::string text = "give ";
      for (const auto& [name, value] : names_of<T>()) {
        text += text.size() > 5 ? ", " : "";
        text += name;
      }
      return text;
    } else if constexpr (requires { WordFormat<T>::kExample; }) {
      return "give " + str(WordFormat<T>::kExample);
    } else if constexpr (std::is_same_v<T, KeyText>) {
      return "give inline: and base64 of key and salt";
    } else {
      return "give " + field.text.words();
    }
  }

  template <class T>
  void read_scalar(const YamlNode& node, const std::string& path, const Field& field, T& out) {
    if constexpr (std::is_same_v<T, std::string>) {
      out = node.text;
      if (!field.text.holds(out)) refuse(node, path, quote(out) + " is not possible here", give(field, out));
    } else if constexpr (std::is_same_v<T, KeyText>) {
      if (inline_key_.line == 0) inline_key_ = node.where;
      out.text = Secret(std::span(reinterpret_cast<const std::uint8_t*>(node.text.data()), node.text.size()));
    } else if constexpr (std::is_same_v<T, bool>) {
      const auto value = node.quoted ? std::nullopt : parse_bool(node.text);
      if (value) out = *value;
      if (!value) refuse(node, path, shown(node) + " is neither true nor false", give(field, out));
    } else if constexpr (std::is_integral_v<T>) {
      read_integer(node, path, field, out);
    } else if constexpr (std::is_enum_v<T>) {
      const auto names = names_of<T>();
      const auto found =
          std::find_if(names.begin(), names.end(), [&](const auto& name) { return name.first == node.text; });
      if (found != names.end()) out = found->second;
      if (found == names.end())
        refuse(node, path, quote(node.text) + " is not possible here", give(field, out));
    } else {
      const auto value = WordFormat<T>::parse(node.text);
      if (value) out = *value;
      if (!value) {
        refuse(node, path, quote(node.text) + " is not of the form " + str(WordFormat<T>::kWords),
               give(field, out));
      }
    }
  }

  template <class T>
  void read_integer(const YamlNode& node, const std::string& path, const Field& field, T& out) {
    const std::uint64_t max = std::min<std::uint64_t>(field.max, std::numeric_limits<T>::max());
    std::optional<std::uint64_t> value;
    if (!node.quoted) value = parse_integer(node.text);
    const std::string unit = field.unit.empty() ? "" : " " + str(field.unit);
    if (!value) {
      refuse(node, path, shown(node) + " is not a whole number, decimal or 0x hexadecimal", give(field, out));
    } else if (*value < field.min) {
      refuse(node, path, std::to_string(*value) + " is below " + std::to_string(field.min) + unit,
             give(field, out));
    } else if (*value > max) {
      refuse(node, path, std::to_string(*value) + " is above " + std::to_string(max) + unit,
             give(field, out));
    } else {
      out = static_cast<T>(*value);
    }
  }

  void refuse(const YamlNode& node, const std::string& path, const std::string& what,
              const std::string& mend) {
    problems_.error(node.where, path, what, mend);
  }

  static std::string shown(const YamlNode& node) {
    return node.quoted ? "the text " + quote(node.text) : quote(node.text);
  }

  void read_payload_types(const YamlNode& node, const std::string& path, const Field& field,
                          PayloadTypes& out);
  std::optional<std::uint8_t> read_payload_type(const YamlNode& node, const std::string& path);
  void read_crypto(const YamlNode& node, const std::string& path, Crypto& out);
  void read_keys(const YamlNode& node, const std::string& path, const WrittenCrypto& written, Crypto& out);

  std::filesystem::path folder_;
  Problems& problems_;
  Location inline_key_;
};

}  // namespace causeway::config
