#include <charconv>
#include <memory>
#include <utility>
#include <variant>

#include "config/problem.h"
#include "control/api/pages.h"
#include "control/journal/time_text.h"

namespace causeway::control::api::pages {
namespace {

Response bad(std::string_view key, const std::string& value, std::string_view mend) {
  return error(400, "bad_query",
               std::string(key) + " " + config::quote(value) + " is not possible; " + std::string(mend));
}

std::optional<Response> read_time(const Call& call, std::string_view key, std::int64_t now_ms,
                                  std::int64_t& time_ms) {
  const auto at = call.query.find(key);
  if (at == call.query.end()) return std::nullopt;
  const auto parsed = parse_time(at->second, now_ms);
  if (!parsed) return bad(key, at->second, "give 2024-02-07T09:14:03Z, -15m or now");
  time_ms = *parsed;
  return std::nullopt;
}

std::variant<JournalQuery, Response> query_of(const Call& call, std::int64_t now_ms) {
  const auto page = page_of(call);
  if (const auto* wrong = std::get_if<Response>(&page)) return *wrong;
  JournalQuery query{.limit = std::get<Page>(page).limit, .after = {}};
  if (const std::string& after = std::get<Page>(page).after; !after.empty()) {
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(after.data(), after.data() + after.size(), number);
    if (failed != std::errc() || end != after.data() + after.size())
      return bad("after", after, "give the number of an entry");
    query.after = number;
  }
  if (auto wrong = read_time(call, "from", now_ms, query.from_ms)) return std::move(*wrong);
  if (auto wrong = read_time(call, "to", now_ms, query.to_ms)) return std::move(*wrong);
  return query;
}

// The lines are JSON already, and were looked at by the reader.
std::string text_of(const JournalPage& page) {
  std::string text = "{\"items\":[";
  for (const std::string& line : page.lines)
    text += (text.back() == '[' ? "" : ",") + line;
  const Json rest{{"earlier", page.has_earlier},
                  {"next", page.has_later ? Json(std::to_string(page.last)) : Json()},
                  {"torn", page.torn},
                  {"problem", page.problem.empty() ? Json() : Json(page.problem)}};
  return text + "]," + to_text(rest).substr(1) + "\n";
}

}  // namespace

// Files are read on another thread.
Response journal(const Call& call, Service& service) {
  auto query = query_of(call, service.wall_clock_ms());
  if (auto* wrong = std::get_if<Response>(&query)) return std::move(*wrong);
  JournalReader reader = service.journal();
  if (!reader)
    return error(404, "no_journal",
                 "this node keeps no journal; give it a fleet, and fleet.journal_mb more than 0");
  Response response;
  response.write_later = [reader = std::move(reader), query = std::get<JournalQuery>(query)] {
    return text_of(reader(query));
  };
  return response;
}

}  // namespace causeway::control::api::pages
