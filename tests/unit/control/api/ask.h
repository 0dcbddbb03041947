// Asks a handler, and reads what it says.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "control/api/handle.h"
#include "tests/unit/control/api/fake_service.h"

namespace causeway::control::api::test {

// 16 bytes of key and 12 of salt, in base64: never to be seen in an answer.
inline constexpr std::string_view kKey = "PpQqJ0hVuKk3d1nq8mY4w5S7c9XzB2e6RtLg1A==";

inline std::string transport_body(const std::string& name, unsigned remote_port) {
  return R"({"name": ")" + name + R"(", "port": "wan0", "local": "192.0.2.1:20000", "remote": "192.0.2.9:)" +
         std::to_string(remote_port) + R"(", "receive": {"suite": "none"}, "send": {"suite": "none"}})";
}
inline std::string track_body(const std::string& id, const std::string& transport, unsigned ssrc) {
  return R"({"id": ")" + id + R"(", "transport": ")" + transport +
         R"(", "layers": [{"name": "main", "ssrc": )" + std::to_string(ssrc) + "}]}";
}
inline std::string leg_body(const std::string& track, const std::string& transport, unsigned ssrc) {
  return R"({"track": ")" + track + R"(", "transport": ")" + transport + R"(", "ssrc": )" +
         std::to_string(ssrc) + "}";
}

struct Asked {
  Response response;
  nlohmann::json json;  // of the body, if it is JSON

  std::string code() const { return json.value("/error/code"_json_pointer, std::string()); }
  std::string message() const { return json.value("/error/message"_json_pointer, std::string()); }
  int line() const { return json.value("/error/where/line"_json_pointer, 0); }
  int column() const { return json.value("/error/where/column"_json_pointer, 0); }
};

class Client {
 public:
  explicit Client(Service& service) : service_(service) {}

  Asked ask(const std::string& method, const std::string& target, std::string_view body = "",
            const std::string& if_match = "", const std::string& type = "application/json") {
    const Request request{.method = method,
                          .target = target,
                          .content_type = type,
                          .if_match = if_match,
                          .body = WipedText(body)};
    Asked asked{handle(request, service_), {}};
    if (asked.response.write_later) asked.response.body = asked.response.write_later();
    asked.json = nlohmann::json::parse(asked.response.body, nullptr, false);
    return asked;
  }
  Asked get(const std::string& target) { return ask("GET", target); }
  Asked put(const std::string& target, std::string_view body, const std::string& if_match = "") {
    return ask("PUT", target, body, if_match);
  }

 private:
  Service& service_;
};

}  // namespace causeway::control::api::test
