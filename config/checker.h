// Shared by the parts of validate.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/problem.h"
#include "config/validate.h"

namespace causeway::config {

// What was found so far.
class Findings {
 public:
  void error(const std::string& path, const std::string& what, const std::string& mend,
             std::vector<std::string> about = {}) {
    list_.push_back({Level::error, path, what, mend, std::move(about)});
  }
  void warning(const std::string& path, const std::string& what, const std::string& mend,
               std::vector<std::string> about = {}) {
    list_.push_back({Level::warning, path, what, mend, std::move(about)});
  }
  std::vector<Finding> take() { return std::move(list_); }

 private:
  std::vector<Finding> list_;
};

using NameIndex = std::unordered_map<std::string_view, std::size_t>;

// Reports items whose `member` is a name that an earlier one has. Returns the items by name.
template <class T>
NameIndex index_unique(const std::vector<T>& items, std::string_view list, std::string T::*member,
                       std::string_view key, Findings& findings) {
  NameIndex index;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto [first, is_new] = index.emplace(items[i].*member, i);
    if (is_new || (items[i].*member).empty()) continue;
    const std::string other = join(list, first->second);
    findings.error(join(join(list, i), key), quote(items[i].*member) + " is the name of " + other + ", too",
                   "give it another", {other});
  }
  return index;
}

void check_ports(const Config& config, Findings& findings);
void check_transports(const Config& config, const NameIndex& ports, Findings& findings);
void check_tracks(const Config& config, const NameIndex& transports, Findings& findings);
void check_legs(const Config& config, const NameIndex& transports, const NameIndex& tracks,
                Findings& findings);
void check_keys(const Config& config, Findings& findings);
void check_fleet(const Config& config, Findings& findings);
void check_timers(const Config& config, Findings& findings);

// Nobody's own address: unspecified, multicast, loopback or broadcast. Empty if it is fine.
std::string_view unusable_address(const net::IpAddress& address);

}  // namespace causeway::config
