// Text for people: columns that are aligned, and numbers with units.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace causeway::ctl {

class Table {
 public:
  // A name that begins with '>' is of a column that is aligned to the right.
  explicit Table(std::vector<std::string> names) : names_(std::move(names)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // Each line with its line break, and no blanks at its end.
  std::string text() const;

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> rows_;
};

// What a terminal would take for commands is replaced: names may come from other nodes.
std::string printable(std::string_view text);
// "850 ms", "12.3 s", "4 min 05 s", "3 h 20 min", "5 d 02 h".
std::string duration(double seconds);
// "0.5 %" of a ratio.
std::string percent(double ratio);

}  // namespace causeway::ctl
