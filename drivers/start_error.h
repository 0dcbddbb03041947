// Why the appliance could not start: one clear message with its place in the configuration and the mend.
#pragma once

#include <stdexcept>
#include <string>

#include "config/config.h"

namespace causeway::drivers {

class StartError : public std::runtime_error {
 public:
  StartError(config::Location where, const std::string& what, std::string mend)
      : std::runtime_error(what), where_(where), mend_(std::move(mend)) {}
  config::Location where() const { return where_; }
  const std::string& mend() const { return mend_; }

 private:
  config::Location where_;
  std::string mend_;
};

}  // namespace causeway::drivers
