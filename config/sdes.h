// Key material in its SDES form (RFC 4568, 9.2): "inline:" base64(master key || master salt) ["|" lifetime].
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "config/secret.h"
#include "dataplane/srtp/suite.h"

namespace causeway::config {

struct KeyMaterial {
  Secret key;
  Secret salt;
};

// Never holds a part of the key.
struct KeyError {
  std::string what;
  std::string mend;
};

// The suite is not none.
std::variant<KeyMaterial, KeyError> parse_sdes_key(std::string_view text, srtp::Suite suite);

// The fleet's secret: base64 of 32 bytes.
std::variant<Secret, KeyError> parse_fleet_key(std::string_view text);

// The only line of a regular file that nobody but its owner may open, and whose owner is root or we.
std::variant<Secret, KeyError> read_key_file(const std::string& path);
// The same of another secret. holds: what the line is, for messages.
std::variant<Secret, KeyError> read_secret_file(const std::string& path, const std::string& holds);

}  // namespace causeway::config
