#include "control/journal/record.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "control/journal/time_text.h"

namespace causeway::control {
namespace {

using Json = nlohmann::ordered_json;

template <class Number>
bool take(std::string_view& line, std::string_view before, Number& value) {
  if (!line.starts_with(before)) return false;
  const char* from = line.data() + before.size();
  const auto [end, failed] = std::from_chars(from, line.data() + line.size(), value);
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  return failed == std::errc();
}

template <class Number>
bool get(const Json& json, const char* key, Number& value) {
  const auto at = json.find(key);
  if (at == json.end()) return true;
  if (!at->is_number_integer()) return false;
  value = at->template get<Number>();
  return true;
}

bool get(const Json& json, const char* key, std::string& value) {
  const auto at = json.find(key);
  if (at == json.end()) return true;
  if (!at->is_string()) return false;
  value = at->get<std::string>();
  return true;
}

bool get_numbers(const Json& json, Record& record) {
  const auto at = json.find("numbers");
  if (at == json.end()) return true;
  if (!at->is_object()) return false;
  for (const auto& [key, value] : at->items()) {
    if (!value.is_number_integer()) return false;
    record.numbers.emplace_back(key, value.get<std::int64_t>());
  }
  return true;
}

}  // namespace

std::string to_text(const TrackKey& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(32, '0');
  for (std::size_t i = 0; i < 32; ++i) {
    const std::uint64_t half = i < 16 ? key.high : key.low;
    text[i] = kDigits[half >> (60 - 4 * (i % 16)) & 15];
  }
  return text;
}

std::string write_line(const Record& record) {
  Json json{{"number", record.number},    {"at_ms", record.at_ms}, {"at", format_time(record.at_ms)},
            {"at_us", record.at_us},      {"boot", record.boot},   {"kind", record.kind},
            {"severity", record.severity}};
  if (!record.node.empty()) json["node"] = record.node;
  if (!record.key.empty()) json["key"] = record.key;
  if (!record.track.empty()) json["track"] = record.track;
  json["text"] = record.text.substr(0, kLongestText);
  for (const auto& [key, value] : record.numbers)
    json["numbers"][key] = value;
  if (record.lost != 0) json["lost"] = record.lost;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<LineHead> parse_head(std::string_view line) {
  LineHead head;
  if (line.size() > kLongestLine || !line.ends_with('}')) return std::nullopt;
  if (!take(line, "{\"number\":", head.number) || !take(line, ",\"at_ms\":", head.at_ms)) return std::nullopt;
  return head;
}

std::optional<Record> parse_line(std::string_view line) {
  const auto head = parse_head(line);
  if (!head) return std::nullopt;
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Record record{.number = head->number, .at_ms = head->at_ms};
  const bool is_whole = get(json, "at_us", record.at_us) && get(json, "boot", record.boot) &&
                        get(json, "kind", record.kind) && get(json, "severity", record.severity) &&
                        get(json, "node", record.node) && get(json, "key", record.key) &&
                        get(json, "track", record.track) && get(json, "text", record.text) &&
                        get(json, "lost", record.lost) && get_numbers(json, record);
  return is_whole && !record.kind.empty() ? std::optional(record) : std::nullopt;
}

}  // namespace causeway::control
