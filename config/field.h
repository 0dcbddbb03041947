// What the schema says of one key, and what it is said with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "config/text.h"

namespace causeway::config {

// What a member's type does not say. Limits and rules of a list are those of its items.
struct Field {
  std::string_view key;
  std::string_view help;
  bool required = false;
  std::string_view unit = "";
  std::uint64_t min = 0;
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();  // or what the type holds, if that is less
  TextRule text = kAnyText;
  std::string (*pattern)() = nullptr;  // of a text with a form of its own, which validate.cc checks
  std::size_t min_items = 0;
  std::size_t max_items = 0;           // a list or map needs it
  std::string_view items_mend = "";    // what to do about too many
  std::string_view default_note = "";  // for a default that is no constant
};

// S is T or const T: a visitor that reads gets references that it may fill.
template <class S, class T>
concept Is = std::is_same_v<std::remove_const_t<S>, T>;

}  // namespace causeway::config
