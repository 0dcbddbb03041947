// One signature: what a datagram that nobody asked for looks like, and what it is then counted as.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dataplane/drop.h"

namespace causeway::guard {

// More, longer or larger than this is no set of signatures.
inline constexpr std::size_t kMaxSignatures = 4096;
inline constexpr std::size_t kMaxPatternLength = 1024;                   // bytes
inline constexpr std::size_t kMaxCompiledBytes = std::size_t{64} << 20;  // of the whole set
inline constexpr std::size_t kMaxScratchBytes = std::size_t{16} << 20;   // of one worker
inline constexpr std::string_view kClassPrefix = "guard_";

// Where a signature stands, for messages.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

struct Signature {
  std::string name;
  Drop drop = Drop::guard_custom;  // its class: one of classes()
  std::string pattern;             // PCRE as Hyperscan takes it; "." matches every byte
  bool caseless = false;
  std::uint16_t source_port = 0;       // 0: any
  std::uint16_t destination_port = 0;  // 0: any
  std::uint16_t min_length = 0;        // bytes of UDP payload
  Place where;                         // of the pattern
};

// What a signature may be counted as: the drops of stage "guard" that stand for a class, by their names
// without kClassPrefix.
inline std::vector<std::pair<std::string_view, Drop>> classes() {
  std::vector<std::pair<std::string_view, Drop>> found;
  for (std::size_t i = 1; i < kDrops; ++i) {
    const auto drop = static_cast<Drop>(i);
    const std::string_view name = info(drop).name;
    if (info(drop).stage == "guard" && name.starts_with(kClassPrefix)) {
      found.emplace_back(name.substr(kClassPrefix.size()), drop);
    }
  }
  return found;
}

}  // namespace causeway::guard
