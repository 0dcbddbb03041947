// The fleet's configuration as the core wants it.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "control/pair/pair.h"
#include "control/wire/ids.h"
#include "control/wire/membership.h"

namespace causeway::control::fleet {

struct Roster {
  Membership membership;
  std::vector<std::string> names;        // by NodeId
  std::vector<net::Endpoint> endpoints;  // likewise
  NodeId self = kNoNode;
};
Roster make_roster(const config::Config& config);

// By what this node and `peer` know each other. Certificates are read once, and shared. Throws
// pair::CredentialsError.
class Credentials {
 public:
  Credentials(const config::Config& config, std::int64_t wall_s);
  pair::Means means(const std::string& self, const std::string& peer) const;

 private:
  std::shared_ptr<const pair::Context> context_;  // null: there is a fleet key
  std::optional<pair::FleetKey> key_;
};

// Why this node could not start with its certificates, or its peers would refuse it today; empty if nothing
// is wrong, or there are none.
std::string problem_of_certificates(const config::Config& config);

}  // namespace causeway::control::fleet
