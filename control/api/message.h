// What is asked and what is answered, as values: without sockets.
#pragma once

#include <functional>
#include <string>

#include "control/api/wiping.h"

namespace causeway::control::api {

struct Request {
  std::string method = "GET";
  std::string target = "/";  // path and query, as they came: percent-encoded
  std::string content_type{};
  std::string if_match{};
  WipedText body{};
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body{};
  std::string allow{};  // of 405
  std::string etag{};
  // Makes the body, on another thread, of values that it holds: for what is too long to be written while the
  // control thread waits.
  std::function<std::string()> write_later{};
  bool is_stream = false;  // events from now on, instead of a body
};

}  // namespace causeway::control::api
