// The schema as values: what describe.cc writes in two notations.
#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/scalar.h"
#include "config/schema.h"

namespace causeway::config {

struct Described;

struct Type {
  enum class Kind { boolean, integer, text, choice, list, payload_types, map };

  Kind kind = Kind::map;
  std::uint64_t min = 0;  // of an integer
  std::uint64_t max = 0;
  std::string words{};                                      // of a text: "address:port"
  std::string limits{};                                     // of a text, in words
  std::string pattern{};                                    // of a text
  std::vector<std::string> choices{};                       // of a choice
  std::vector<Type> items{};                                // of a list: one
  std::shared_ptr<const std::vector<Described>> members{};  // of a map
};

struct Described {
  Field field;
  Type type;
  std::optional<std::string> default_json;  // absent: required, or no constant
  bool is_defaulted_map = false;            // a map that stands even if it is not given
};

inline std::string json_text(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + "\"";
}

// The constant as JSON; nullopt if it cannot stand in a file (an absent address, a struct).
template <class T>
std::optional<std::string> json_of(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return json_text(value);
  } else if constexpr (std::is_same_v<T, PortRange>) {
    return json_text(to_word(value));
  } else if constexpr (std::is_enum_v<T>) {
    for (const auto& [name, candidate] : names_of<T>()) {
      if (candidate == value) return json_text(name);
    }
  }
  return std::nullopt;
}

template <class T>
std::optional<std::string> json_of(const std::vector<T>& values) {
  std::string json = "[";
  for (const T& value : values) {
    const auto item = json_of(value);
    if (!item) return std::nullopt;
    json += (json.size() > 1 ? ", " : "") + *item;
  }
  return json + "]";
}

inline std::optional<std::string> json_of(const std::map<std::uint8_t, std::uint8_t>& values) {
  return values.empty() ? std::optional<std::string>("{}") : std::nullopt;
}

// How a type is written in the file.
template <class T>
struct Written {
  using As = T;
};
template <class T>
struct Written<std::optional<T>> : Written<T> {};
template <>
struct Written<Crypto> {
  using As = WrittenCrypto;
};

template <class T>
Type describe(const Field& field, const T& value);

template <class S>
std::shared_ptr<const std::vector<Described>> describe_members() {
  std::vector<Described> members;
  const S defaults{};
  fields(defaults, [&](const Field& field, const auto& member) {
    Described described{field, describe(field, member), std::nullopt, false};
    described.is_defaulted_map = described.type.kind == Type::Kind::map;
    if (!field.required && field.default_note.empty()) described.default_json = json_of(member);
    members.push_back(std::move(described));
  });
  return std::make_shared<const std::vector<Described>>(std::move(members));
}

template <class T>
Type describe_list(const Field& field, const std::vector<T>&) {
  return {.kind = Type::Kind::list, .items = {describe(field, T{})}};
}

template <class Given>
Type describe(const Field& field, const Given& given) {
  using T = typename Written<Given>::As;
  using Kind = Type::Kind;
  if constexpr (std::is_same_v<T, bool>) {
    return {.kind = Kind::boolean};
  } else if constexpr (std::is_integral_v<T>) {
    return {.kind = Kind::integer,
            .min = field.min,
            .max = std::min<std::uint64_t>(field.max, std::numeric_limits<T>::max())};
  } else if constexpr (std::is_enum_v<T>) {
    Type type{.kind = Kind::choice};
    for (const auto& [name, value] : names_of<T>())
      type.choices.emplace_back(name);
    return type;
  } else if constexpr (std::is_same_v<T, std::string>) {
    const std::string pattern = field.pattern == nullptr ? field.text.pattern() : field.pattern();
    const std::string limits = field.text.any ? "" : field.text.words();
    return {.kind = Kind::text, .words = "text", .limits = limits, .pattern = pattern};
  } else if constexpr (std::is_same_v<T, KeyText>) {
    return {.kind = Kind::text,
            .words = "inline:BASE64",
            .pattern = "^inline:[A-Za-z0-9+/]{37,64}={0,2}(\\|(2\\^)?[0-9]+)?$"};
  } else if constexpr (requires { WordFormat<T>::kWords; }) {
    return {.kind = Kind::text,
            .words = std::string(WordFormat<T>::kWords),
            .pattern = std::string(WordFormat<T>::kPattern)};
  } else if constexpr (std::is_same_v<T, std::map<std::uint8_t, std::uint8_t>>) {
    return {.kind = Kind::payload_types};
  } else if constexpr (requires { describe_list(field, given); }) {
    return describe_list(field, given);
  } else {
    return {.kind = Kind::map, .members = describe_members<T>()};
  }
}

}  // namespace causeway::config
