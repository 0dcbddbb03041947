// What the API answers, as text for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace causeway::ctl {

using Json = nlohmann::json;

// Each throws nlohmann's exceptions if the answer is none of its kind.
std::string status_text(const Json& status);
std::string peers_text(const Json& peers);
std::string verdicts_text(const Json& verdicts);
// Items of all pages.
std::string tracks_text(const Json& tracks);
std::string relays_text(const Json& relays);
std::string where_text(const Json& relay);
std::string drain_text(const Json& drain);
// One of /v1/events: of its data.
std::string event_text(const Json& event);
// All of it on one screen, for `top`.
std::string top_text(const Json& status, const Json& peers, const Json& relays);
// What an answer that is an error says.
std::string error_text(unsigned status, const std::string& body);

}  // namespace causeway::ctl
