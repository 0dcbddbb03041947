// Asks everything once, and prints what comes as JSON, a line for each: {"method", "path", "status", "body"}.
// tests/layout/openapi_test.py holds it against docs/openapi.yaml.
#include <cstdio>
#include <string>

#include "control/api/events.h"
#include "control/journal/record.h"
#include "tests/unit/control/api/ask.h"

namespace causeway::control::api::test {
namespace {

class Dump {
 public:
  void fill() {
    FleetView::Peer peer{.id = 1, .name = "oslo", .site = "north", .link = {}};
    peer.link.broken_flows = 2;
    service_.view.peers = {peer};
    RelayView view;
    view.active = Edge{.upstream = 1, .fed = true, .acknowledged = true};
    view.legs = {2};
    service_.relays[track_key("t")] = view;
  }

  // `path` as the description has it, `target` as it is asked for.
  void ask(const std::string& method, const std::string& path, const std::string& target,
           const std::string& body = "", const std::string& if_match = "") {
    const Asked asked = client_.ask(method, target, body, if_match);
    print(method, path, asked.response);
  }

  void all() {
    const std::string alone[] = {"/healthz",       "/readyz",    "/metrics",          "/v1/status",
                                 "/v1/transports", "/v1/tracks", "/v1/subscriptions", "/v1/descriptions",
                                 "/v1/snapshot",   "/v1/peers",  "/v1/verdicts",      "/v1/relays"};
    thing("/v1/transports", "{name}", "a", transport_body("a", 5000));
    client_.put("/v1/transports/a", transport_body("a", 5000));
    client_.put("/v1/transports/b", transport_body("b", 5001));
    thing("/v1/tracks", "{id}", "t", track_body("t", "a", 7));
    client_.put("/v1/tracks/t", track_body("t", "a", 7));
    thing("/v1/subscriptions", "{name}", "s",
          R"({"track": "t", "transport": "b", "ssrc": 8, "payload_types": {"96": 100}})");
    thing("/v1/descriptions", "{id}", "u", R"({"id": "u", "layers": ["main"]})");
    client_.put("/v1/descriptions/u", R"({"id": "u", "layers": ["main"]})");
    client_.put("/v1/subscriptions/s", leg_body("t", "b", 8));
    for (const std::string& path : alone)
      ask("GET", path, path);
    for (const std::string path : {"/v1/transports", "/v1/tracks", "/v1/subscriptions", "/v1/descriptions"})
      ask("GET", path, path + "?limit=0");
    ask("GET", "/v1/relays", "/v1/relays?after=x");
    ask("GET", "/v1/relays/{track}", "/v1/relays/t");
    ask("GET", "/v1/relays/{track}", "/v1/relays/nobody");
    ask("GET", "/v1/journal", "/v1/journal");
    const Record record{.number = 4,
                        .at_ms = 900'000,
                        .at_us = 5,
                        .boot = 7,
                        .kind = "starvation",
                        .severity = "alarm",
                        .node = "oslo",
                        .key = to_text(track_key("t")),
                        .track = "t",
                        .text = "it starves",
                        .numbers = {{"starved_ms", 5000}},
                        .lost = 2};
    service_.reader = [record](const JournalQuery& query) {
      std::string line = write_line(record);
      line.pop_back();
      return JournalPage{.lines = {line}, .has_later = query.after.has_value(), .last = 4, .problem = {}};
    };
    ask("GET", "/v1/journal", "/v1/journal?from=-15m&to=now");
    ask("GET", "/v1/journal", "/v1/journal?after=3&limit=1");
    ask("GET", "/v1/journal", "/v1/journal?from=yesterday");
    ask("POST", "/v1/drain", "/v1/drain");
    ask("GET", "/readyz", "/readyz");
    ask("POST", "/v1/undrain", "/v1/undrain");
    service_.stuck = {1};
    ask("GET", "/healthz", "/healthz");
    event();
  }

 private:
  // Made, repeated, read, refused in every way, removed.
  void thing(const std::string& list, const std::string& parameter, const std::string& name,
             const std::string& body) {
    const std::string path = list + "/" + parameter;
    const std::string target = list + "/" + name;
    ask("PUT", path, target, body, "\"7-99\"");
    ask("PUT", path, target, body);
    ask("PUT", path, target, body);
    ask("PUT", path, target, "{\"name\": 1, \"ssrc\": [],\n \"x\": 2}");
    ask("PUT", path, target, "{");
    ask("PUT", path, target);
    ask("GET", path, target);
    ask("GET", path, list + "/nobody");
    ask("DELETE", path, target, "", "\"7-99\"");
    ask("DELETE", path, target);
  }

  static void event() {
    JournalEntry entry{
        .kind = JournalKind::starvation, .peer = 1, .track = {1, 2}, .text = "it starves", .numbers = {}};
    entry.numbers = {{"starved_ms", 5000}};
    const std::string text = write_event(entry, 9, 1000, {"paris", "oslo"});
    print("EVENT", "", {.body = text.substr(text.find("data: ") + 6)});
  }

  // An answer that is long is written later.
  static void print(const std::string& method, const std::string& path, const Response& response) {
    const nlohmann::ordered_json line{
        {"method", method},
        {"path", path},
        {"status", response.status},
        {"type", response.content_type},
        {"body", response.write_later ? response.write_later() : response.body}};
    std::printf("%s\n", line.dump().c_str());
  }

  FakeService service_;
  Client client_{service_};
};

}  // namespace
}  // namespace causeway::control::api::test

int main() {
  causeway::control::api::test::Dump dump;
  dump.fill();
  dump.all();
  return 0;
}
