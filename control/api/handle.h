// From a request to its answer. Pure: what is not in the request, the service says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/api/message.h"

namespace causeway::control::api {

class Service;

// Never throws for what the request holds. Answers quickly: it runs on the control thread.
Response handle(const Request& request, Service& service);

// Every path that is served, with its methods, as docs/openapi.yaml names it: {"GET", "/v1/tracks/{id}"}.
struct Route {
  std::string_view method;
  std::string_view path;
};
std::vector<Route> routes();

}  // namespace causeway::control::api
