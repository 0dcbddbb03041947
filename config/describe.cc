#include "config/describe.h"

#include <string_view>

#include "config/description.h"
#include "config/guard/schema.h"

namespace causeway::config {
namespace {

using Kind = Type::Kind;

// ---- Markdown

std::string type_words(const Type& type) {
  switch (type.kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "integer";
    case Kind::text:
      return type.words;
    case Kind::choice: {
      std::string words;
      for (const std::string& choice : type.choices)
        words += (words.empty() ? "`" : ", `") + choice + "`";
      return words;
    }
    case Kind::list:
      return "list of " + (type.items[0].kind == Kind::map ? "maps" : type_words(type.items[0]));
    case Kind::payload_types:
      return "map of integers";
    case Kind::map:
      return "map";
  }
  return "";
}

std::string limits_words(const Field& field, const Type& type) {
  const Type& scalar = type.kind == Kind::list ? type.items[0] : type;
  std::string words;
  if (scalar.kind == Kind::integer) {
    words = std::to_string(scalar.min) + " to " + std::to_string(scalar.max);
    if (!field.unit.empty()) words += " " + std::string(field.unit);
  }
  if (scalar.kind == Kind::text) words = scalar.limits;
  if (type.kind == Kind::payload_types) words = "0 to 63, 96 to 127";
  if (type.kind == Kind::list) {
    const std::string count =
        field.min_items == field.max_items
            ? "exactly " + std::to_string(field.max_items)
            : std::to_string(field.min_items) + " to " + std::to_string(field.max_items);
    words += (words.empty() ? "" : "; ") + count + (field.max_items == 1 ? " item" : " items");
  }
  return words;
}

std::string default_words(const Described& member) {
  if (member.field.required) return "**required**";
  if (!member.field.default_note.empty()) return std::string(member.field.default_note);
  if (member.is_defaulted_map) return "as below";
  if (!member.default_json || *member.default_json == "\"\"") return "none";
  std::string text = *member.default_json;
  if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
  return "`" + text + "`";
}

void write_section(const std::string& title, std::string_view help, const Type& map, std::string& out) {
  if (!title.empty()) out += "\n## `" + title + "`\n\n" + std::string(help) + "\n";
  out += "\n| key | type | limits | default | meaning |\n| --- | --- | --- | --- | --- |\n";
  for (const Described& member : *map.members) {
    out += "| `" + std::string(member.field.key) + "` | " + type_words(member.type) + " | " +
           limits_words(member.field, member.type) + " | " + default_words(member) + " | " +
           std::string(member.field.help) + " |\n";
  }
  for (const Described& member : *map.members) {
    const bool list = member.type.kind == Kind::list;
    const Type& inner = list ? member.type.items[0] : member.type;
    if (inner.kind != Kind::map) continue;
    const std::string key = std::string(member.field.key) + (list ? "[]" : "");
    write_section(title.empty() ? key : title + "." + key, member.field.help, inner, out);
  }
}

// ---- JSON Schema

// Writes objects with one member a line.
class Json {
 public:
  void open(std::string_view key) {
    begin(key);
    text_ += '{';
    ++depth_;
    first_ = true;
  }
  void close() {
    --depth_;
    line();
    text_ += '}';
    first_ = false;
  }
  void raw(std::string_view key, std::string_view json) {
    begin(key);
    text_ += json;
  }
  void text(std::string_view key, std::string_view value) { raw(key, json_text(value)); }
  void number(std::string_view key, std::uint64_t value) { raw(key, std::to_string(value)); }
  std::string take() { return text_ + "\n"; }

 private:
  void begin(std::string_view key) {
    if (!first_) text_ += ',';
    if (depth_ > 0) line();
    first_ = false;
    if (!key.empty()) text_ += json_text(key) + ": ";
  }
  void line() { text_ += "\n" + std::string(depth_ * 2, ' '); }

  std::string text_;
  std::size_t depth_ = 0;
  bool first_ = true;
};

void write_type(const Field& field, const Type& type, Json& json);

void write_members(const Type& map, Json& json) {
  json.text("type", "object");
  json.raw("additionalProperties", "false");
  std::string required;
  for (const Described& member : *map.members) {
    if (member.field.required) required += (required.empty() ? "" : ", ") + json_text(member.field.key);
  }
  if (!required.empty()) json.raw("required", "[" + required + "]");
  json.open("properties");
  for (const Described& member : *map.members) {
    json.open(member.field.key);
    json.text("description", member.field.help);
    write_type(member.field, member.type, json);
    if (member.default_json) json.raw("default", *member.default_json);
    json.close();
  }
  json.close();
}

void write_type(const Field& field, const Type& type, Json& json) {
  switch (type.kind) {
    case Kind::boolean:
      json.text("type", "boolean");
      break;
    case Kind::integer:
      json.text("type", "integer");
      json.number("minimum", type.min);
      json.number("maximum", type.max);
      break;
    case Kind::text:
      json.text("type", "string");
      json.text("pattern", type.pattern);
      break;
    case Kind::choice: {
      std::string choices;
      for (const std::string& choice : type.choices)
        choices += (choices.empty() ? "" : ", ") + json_text(choice);
      json.raw("enum", "[" + choices + "]");
      break;
    }
    case Kind::list:
      json.text("type", "array");
      json.number("minItems", field.min_items);
      json.number("maxItems", field.max_items);
      json.open("items");
      write_type(field, type.items[0], json);
      json.close();
      break;
    case Kind::payload_types:
      json.text("type", "object");
      json.number("maxProperties", field.max_items);
      json.raw("additionalProperties", "false");
      json.open("patternProperties");
      json.open("^([0-9]|[1-5][0-9]|6[0-3]|9[6-9]|1[01][0-9]|12[0-7])$");
      json.text("type", "integer");
      json.raw("anyOf", R"([{"minimum": 0, "maximum": 63}, {"minimum": 96, "maximum": 127}])");
      json.close();
      json.close();
      break;
    case Kind::map:
      write_members(type, json);
      break;
  }
}

Type whole_config() {
  return {.kind = Kind::map, .members = describe_members<Config>()};
}

}  // namespace

std::string reference_markdown() {
  std::string out =
      "# Configuration reference\n\n"
      "Written by `causeway config reference`: change `config/schema.h` instead of this page.\n\n"
      "One YAML file configures one appliance; `config/examples/` holds whole ones. Integers are decimal or\n"
      "hexadecimal with `0x`. A key that is not listed here is an error. Whatever is wrong with a file is\n"
      "reported at once, each with its line and column.\n";
  write_section("", "", whole_config(), out);
  out +=
      "\n# Signature files\n\n"
      "What `guard.signatures` names: one list, whose first signature that matches counts. `causeway config\n"
      "signatures` prints the set `builtin`. `causeway check` compiles what a configuration names, and "
      "SIGHUP\n"
      "makes a running appliance read it again.\n";
  write_section("", "", {.kind = Kind::map, .members = describe_members<SignatureFile>()}, out);
  return out;
}

std::string json_schema() {
  Json json;
  json.open("");
  json.text("$schema", "https://json-schema.org/draft/2020-12/schema");
  json.text("title", "Causeway configuration");
  write_members(whole_config(), json);
  json.close();
  return json.take();
}

}  // namespace causeway::config
