// What must hold between values: names, references, addresses, capacities. Pure, over the values only.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/load.h"

namespace causeway::config {

struct Finding {
  Level level = Level::error;
  std::string path;  // "transports[2].local"
  std::string what;
  std::string mend;
  std::vector<std::string> about;  // paths that it was concluded from, beside the item at `path`
};

std::vector<Finding> validate(const Config& config);

}  // namespace causeway::config
