// An entry of the journal as a line of its file: JSON, so that jq and people can read it, too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "control/journal/entry.h"

namespace causeway::control {

// Kinds are words: a file may be older or newer than the program.
struct Record {
  std::uint64_t number = 0;  // grows by one with each line, over restarts, too
  std::int64_t at_ms = 0;    // wall clock, since 1970
  TimeUs at_us = 0;          // monotonic: to compare within a boot
  BootId boot = 0;
  std::string kind{};
  std::string severity{};
  std::string node{};   // whom it is about, if it is about one
  std::string key{};    // of the track, likewise: 32 hexadecimal digits
  std::string track{};  // its id, if that is known here
  std::string text{};
  std::vector<std::pair<std::string, std::int64_t>> numbers{};
  std::uint64_t lost = 0;  // entries before this one that did not come to the file
  bool operator==(const Record&) const = default;
};

inline constexpr std::size_t kLongestLine = 16384;
inline constexpr std::size_t kLongestText = 4096;

// 32 hexadecimal digits.
std::string to_text(const TrackKey& key);

// With its line break.
std::string write_line(const Record& record);

// Without its line break. nullopt if it is torn, or none of ours.
std::optional<Record> parse_line(std::string_view line);

// What a line begins with: enough to find one among many, and cheap. nullopt if it is none.
struct LineHead {
  std::uint64_t number = 0;
  std::int64_t at_ms = 0;
};
std::optional<LineHead> parse_head(std::string_view line);

}  // namespace causeway::control
