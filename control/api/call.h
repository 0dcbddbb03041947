// One request on its way through the handlers.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>

#include "control/api/error.h"
#include "control/api/message.h"
#include "control/api/service.h"

namespace causeway::control::api {

using Json = nlohmann::ordered_json;

struct Call {
  const Request& request;
  std::string name;  // what stands for {name}, {id} or {track} in the path; decoded
  std::map<std::string, std::string, std::less<>> query;
};
using Handler = Response (*)(const Call&, Service&);

// One page of a list.
struct Page {
  static constexpr std::size_t kDefault = 100;
  static constexpr std::size_t kMost = 1000;
  std::size_t limit = kDefault;
  std::string after{};
};
std::variant<Page, Response> page_of(const Call& call);

std::string to_text(const Json& json);
Response answer(const Json& json, unsigned status = 200);

// The version of what is asked for: of this start of the node.
std::string etag_of(const Service& service);

}  // namespace causeway::control::api
