// YAML as a tree of maps, lists and scalars that know where they stand. Bounded in depth and size, whatever
// the text is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/problem.h"

namespace causeway::config {

// Deeper, longer or larger than this is no configuration.
inline constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxDepth = 16;
inline constexpr std::size_t kMaxNodes = 2'000'000;  // with every alias counted as what it stands for

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Kind kind = Kind::null;
  bool quoted = false;  // a scalar in quotes, or of several lines
  Location where;
  std::string text;                                               // of a scalar
  std::vector<const YamlNode*> items;                             // of a list
  std::vector<std::pair<const YamlNode*, const YamlNode*>> keys;  // of a map, in the order of the file

  YamlNode() = default;
  YamlNode(const YamlNode&) = delete;
  YamlNode& operator=(const YamlNode&) = delete;
  ~YamlNode();  // wipes the text: it may be a key

  const YamlNode* find(std::string_view key) const;  // of a map; nullptr if absent
};

// "a map", "a list", "nothing", "a word".
std::string_view words(YamlNode::Kind kind);

class Document {
 public:
  // False if the text is not YAML or no map, which `problems` then says.
  bool parse(std::string_view text, Problems& problems);
  // The same of JSON, and nothing but JSON (RFC 8259). Texts are marked as quoted, keys are not.
  bool parse_json(std::string_view text, Problems& problems, std::size_t most_nodes = kMaxNodes);
  const YamlNode& root() const { return *root_; }

  // Where the value at a path such as "ports[0].mtu" stands, or the nearest thing around it that the file
  // holds.
  Location locate(std::string_view path) const;

 private:
  friend class TreeBuilder;
  std::deque<YamlNode> nodes_;  // stable addresses: an alias points into it
  const YamlNode* root_ = nullptr;
};

}  // namespace causeway::config
