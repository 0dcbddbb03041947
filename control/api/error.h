// The body of every answer that is none: what is wrong, where, and what to do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "control/api/message.h"

namespace causeway::control::api {

// code: one word for programs. message: "WHAT; WHAT TO DO". where: of the body; line 0 if it is about none.
Response error(unsigned status, std::string_view code, std::string_view message, config::Location where = {});

// What needs no more to be said of.
Response error_of(unsigned status);

// What is wrong with a body, all of it. `problems` is not empty.
Response error(unsigned status, std::string_view code, const std::vector<config::Problem>& problems);

}  // namespace causeway::control::api
