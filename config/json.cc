// JSON (RFC 8259) into the same tree as YAML, so that it is read by the same schema. YAML 1.2 would take
// every JSON text, and much that is none: anchors, comments, words without quotes. Who asks over the network
// for something else than what was meant should hear so.
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "config/document.h"
#include "config/text.h"

namespace causeway::config {
namespace {

struct JsonError {
  Location where;
  std::string what;
  std::string mend;
};

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int hex_value(char c) {
  const char small = to_lower(c);
  if (is_digit(c)) return c - '0';
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

void append_utf8(std::uint32_t code, std::string& out) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

}  // namespace

class JsonBuilder {
 public:
  JsonBuilder(std::string_view text, std::size_t most_nodes, std::deque<YamlNode>& nodes)
      : text_(text), most_nodes_(most_nodes), nodes_(nodes) {}

  const YamlNode* read() {
    const YamlNode* root = value(0);
    skip_blanks();
    if (at_ < text_.size()) fail("something behind the JSON value", "give one value");
    return root;
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& mend) const {
    throw JsonError{here(), what, mend};
  }
  Location here() const { return {line_, static_cast<int>(at_ - line_begin_) + 1}; }
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }

  void skip_blanks() {
    while (!at_end() && is_blank(text_[at_])) {
      if (text_[at_++] != '\n') continue;
      ++line_;
      line_begin_ = at_;
    }
  }
  // The next character that is no blank, if it is this one.
  bool take(char c) {
    skip_blanks();
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  YamlNode& add(YamlNode::Kind kind) {
    if (nodes_.size() > most_nodes_)
      fail("more than " + std::to_string(most_nodes_) + " values", "give fewer");
    YamlNode& node = nodes_.emplace_back();
    node.kind = kind;
    node.where = here();
    return node;
  }

  const YamlNode* value(std::size_t depth) {
    skip_blanks();
    if (at_end()) fail("the text ends where a value is wanted", "give all of it");
    switch (peek()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"': {
        YamlNode& node = add(YamlNode::Kind::scalar);
        node.quoted = true;
        read_string(node.text);
        return &node;
      }
      default:
        return word();
    }
  }

  void enter(std::size_t depth) {
    if (depth >= kMaxDepth) fail("nested deeper than " + std::to_string(kMaxDepth) + " levels", "nest less");
    ++at_;
  }

  const YamlNode* object(std::size_t depth) {
    YamlNode& map = add(YamlNode::Kind::map);
    enter(depth);
    if (take('}')) return &map;
    do {
      skip_blanks();
      if (peek() != '"')
        fail("no key where one is wanted", "give \"key\": value, and no comma behind the last one");
      YamlNode& key = add(YamlNode::Kind::scalar);  // not marked as quoted: JSON has no other keys
      read_string(key.text);
      if (!take(':')) fail("no colon behind the key", "give \"key\": value");
      map.keys.emplace_back(&key, value(depth + 1));
    } while (take(','));
    if (!take('}'))
      fail("neither a comma nor } behind a value", "separate values by commas, and close with }");
    return &map;
  }

  const YamlNode* array(std::size_t depth) {
    YamlNode& list = add(YamlNode::Kind::list);
    enter(depth);
    if (take(']')) return &list;
    do {
      list.items.push_back(value(depth + 1));
    } while (take(','));
    if (!take(']'))
      fail("neither a comma nor ] behind a value", "separate values by commas, and close with ]");
    return &list;
  }

  // true, false, null or a number.
  const YamlNode* word() {
    const Location where = here();
    std::size_t end = at_;
    while (end < text_.size() &&
           (is_letter_or_digit(text_[end]) || text_[end] == '-' || text_[end] == '+' || text_[end] == '.'))
      ++end;
    const std::string_view text = text_.substr(at_, end - at_);
    const bool is_word = text == "true" || text == "false" || text == "null";
    if (!is_word && !is_number(text)) fail("no JSON value", "give texts in quotes, numbers in decimal");
    YamlNode& node = add(text == "null" ? YamlNode::Kind::null : YamlNode::Kind::scalar);
    node.where = where;
    if (node.kind == YamlNode::Kind::scalar) node.text = text;
    at_ = end;
    return &node;
  }

  // RFC 8259, 6.
  static bool is_number(std::string_view text) {
    const auto digits = [&text] {
      std::size_t count = 0;
      while (!text.empty() && is_digit(text[0])) {
        text.remove_prefix(1);
        ++count;
      }
      return count;
    };
    if (text.starts_with('-')) text.remove_prefix(1);
    const bool zero = text.starts_with('0');
    const std::size_t whole = digits();
    if (whole == 0 || (zero && whole > 1)) return false;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      if (digits() == 0) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
      text.remove_prefix(1);
      if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
      if (digits() == 0) return false;
    }
    return text.empty();
  }

  void read_string(std::string& out) {
    // Long enough at once: what a string leaves behind when it grows would not be wiped.
    out.reserve(std::min(text_.find('"', at_ + 1), text_.size()) - at_);
    for (++at_; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
        fail("a control character in a text", "leave it out");
      if (c == '\\') {
        escape(out);
      } else {
        out += c;
      }
    }
    fail("a text that does not end", "close it with a quote");
  }

  // Leaves at_ at the last character of it.
  void escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    ++at_;
    if (peek() == 'u') {
      std::uint32_t code = unit();
      const bool high = code >= 0xd800 && code < 0xdc00;
      if (high && text_.substr(at_ + 1, 2) == "\\u") {
        at_ += 2;
        const std::uint32_t low = unit();
        code = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : 0xd800;
      }
      if (code < 0x20 || code == 0x7f) fail("a control character in a text", "leave it out");
      if (code >= 0xd800 && code < 0xe000) fail("half of a surrogate pair", "give both halves");
      append_utf8(code, out);
      return;
    }
    const std::size_t found = at_end() ? kNames.npos : kNames.find(peek());
    if (found == kNames.npos) fail("no escape of JSON", "write \\\\ for a backslash");
    out += kMeant[found];
  }

  // at_ is at the u of four digits, and then at the last one.
  std::uint32_t unit() {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      const int digit = hex_value(peek());
      if (digit < 0) fail("\\u without four hexadecimal digits", "give four");
      code = code << 4 | static_cast<std::uint32_t>(digit);
    }
    return code;
  }

  std::string_view text_;
  std::size_t most_nodes_;
  std::deque<YamlNode>& nodes_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::size_t line_begin_ = 0;
};

bool Document::parse_json(std::string_view text, Problems& problems, std::size_t most_nodes) {
  nodes_.clear();
  root_ = &nodes_.emplace_back();
  if (text.size() > kMaxFileBytes) {
    problems.error({}, "", "longer than " + std::to_string(kMaxFileBytes >> 20) + " MiB", "give less");
    return false;
  }
  try {
    root_ = JsonBuilder(text, most_nodes, nodes_).read();
  } catch (const JsonError& error) {
    problems.error(error.where, "", "not valid JSON: " + error.what, error.mend);
    return false;
  }
  if (root_->kind == YamlNode::Kind::map) return true;
  problems.error(root_->where, "",
                 "the body holds " + std::string(words(root_->kind)) + " where a map is wanted",
                 "give {\"key\": value, ...}");
  return false;
}

}  // namespace causeway::config
