#include "control/api/handle.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

#include "config/problem.h"
#include "control/api/call.h"
#include "control/api/pages.h"
#include "control/api/target.h"
#include "control/api/wishes.h"

namespace causeway::control::api {
namespace {

struct Entry {
  std::string_view method;
  std::string_view path;  // "{" begins what is a name, to the end: names may hold slashes
  Handler handler;
  std::span<const std::string_view> parameters{};
};

constexpr std::string_view kPaged[] = {"limit", "after"};
constexpr std::string_view kInTime[] = {"from", "to", "limit", "after"};

constexpr Entry kEntries[] = {
    {"GET", "/healthz", pages::healthz},
    {"GET", "/readyz", pages::readyz},
    {"GET", "/metrics", pages::metrics},
    {"GET", "/v1/status", pages::status},
    {"GET", "/v1/transports", wishes::list_transports, kPaged},
    {"GET", "/v1/transports/{name}", wishes::get_transport},
    {"PUT", "/v1/transports/{name}", wishes::put_transport},
    {"DELETE", "/v1/transports/{name}", wishes::delete_transport},
    {"GET", "/v1/tracks", wishes::list_tracks, kPaged},
    {"GET", "/v1/tracks/{id}", wishes::get_track},
    {"PUT", "/v1/tracks/{id}", wishes::put_track},
    {"DELETE", "/v1/tracks/{id}", wishes::delete_track},
    {"GET", "/v1/subscriptions", wishes::list_subscriptions, kPaged},
    {"GET", "/v1/subscriptions/{name}", wishes::get_subscription},
    {"PUT", "/v1/subscriptions/{name}", wishes::put_subscription},
    {"DELETE", "/v1/subscriptions/{name}", wishes::delete_subscription},
    {"GET", "/v1/descriptions", wishes::list_descriptions, kPaged},
    {"GET", "/v1/descriptions/{id}", wishes::get_description},
    {"PUT", "/v1/descriptions/{id}", wishes::put_description},
    {"DELETE", "/v1/descriptions/{id}", wishes::delete_description},
    {"GET", "/v1/snapshot", wishes::snapshot},
    {"GET", "/v1/peers", pages::peers},
    {"GET", "/v1/verdicts", pages::verdicts},
    {"GET", "/v1/relays", pages::relays, kPaged},
    {"GET", "/v1/relays/{track}", pages::relay},
    {"GET", "/v1/events", pages::events},
    {"GET", "/v1/journal", pages::journal, kInTime},
    {"POST", "/v1/drain", pages::drain},
    {"POST", "/v1/undrain", pages::undrain},
};

// What stands for the name of the entry's path; "" if that has none; nullopt if it is another path.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const std::size_t brace = pattern.find('{');
  if (brace == pattern.npos) return path == pattern ? std::optional<std::string_view>("") : std::nullopt;
  if (path.size() <= brace || !path.starts_with(pattern.substr(0, brace))) return std::nullopt;
  return path.substr(brace);
}

Response wrong_method(const std::string& allow) {
  Response response = error(405, "method", "this path has no such method; it has " + allow);
  response.allow = allow;
  return response;
}

std::string words_for(std::span<const std::string_view> parameters) {
  if (parameters.empty()) return "this path takes none";
  std::string words = "there are";
  for (std::size_t i = 0; i < parameters.size(); ++i)
    words += (i == 0 ? " " : i + 1 == parameters.size() ? " and " : ", ") + std::string(parameters[i]);
  return words;
}

Response call_entry(const Entry& entry, const Request& request, std::string_view name, Target target,
                    Service& service) {
  auto decoded = percent_decode(name);
  if (!decoded) return error(400, "bad_path", "the path is percent-encoded wrongly; see RFC 3986, 2.1");
  const Call call{request, std::move(*decoded), std::move(target.query)};
  for (const auto& [key, value] : call.query) {
    if (std::ranges::find(entry.parameters, key) != entry.parameters.end()) continue;
    return error(400, "bad_query",
                 "unknown parameter " + config::quote(key) + "; " + words_for(entry.parameters));
  }
  return entry.handler(call, service);
}

}  // namespace

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Response answer(const Json& json, unsigned status) {
  return {.status = status, .body = to_text(json) + "\n"};
}

std::string etag_of(const Service& service) {
  return "\"" + std::to_string(service.boot()) + "-" + std::to_string(service.state().version()) + "\"";
}

std::variant<Page, Response> page_of(const Call& call) {
  Page page;
  if (const auto limit = call.query.find("limit"); limit != call.query.end()) {
    const std::string& text = limit->second;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), page.limit);
    if (failed != std::errc() || end != text.data() + text.size() || page.limit == 0 ||
        page.limit > Page::kMost)
      return error(400, "bad_query", "limit " + config::quote(text) + " is not possible; give 1 to 1000");
  }
  if (const auto after = call.query.find("after"); after != call.query.end()) page.after = after->second;
  return page;
}

Response handle(const Request& request, Service& service) {
  auto target = parse_target(request.target);
  if (!target) return error(400, "bad_query", "the query is encoded wrongly, or gives something twice");
  std::string allow;
  for (const Entry& entry : kEntries) {
    const auto name = match(entry.path, target->path);
    if (!name) continue;
    if (entry.method == request.method) return call_entry(entry, request, *name, std::move(*target), service);
    allow += (allow.empty() ? "" : ", ") + std::string(entry.method);
  }
  if (!allow.empty()) return wrong_method(allow);
  return error(404, "no_such_path", "there is no such path; see docs/openapi.yaml");
}

std::vector<Route> routes() {
  std::vector<Route> all;
  for (const Entry& entry : kEntries)
    all.push_back({entry.method, entry.path});
  return all;
}

}  // namespace causeway::control::api
