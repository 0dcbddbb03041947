#include "config/schema.h"

namespace causeway::config {

std::string device_pattern() {
  std::string drivers;
  for (const std::string_view driver : kVdevDrivers) {
    if (!drivers.empty()) drivers += '|';
    drivers += driver;
  }
  return "^(([0-9A-Fa-f]{4}:)?[0-9A-Fa-f]{2}:[01][0-9A-Fa-f]\\.[0-7]|(" + drivers + ")[0-9]{0,4}(,[!-~]*)?)$";
}

}  // namespace causeway::config
