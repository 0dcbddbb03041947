// A trace of the model (tests/model/README.md): what happened to which node, and what it was then.
#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "control/relay/message.h"

namespace causeway::control::relay::test {

struct TraceLine {
  int number = 0;
  bool is_state = false;
  std::string step;  // of a step: its name
  std::map<std::string, std::string> values;
  std::vector<std::string> words;  // without a value: the reason of a NACK

  bool has(const std::string& key) const { return values.contains(key); }
  const std::string& text(const std::string& key) const { return values.at(key); }
  NodeId node(const std::string& key) const { return static_cast<NodeId>(std::stoul(values.at(key))); }
  std::uint32_t number_of(const std::string& key) const {
    return static_cast<std::uint32_t>(std::stoul(values.at(key)));
  }

  std::vector<unsigned> list(const std::string& key) const {
    std::vector<unsigned> numbers;
    std::istringstream in(values.at(key));
    for (std::string part; values.at(key) != "none" && std::getline(in, part, ',');)
      numbers.push_back(static_cast<unsigned>(std::stoul(part)));
    return numbers;
  }
  Label label(const std::string& key) const {
    const auto numbers = list(key);
    return {numbers.at(0), static_cast<NodeId>(numbers.at(1)), static_cast<std::uint8_t>(numbers.at(2))};
  }
  Path path(const std::string& key) const {
    Path path;
    for (const unsigned node : list(key))
      path.push(static_cast<NodeId>(node));
    return path;
  }
};

struct Trace {
  std::size_t nodes = 0;
  unsigned hop_limit = 0;
  std::string violates;
  std::vector<TraceLine> lines;
};

inline Trace read_trace(const std::string& file) {
  Trace trace;
  std::ifstream in(file);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "nodes") words >> trace.nodes;
    if (kind == "hop_limit") words >> trace.hop_limit;
    if (kind == "violates") words >> trace.violates;
    if (kind != "step" && kind != "state") continue;
    TraceLine parsed{.number = number, .is_state = kind == "state"};
    if (kind == "step") words >> parsed.step;
    for (std::string word; words >> word;) {
      const std::size_t equals = word.find('=');
      if (equals == word.npos)
        parsed.words.push_back(word);
      else
        parsed.values[word.substr(0, equals)] = word.substr(equals + 1);
    }
    trace.lines.push_back(std::move(parsed));
  }
  return trace;
}

}  // namespace causeway::control::relay::test
