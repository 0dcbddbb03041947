// From a request's body to a value, by the configuration's own schema; or to what is wrong with it.
#pragma once

#include <variant>

#include "config/config.h"
#include "control/api/message.h"
#include "control/session/state.h"

namespace causeway::control::api {

std::variant<config::Transport, Response> read_transport(const Request& request);
std::variant<config::Track, Response> read_track(const Request& request);
std::variant<config::Leg, Response> read_leg(const Request& request);
std::variant<session::TrackInfo, Response> read_description(const Request& request);

}  // namespace causeway::control::api
