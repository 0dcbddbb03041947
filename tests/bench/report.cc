#include "tests/bench/report.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <set>

namespace causeway::bench {

namespace {

// The grid of the table: one row for suite, size and number of legs, one column for each way to seal.
constexpr std::array<std::string_view, 7> kColumns{"raw",     "seal",         "pipeline",        "alone",
                                                   "offload", "libsrtp_seal", "libsrtp_pipeline"};

bool in_grid(const std::string& key) {
  for (const std::string_view column : kColumns) {
    if (key.starts_with(column) && key.size() > column.size() && key[column.size()] == '/') return true;
  }
  return false;
}

std::string padded(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string decimal(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), value < 10 ? "%.2f" : "%.1f", value);
  return text.data();
}

struct Row {
  std::string suite;
  long size = 0;
  long legs = 0;

  auto operator<=>(const Row&) const = default;
};

// "raw/gcm128/1200/64" without its column.
std::optional<Row> row_of(const std::string& key) {
  const std::size_t suite = key.find('/') + 1;
  const std::size_t size = key.find('/', suite) + 1;
  const std::size_t legs = key.find('/', size) + 1;
  if (suite == 0 || size == 0 || legs == 0) return std::nullopt;
  return Row{key.substr(suite, size - suite - 1), std::stol(key.substr(size)), std::stol(key.substr(legs))};
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < ' ') {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escaped.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", std::isfinite(value) ? value : 0.0);
  return text.data();
}

std::optional<double> Report::find(const std::string& key) const {
  const auto at = figures_.find(key);
  return at == figures_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<double> Report::ratio(const std::string& over, const std::string& under) const {
  const auto a = find(over);
  const auto b = find(under);
  if (!a || !b || *b == 0) return std::nullopt;
  return *a / *b;
}

void Report::hold(const std::string& name, const std::string& over, const std::string& under, double bound,
                  bool at_least) {
  const auto value = ratio(over, under);
  if (value) goals_.push_back({name, *value, bound, at_least});
}

std::string Report::json() const {
  std::string out = "{\n\"version\": 1,\n\"machine\": {";
  const char* comma = "";
  for (const auto& [name, value] : facts_) {
    out += comma + ("\n  " + quoted(name)) + ": " + quoted(value);
    comma = ",";
  }
  out += "\n},\n\"figures\": {";
  comma = "";
  for (const auto& [key, value] : figures_) {
    out += comma + ("\n  " + quoted(key)) + ": " + number(value);
    comma = ",";
  }
  out += "\n},\n\"goals\": [";
  comma = "";
  for (const Goal& goal : goals_) {
    out += comma + ("\n  {\"name\": " + quoted(goal.name)) + ", \"value\": " + number(goal.value) +
           ", \"bound\": " + number(goal.bound) + ", \"at_least\": " + (goal.at_least ? "true" : "false") +
           ", \"met\": " + (goal.met() ? "true" : "false") + "}";
    comma = ",";
  }
  out += "\n],\n\"missing\": {";
  comma = "";
  for (const auto& [what, why] : missing_) {
    out += comma + ("\n  " + quoted(what)) + ": " + quoted(why);
    comma = ",";
  }
  return out + "\n}\n}\n";
}

std::string Report::table() const {
  std::string out;
  for (const auto& [name, value] : facts_)
    out += padded(name, 12) + "  " + value + "\n";

  out += "\nns per output packet; in brackets over the raw cipher loop\n";
  out += padded("suite", 16) + padded("bytes", 6) + padded("legs", 7);
  for (const std::string_view column : kColumns)
    out += padded(std::string(column), 17);
  std::set<Row> rows;
  for (const auto& [key, value] : figures_) {
    if (!in_grid(key)) continue;
    if (const auto row = row_of(key)) rows.insert(*row);
  }
  for (const Row& row : rows) {
    const std::string path =
        "/" + row.suite + "/" + std::to_string(row.size) + "/" + std::to_string(row.legs);
    out += "\n" + padded(row.suite, 16) + padded(std::to_string(row.size), 6) +
           padded(std::to_string(row.legs), 7);
    for (const std::string_view column : kColumns) {
      const auto value = find(std::string(column) + path);
      const auto over_raw = ratio(std::string(column) + path, "raw" + path);
      std::string cell = value ? decimal(*value) : "-";
      if (value && over_raw && column != "raw") cell += " [" + decimal(*over_raw) + "]";
      out += padded(cell, 17);
    }
  }

  out += "\n\nother figures (units in docs/performance.md)\n";
  for (const auto& [key, value] : figures_) {
    if (!in_grid(key)) out += padded(number(value), 12) + "  " + key + "\n";
  }
  out += "\ngoals\n";
  for (const Goal& goal : goals_) {
    out += std::string(goal.met() ? "  met     " : "  NOT met ") + padded(decimal(goal.value), 6) +
           (goal.at_least ? " >= " : " <= ") + decimal(goal.bound) + "  " + goal.name + "\n";
  }
  for (const auto& [what, why] : missing_)
    out += "not measured: " + what + ": " + why + "\n";
  return out;
}

}  // namespace causeway::bench
