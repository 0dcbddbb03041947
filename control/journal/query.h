// What is asked of the event journal on disk, and what comes of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace causeway::control {

struct JournalQuery {
  // Wall clock, since 1970; both included.
  std::int64_t from_ms = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_ms = std::numeric_limits<std::int64_t>::max();
  std::size_t limit = 100;
  // The number of an entry: the first ones behind it. Without: the last ones there are.
  std::optional<std::uint64_t> after;
};

struct JournalPage {
  std::vector<std::string> lines;  // as they were written, in this order; each is JSON and a record
  bool has_earlier = false;        // the limit left some out before the first
  bool has_later = false;          // or behind the last
  std::uint64_t last = 0;          // number of the last
  std::uint64_t torn = 0;          // lines that are none, and were skipped
  std::string problem;             // why nothing or not all could be read; empty: it could
};

using JournalReader = std::function<JournalPage(const JournalQuery&)>;

}  // namespace causeway::control
