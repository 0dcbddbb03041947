#include "tools/pktgen/languages.h"

#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace causeway::pktgen {

namespace {

constexpr std::size_t kLongestWord = 256;
constexpr double kMostPps = 1e9;

std::string quoted(std::string_view text) {
  std::string word = "'";
  for (const char c : text.substr(0, 32))
    word += c < ' ' || c > '~' ? '?' : c;
  return word + (text.size() > 32 ? "...'" : "'");
}

struct Name {
  std::string_view name;
  double* value;
};

// "name=number,name=number" into the names' values, each at most once. Returns what is wrong.
std::optional<LanguageError> parse_pairs(std::string_view text, std::span<const Name> names, double limit,
                                         std::string_view limit_words) {
  if (text.empty() || text.size() > kLongestWord) return LanguageError{"give NAME=NUMBER,NAME=NUMBER ..."};
  std::array<bool, 8> seen{};
  while (true) {
    const std::string_view pair = text.substr(0, text.find(','));
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos) return LanguageError{quoted(pair) + " is not NAME=NUMBER"};
    std::size_t at = 0;
    while (at < names.size() && names[at].name != pair.substr(0, equals))
      ++at;
    if (at == names.size()) {
      std::string known;
      for (const Name& each : names)
        known += (known.empty() ? "" : ", ") + std::string(each.name);
      return LanguageError{quoted(pair.substr(0, equals)) + " is none of " + known};
    }
    if (std::exchange(seen.at(at), true)) return LanguageError{quoted(names[at].name) + " is given twice"};
    std::string_view number = pair.substr(equals + 1);
    const bool percent = number.ends_with('%');
    if (percent) number.remove_suffix(1);
    const auto value = parse_number(number);
    if (!value) return LanguageError{quoted(pair) + ": give a number such as 0.01 or 1%"};
    *names[at].value = percent ? *value / 100 : *value;
    if (*names[at].value > limit)
      return LanguageError{quoted(pair) + " is above " + std::string(limit_words)};
    if (pair.size() == text.size()) return std::nullopt;
    text.remove_prefix(pair.size() + 1);
  }
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  constexpr std::size_t kMostDigits = 15;  // a double holds them
  double value = 0;
  double unit = 1;
  std::size_t digits = 0;
  bool point = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9' && digits < kMostDigits) {
      value = value * 10 + (c - '0');
      if (point) unit *= 10;
      ++digits;
    } else {
      return std::nullopt;
    }
  }
  if (digits == 0) return std::nullopt;
  return value / unit;
}

Parsed<Mix> parse_mix(std::string_view text) {
  Mix mix{0, 0, 0};
  const std::array<Name, 3> names{{{"rtp", &mix.rtp}, {"rtcp", &mix.rtcp}, {"stun", &mix.stun}}};
  if (auto error = parse_pairs(text, names, 1e6, "a million")) return *error;
  if (mix.rtp <= 0) return LanguageError{"without rtp there is nothing to measure: give it a share"};
  if (mix.rtcp > 10 * mix.rtp || mix.stun > 10 * mix.rtp) {
    return LanguageError{"rtcp and stun are at most ten times rtp"};
  }
  return mix;
}

Parsed<Impairments> parse_impairments(std::string_view text) {
  Impairments rates;
  const std::array<Name, 6> names{{{"loss", &rates.loss},
                                   {"reorder", &rates.reorder},
                                   {"duplicate", &rates.duplicate},
                                   {"corrupt", &rates.corrupt},
                                   {"replay", &rates.replay},
                                   {"garbage", &rates.garbage}}};
  if (auto error = parse_pairs(text, names, 1, "1 (or 100%)")) return *error;
  if (rates.loss + rates.reorder + rates.duplicate + rates.corrupt + rates.replay > 1) {
    return LanguageError{"loss, reorder, duplicate, corrupt and replay are above 1 in sum"};
  }
  return rates;
}

Parsed<Profile> parse_profile(std::string_view text) {
  if (text == "audio") return Profile{Profile::Kind::audio};
  if (text == "video") return Profile{Profile::Kind::video};
  constexpr std::string_view kFixed = "fixed:";
  const auto bytes = text.starts_with(kFixed) ? parse_number(text.substr(kFixed.size())) : std::nullopt;
  if (!bytes || text.find('.') != text.npos) {
    return LanguageError{quoted(text) + " is none of audio, video, fixed:BYTES"};
  }
  if (*bytes < kLeastFixed || *bytes > kMostFixed) {
    return LanguageError{"fixed: give " + std::to_string(kLeastFixed) + " to " + std::to_string(kMostFixed) +
                         " bytes of plain RTP packet"};
  }
  return Profile{Profile::Kind::fixed, static_cast<std::uint32_t>(*bytes)};
}

Parsed<Rate> parse_rate(std::string_view text) {
  if (text == "natural") return Rate{Rate::Kind::natural};
  if (text == "max") return Rate{Rate::Kind::max};
  if (text == "search") return Rate{Rate::Kind::search};
  double unit = 1;
  std::string_view number = text;
  if (number.ends_with('k')) unit = 1e3;
  if (number.ends_with('M')) unit = 1e6;
  if (unit > 1) number.remove_suffix(1);
  const auto value = parse_number(number);
  if (!value) {
    return LanguageError{quoted(text) +
                         " is none of natural, max, search, or packets per second (50k, 1.2M)"};
  }
  const double pps = *value * unit;
  if (pps < 1 || pps > kMostPps) return LanguageError{"give 1 to a billion packets per second"};
  return Rate{Rate::Kind::fixed, pps};
}

Parsed<Verify> parse_verify(std::string_view text) {
  if (text == "all") return Verify{Verify::Kind::all, 1};
  if (text == "none") return Verify{Verify::Kind::none, 1};
  constexpr std::string_view kSample = "sample:";
  const auto every = text.starts_with(kSample) ? parse_number(text.substr(kSample.size())) : std::nullopt;
  if (!every || text.find('.') != text.npos || *every < 1 || *every > 1e9) {
    return LanguageError{quoted(text) + " is none of all, none, sample:N (one packet in N)"};
  }
  return Verify{Verify::Kind::sample, static_cast<std::uint32_t>(*every)};
}

}  // namespace causeway::pktgen
