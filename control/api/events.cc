#include "control/api/events.h"

#include <array>
#include <nlohmann/json.hpp>

namespace causeway::control::api {

std::string to_text(const TrackKey& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(32, '0');
  for (std::size_t i = 0; i < 32; ++i) {
    const std::uint64_t half = i < 16 ? key.high : key.low;
    text[i] = kDigits[half >> (60 - 4 * (i % 16)) & 15];
  }
  return text;
}

std::string write_event(const JournalEntry& entry, std::uint64_t id, std::int64_t at_ms,
                        const std::vector<std::string>& nodes) {
  nlohmann::ordered_json data{
      {"id", id}, {"at_ms", at_ms}, {"kind", name(entry.kind)}, {"severity", name(severity(entry.kind))}};
  if (entry.peer < nodes.size()) data["node"] = nodes[entry.peer];
  if (entry.track != TrackKey{}) data["track"] = to_text(entry.track);
  data["text"] = entry.text;
  for (const auto& [key, value] : entry.numbers)
    data["numbers"][std::string(key)] = value;
  // Without line breaks: one would end the field.
  return "id: " + std::to_string(id) + "\nevent: " + std::string(name(entry.kind)) +
         "\ndata: " + data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n\n";
}

}  // namespace causeway::control::api
