#include "control/api/events.h"

#include <nlohmann/json.hpp>

#include "control/journal/record.h"

namespace causeway::control::api {

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
