// Any requests to the API of a node with a real state: each has an answer of a known kind, an error says what
// is wrong, and a key is never given back.
//
// The input: requests, one behind the other, with a byte 0 between them. Each is a line "METHOD TARGET
// [IF-MATCH]", and its body.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "control/api/handle.h"
#include "tests/unit/control/api/fake_service.h"

namespace {

using namespace causeway::control::api;

// A body that holds it is about keys: no answer may.
constexpr std::string_view kKey = "PpQqJ0hVuKk3d1nq8mY4w5S7c9XzB2e6RtLg1A==";

void require(bool holds) {
  if (!holds) __builtin_trap();
}

std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

Request read_request(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  Request request;
  request.method = take_word(line);
  request.target = take_word(line);
  request.if_match = line;
  request.content_type = "application/json";
  request.body = text.substr(std::min(end + 1, text.size()));
  return request;
}

void check(const Request& request, Response response) {
  if (response.write_later) response.body = response.write_later();
  require(response.status >= 200 && response.status < 600 && response.status != 500);
  require(response.body.find(kKey) == std::string::npos);
  require(response.status != 405 || !response.allow.empty());
  if (response.is_stream || response.content_type != "application/json") return;
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  require(json.is_object());
  if (response.status < 400) return;
  require(!json.at("error").at("code").get<std::string>().empty());
  require(!json.at("error").at("message").get<std::string>().empty());
  require(request.method != "GET" || response.status != 412);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  test::FakeService service(causeway::control::session::test::node(4, 4, 8));
  service.relays[causeway::control::track_key("t")].is_wanted = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    const Request request = read_request(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::uint64_t version = service.state().version();
    check(request, handle(request, service));
    // Only a change changes, and the same once more changes nothing.
    const std::uint64_t after = service.state().version();
    require(after == version || request.method == "PUT" || request.method == "DELETE");
    if (request.if_match.empty()) {
      check(request, handle(request, service));
      require(service.state().version() == after);
    }
  }
  return 0;
}
