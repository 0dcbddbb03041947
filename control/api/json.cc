#include "control/api/json.h"

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "config/scalar.h"
#include "config/schema.h"

namespace causeway::control::api {
namespace {

using Json = nlohmann::ordered_json;

Json value_of(const config::Crypto& crypto);
Json value_of(const net::Endpoint& endpoint);
Json value_of(const std::map<std::uint8_t, std::uint8_t>& types);
template <class T>
Json value_of(const std::optional<T>& value);
template <class T>
Json value_of(const std::vector<T>& values);
template <class T>
Json value_of(const T& value);

template <class S>
Json members_of(const S& value) {
  Json json = Json::object();
  fields(value, [&](const config::Field& field, const auto& member) {
    Json one = value_of(member);
    // What is absent, or has no other way to say "none" than to be left out.
    if (one.is_null() || (one.is_string() && one.get_ref<const std::string&>().empty())) return;
    json[std::string(field.key)] = std::move(one);
  });
  return json;
}

Json value_of(const config::Crypto& crypto) {
  return {{"suite", srtp::info(crypto.suite).name}};  // and never the key
}
Json value_of(const net::Endpoint& endpoint) {
  return endpoint.to_string();
}
Json value_of(const std::map<std::uint8_t, std::uint8_t>& types) {
  Json json = Json::object();
  for (const auto& [from, to] : types)
    json[std::to_string(from)] = to;
  return json;
}
template <class T>
Json value_of(const std::optional<T>& value) {
  return value ? value_of(*value) : Json();
}
template <class T>
Json value_of(const std::vector<T>& values) {
  Json json = Json::array();
  for (const T& value : values)
    json.push_back(value_of(value));
  return json;
}

template <class T>
Json value_of(const T& value) {
  if constexpr (std::is_integral_v<T> || std::is_same_v<T, std::string>) {
    return value;
  } else if constexpr (std::is_enum_v<T>) {
    for (const auto& [name, candidate] : config::names_of<T>()) {
      if (candidate == value) return name;
    }
    return nullptr;
  } else {
    return members_of(value);
  }
}

}  // namespace

Json to_json(const config::Transport& transport) {
  return members_of(transport);
}
Json to_json(const config::Track& track) {
  return members_of(track);
}
Json to_json(const config::Leg& leg) {
  return members_of(leg);
}
Json description_json(const config::Track& described) {
  Json json{{"id", described.id}, {"layers", Json::array()}, {"priority", value_of(described.priority)}};
  for (const config::Layer& layer : described.layers)
    json["layers"].push_back(layer.name);
  return json;
}

}  // namespace causeway::control::api
