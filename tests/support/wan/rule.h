// What the WAN does to the frames of one ordered pair of sites, and the words in which that is said.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "tests/support/wan/frame.h"

namespace causeway::wan {

struct Cut {
  enum class What : std::uint8_t { none, all, media, control, ports };
  What what = What::none;
  std::uint16_t first_port = 0;  // of What::ports
  std::uint16_t last_port = 0;

  // A port counts whichever end of the datagram it is.
  bool hits(const FrameInfo& frame) const;
  bool operator==(const Cut&) const = default;
};

struct Rule {
  std::int64_t delay_ns = 0;
  std::int64_t jitter_ns = 0;
  double loss = 0;  // shares, 0..1
  double duplicate = 0;
  double reorder = 0;
  Cut cut;

  bool operator==(const Rule&) const = default;
};

// What a command says of a rule; the rest stays.
struct Change {
  std::optional<std::int64_t> delay_ns;
  std::optional<std::int64_t> jitter_ns;
  std::optional<double> loss;
  std::optional<double> duplicate;
  std::optional<double> reorder;
  std::optional<Cut> cut;

  void apply_to(Rule& rule) const;
};

struct Error {
  std::string what;
};

inline constexpr double kMostDelay_ms = 60'000;

// Words "key=value"; at least one.
std::variant<Change, Error> parse_change(std::span<const std::string_view> words);

std::string to_string(const Cut& cut);  // as parse_change takes it

// Printable and short, whatever it was: for an answer that must stay one line.
std::string quoted(std::string_view word);

}  // namespace causeway::wan
