// The target of a request: path and query (RFC 3986), taken apart.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::control::api {

struct Target {
  std::string path;  // still percent-encoded
  std::map<std::string, std::string, std::less<>> query{};
};

// nullopt: something is percent-encoded wrongly, or a parameter is given twice.
std::optional<Target> parse_target(std::string_view text);

// nullopt: not two hexadecimal digits behind a "%", or what they stand for is a control character.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace causeway::control::api
