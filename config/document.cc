#include "config/document.h"

#include <algorithm>
#include <charconv>
#include <istream>
#include <openssl/crypto.h>
#include <optional>
#include <stdexcept>
#include <streambuf>
#include <unordered_map>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace causeway::config {
namespace {

Location location_of(const YAML::Mark& mark) {
  return mark.is_null() ? Location{} : Location{mark.line + 1, mark.column + 1};
}

// Reads a text in place: a stream over a copy would leave key material behind.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // get area only: never written
    setg(begin, begin, begin + text.size());
  }
};

// What the text has that a configuration must not have.
struct Refusal : std::runtime_error {
  Refusal(Location place, const std::string& what, std::string how_to_mend)
      : std::runtime_error(what), where(place), mend(std::move(how_to_mend)) {}
  Location where;
  std::string mend;
};

// yaml-cpp reads a bracket and all that it holds into memory, some 250 bytes for each of these characters,
// before it tells of the first value. So they are counted in front of it, even those in texts: no
// configuration has so many.
bool is_flow_indicator(char c) {
  return c == '[' || c == '{' || c == ',';
}

void check_text(std::string_view text) {
  Location where{1, 1};
  std::size_t indicators = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f) {
      throw Refusal(where, "a control character", "give text in UTF-8");
    }
    if (is_flow_indicator(c) && ++indicators > kMaxNodes) {
      throw Refusal(where, "more than " + std::to_string(kMaxNodes) + " brackets and commas", "give fewer");
    }
    ++where.column;
    if (c == '\n') where = {where.line + 1, 1};
  }
}

}  // namespace

YamlNode::~YamlNode() {
  OPENSSL_cleanse(text.data(), text.size());
}

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : keys) {
    if (name->kind == Kind::scalar && name->text == key) return value;
  }
  return nullptr;
}

std::string_view words(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a single value";
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
  }
  return "";
}

// yaml-cpp's own tree keeps no order of problems, copies values and hides duplicate keys: its events show
// everything.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Document& document) : document_(document) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, YamlNode::Kind::null, "?", anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode& node = add(mark, YamlNode::Kind::scalar, tag, anchor);
    node.text = value;
    node.quoted = tag == "!";
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(add(mark, YamlNode::Kind::list, tag, anchor), anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(add(mark, YamlNode::Kind::map, tag, anchor), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end() || !found->second.complete) {
      throw Refusal(location_of(mark), "an alias to something that holds it", "write it out");
    }
    count(found->second.weight, mark);
    attach(found->second.node);
  }

 private:
  struct Anchored {
    const YamlNode* node = nullptr;
    std::size_t weight = 1;
    bool complete = false;
  };
  struct Open {
    YamlNode* node = nullptr;
    YAML::anchor_t anchor = 0;
    const YamlNode* key = nullptr;  // of a map, until its value comes
    std::size_t weight_before = 0;
  };

  YamlNode& add(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& tag, YAML::anchor_t anchor) {
    // "?" is plain and "!" is quoted; all else was written as a tag.
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refusal(location_of(mark), "a YAML tag", "leave the tag out: types come from the schema");
    }
    count(1, mark);
    YamlNode& node = document_.nodes_.emplace_back();
    node.kind = kind;
    // yaml-cpp sees that a value is missing only where the next thing begins.
    const bool missing = kind == YamlNode::Kind::null && !open_.empty() && open_.back().key != nullptr;
    node.where = missing ? open_.back().key->where : location_of(mark);
    const bool leaf = kind == YamlNode::Kind::null || kind == YamlNode::Kind::scalar;
    if (anchor != 0) anchors_[anchor] = {&node, 1, leaf};
    attach(&node);
    return node;
  }

  void attach(const YamlNode* node) {
    if (open_.empty()) {
      document_.root_ = node;
      return;
    }
    Open& parent = open_.back();
    if (parent.node->kind == YamlNode::Kind::list) {
      parent.node->items.push_back(node);
    } else if (parent.key == nullptr) {
      parent.key = node;
    } else {
      parent.node->keys.emplace_back(parent.key, node);
      parent.key = nullptr;
    }
  }

  void open(YamlNode& node, YAML::anchor_t anchor) {
    if (open_.size() >= kMaxDepth) {
      throw Refusal(node.where, "nested deeper than " + std::to_string(kMaxDepth) + " levels", "nest less");
    }
    open_.push_back({&node, anchor, nullptr, weight_ - 1});
  }

  void close() {
    const Open closed = open_.back();
    open_.pop_back();
    if (closed.anchor != 0) anchors_[closed.anchor] = {closed.node, weight_ - closed.weight_before, true};
  }

  void count(std::size_t weight, const YAML::Mark& mark) {
    weight_ += weight;  // cannot wrap: both are at most kMaxNodes
    if (weight_ > kMaxNodes) {
      throw Refusal(location_of(mark), "more than " + std::to_string(kMaxNodes) + " values",
                    "give fewer, or fewer aliases");
    }
  }

  Document& document_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  std::size_t weight_ = 0;
};

bool Document::parse(std::string_view text, Problems& problems) {
  nodes_.clear();
  root_ = &nodes_.emplace_back();
  try {
    if (text.size() > kMaxFileBytes) {
      throw Refusal({}, "longer than " + std::to_string(kMaxFileBytes >> 20) + " MiB", "give a shorter file");
    }
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    check_text(text);
    TextBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    TreeBuilder builder(*this);
    parser.HandleNextDocument(builder);
    if (root_->kind != YamlNode::Kind::map) {
      const Location where = root_->where.line == 0 ? Location{1, 1} : root_->where;
      throw Refusal(where, "the file holds " + std::string(words(root_->kind)) + " where a map is wanted",
                    "give \"key: value\" pairs");
    }
    Document rest;
    TreeBuilder rest_builder(rest);
    if (parser.HandleNextDocument(rest_builder)) {
      throw Refusal(rest.root_ == nullptr ? Location{} : rest.root_->where, "a second YAML document",
                    "give one document in a file");
    }
    return true;
  } catch (const Refusal& refusal) {
    problems.error(refusal.where, "", refusal.what(), refusal.mend);
  } catch (const YAML::Exception& exception) {
    // Behind a colon yaml-cpp quotes the text, which may be a key.
    const std::string what = exception.msg.substr(0, exception.msg.find(':'));
    problems.error(location_of(exception.mark), "", "not valid YAML: " + what, "");
  }
  return false;
}

Location Document::locate(std::string_view path) const {
  const YamlNode* node = root_;
  while (!path.empty()) {
    const YamlNode* next = nullptr;
    if (path[0] == '[') {
      const std::size_t end = path.find(']');
      std::size_t index = 0;
      std::from_chars(path.data() + 1, path.data() + end, index);
      if (node->kind == YamlNode::Kind::list && index < node->items.size()) next = node->items[index];
      path.remove_prefix(end + 1);
    } else {
      const std::size_t end = std::min(path.find_first_of(".["), path.size());
      if (node->kind == YamlNode::Kind::map) next = node->find(path.substr(0, end));
      path.remove_prefix(end);
    }
    if (path.starts_with('.')) path.remove_prefix(1);
    if (next == nullptr) break;
    node = next;
  }
  return node->where;
}

}  // namespace causeway::config
