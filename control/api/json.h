// What is asked for, as JSON: the keys and values of the configuration, without keys of SRTP. What one of
// them is written as can be put again, once it has its keys.
#pragma once

#include <nlohmann/json.hpp>

#include "config/config.h"
#include "control/session/state.h"

namespace causeway::control::api {

nlohmann::ordered_json to_json(const config::Transport& transport);
nlohmann::ordered_json to_json(const config::Track& track);
nlohmann::ordered_json to_json(const config::Leg& leg);
nlohmann::ordered_json description_json(const config::Track& described);

}  // namespace causeway::control::api
