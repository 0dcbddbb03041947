#include "control/fleet/roster.h"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "control/clock.h"

namespace causeway::control::fleet {

Roster make_roster(const config::Config& config) {
  Roster roster;
  const std::size_t nodes = config.fleet.nodes.size();
  roster.names.resize(nodes);
  roster.endpoints.resize(nodes);
  roster.membership.site_of.resize(nodes);
  for (const config::FleetNode& node : config.fleet.nodes) {
    const auto site = std::ranges::find(config.sites, node.site, &config::Site::name);
    roster.names[node.id] = node.name;
    roster.endpoints[node.id] = node.endpoint;
    roster.membership.site_of[node.id] = static_cast<SiteId>(site - config.sites.begin());
    if (node.name == config.node.name) roster.self = static_cast<NodeId>(node.id);
  }
  return roster;
}

namespace {

pair::Certificates read_certificates(const config::Fleet& fleet) {
  return pair::Certificates::read({fleet.certificate_file, fleet.private_key_file, fleet.ca_file});
}

}  // namespace

std::string problem_of_certificates(const config::Config& config) {
  if (config.fleet.nodes.empty() || config.fleet.certificate_file.empty()) return "";
  try {
    return read_certificates(config.fleet).problem(config.node.name, wall_ms() / 1000);
  } catch (const pair::CredentialsError& error) {
    return error.what();
  }
}

// A node that its peers will refuse says so itself, and is there: the certificate may be renewed.
Credentials::Credentials(const config::Config& config, std::int64_t wall_s) {
  const config::Fleet& fleet = config.fleet;
  if (fleet.certificate_file.empty()) {
    key_.emplace(fleet.key.bytes().first<pair::FleetKey::kBytes>());
    return;
  }
  const pair::Certificates certificates = read_certificates(fleet);
  if (const std::string problem = certificates.problem(config.node.name, wall_s); !problem.empty())
    spdlog::error("the other nodes will refuse this one: {}", problem);
  context_ = std::make_shared<const pair::Context>(certificates);
}

pair::Means Credentials::means(const std::string& self, const std::string& peer) const {
  if (context_) return context_;
  return key_->pair_key(self, peer);
}

}  // namespace causeway::control::fleet
