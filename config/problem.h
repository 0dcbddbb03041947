// Collects what is wrong with a file, and keeps key material out of what is printed.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace causeway::config {

// A word of the file for a message: in quotes, without control characters, cut if it is long, and hidden if
// it might be a key.
std::string quote(std::string_view text, std::size_t longest = 64);

// Is this likely to hold key material (an "inline:" or a run of base64 as long as a short key)?
bool looks_like_key(std::string_view text);

// "ports[0]" and "mtu" make "ports[0].mtu".
std::string join(std::string_view path, std::string_view key);
std::string join(std::string_view path, std::size_t index);

class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  // Something at `path` (such as "ports[0].mtu") cannot be read.
  void error(Location where, const std::string& path, const std::string& what, const std::string& mend);
  void warning(Location where, const std::string& path, const std::string& what, const std::string& mend);

  // Takes `path` and all below it for unreadable without a message of its own.
  void mark_broken(const std::string& path) { broken_.insert(path); }
  // Is anything at or below `path` unreadable? Checks that build on it would only report consequences.
  bool is_broken(const std::string& path) const;

  bool has_errors() const { return errors_ > 0; }
  std::vector<Problem> take();  // in file order

 private:
  void add(Level level, Location where, const std::string& path, const std::string& what,
           const std::string& mend);

  std::string file_;
  std::vector<Problem> problems_;
  std::set<std::string> broken_;
  std::size_t errors_ = 0;
  std::size_t unshown_ = 0;
};

}  // namespace causeway::config
