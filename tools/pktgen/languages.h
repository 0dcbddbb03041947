// The small languages of the command line: "rtp=94.5,rtcp=5", "loss=1%,replay=0.001", "fixed:1200", "1.5M",
// "sample:100". Pure; every word comes from a person, or from a fuzzer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace causeway::pktgen {

// What is wrong with a word, for a person.
struct LanguageError {
  std::string what;
};
template <class T>
using Parsed = std::variant<T, LanguageError>;

// Shares of all packets, as weights: what counts is their proportion. RTP's is above 0.
struct Mix {
  double rtp = 94.5;
  double rtcp = 5;
  double stun = 0.4;
};

// Probabilities, 0..1, of what befalls an RTP packet; at most one of the first five at a time.
struct Impairments {
  double loss = 0;       // made, and never sent
  double reorder = 0;    // sent behind some later packets of its stream
  double duplicate = 0;  // sent twice
  double corrupt = 0;    // one bit wrong
  double replay = 0;     // a recent packet is sent again behind this one
  double garbage = 0;    // a datagram that nobody can want is sent behind this one

  bool any() const { return loss + reorder + duplicate + corrupt + replay + garbage > 0; }
};

struct Profile {
  enum class Kind : std::uint8_t { audio, video, fixed };
  Kind kind = Kind::video;
  std::uint32_t bytes = 0;  // of fixed: the plain RTP packet
};
inline constexpr std::uint32_t kLeastFixed = 64;
inline constexpr std::uint32_t kMostFixed = 9000;

struct Rate {
  enum class Kind : std::uint8_t { natural, fixed, max, search };
  Kind kind = Kind::natural;
  double pps = 0;  // of fixed: packets of all kinds in a second
};

struct Verify {
  enum class Kind : std::uint8_t { all, sample, none };
  Kind kind = Kind::all;
  std::uint32_t every = 1;  // of sample
};

// A number that is not negative, in decimal, with an optional point. nullopt for anything else (no sign, no
// exponent, no infinity).
std::optional<double> parse_number(std::string_view text);

Parsed<Mix> parse_mix(std::string_view text);  // "rtp=94.5,rtcp=5,stun=0.4"; absent ones are 0
Parsed<Impairments> parse_impairments(std::string_view text);  // "loss=0.01,replay=1%"
Parsed<Profile> parse_profile(std::string_view text);          // "audio", "video", "fixed:1200"
Parsed<Rate> parse_rate(std::string_view text);      // "natural", "max", "search", "50000", "50k", "1.2M"
Parsed<Verify> parse_verify(std::string_view text);  // "all", "none", "sample:100"

}  // namespace causeway::pktgen
