// From a YAML file to a Config, with every problem at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace causeway::config {

enum class Level : std::uint8_t { error, warning };

// One line for a person: "FILE:LINE:COLUMN: error: WHAT; MEND".
struct Problem {
  Level level = Level::error;
  std::string file;
  Location where;
  std::string what;  // "ports[0].mtu: 99999 is above 9600 bytes"
  std::string mend;  // "give 576 to 9600"
  std::string to_string() const;
};

struct Loaded {
  std::optional<Config> config;   // only if no problem is an error
  std::vector<Problem> problems;  // in file order
};

// Reads and validates one file. Key files are looked up relative to the file's folder, and their owner and
// permissions are checked. Never throws for what a file holds; never prints key material. Any thread.
Loaded load_file(const std::string& path);

// The same over text; `path` names it in problems and is the base of relative key files.
Loaded load_text(std::string_view text, const std::string& path);

}  // namespace causeway::config
