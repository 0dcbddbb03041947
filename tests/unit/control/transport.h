// A transport on the port wan0, with plain RTP both ways.
#pragma once

#include <cstdint>
#include <string>

#include "config/config.h"

namespace causeway::control::test {

inline config::Transport transport(const std::string& name, std::uint16_t remote_port) {
  config::Transport made;
  made.name = name;
  made.port = "wan0";
  made.local = *net::Endpoint::parse("192.0.2.1:20000");
  made.remote = {*net::IpAddress::parse("192.0.2.9"), remote_port};
  made.receive.emplace();
  made.send.emplace();
  return made;
}

}  // namespace causeway::control::test
