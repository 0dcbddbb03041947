// What was measured: named figures, the goals they are held to, and their two forms, a table for people and
// JSON for programs. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace causeway::bench {

// A ratio within one run and its bound.
struct Goal {
  std::string name;
  double value = 0;
  double bound = 0;
  bool at_least = false;  // else at most

  bool met() const { return at_least ? value >= bound : value <= bound; }
};

class Report {
 public:
  // A fact of the machine or of the run.
  void fact(const std::string& name, const std::string& value) { facts_.emplace_back(name, value); }
  // Keys are paths, "seal/gcm128/1200/64"; docs/performance.md lists them with their units. A key that comes
  // again replaces the value.
  void figure(const std::string& key, double value) { figures_[key] = value; }
  std::optional<double> find(const std::string& key) const;
  // figure(over) / figure(under), if both are there and the latter is not 0.
  std::optional<double> ratio(const std::string& over, const std::string& under) const;
  // Holds that ratio to a bound; without its figures there is no goal.
  void hold(const std::string& name, const std::string& over, const std::string& under, double bound,
            bool at_least = false);
  // Why a figure is missing.
  void missing(const std::string& what, const std::string& why) { missing_.emplace_back(what, why); }

  const std::vector<Goal>& goals() const { return goals_; }
  std::string json() const;
  std::string table() const;

 private:
  std::vector<std::pair<std::string, std::string>> facts_;
  std::map<std::string, double> figures_;
  std::vector<Goal> goals_;
  std::vector<std::pair<std::string, std::string>> missing_;
};

// A string as a JSON value.
std::string quoted(std::string_view text);
// A number as a JSON value of at most six digits; 0 if it is not finite, which JSON cannot say.
std::string number(double value);

}  // namespace causeway::bench
