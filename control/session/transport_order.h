// In which order transports that stay are changed, since no two may have the same endpoints at any instant.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "control/session/values.h"

namespace causeway::control::session {

using Transports = std::map<std::string, Shared<config::Transport>, std::less<>>;

// The changes of those that are in both, one by one. Where some of them swap their endpoints, one goes out of
// the way first, to ports that no packet has, and appears twice: taken away and added again, its indices
// would begin again under keys that were used (RFC 3711, 9.1).
std::vector<Shared<config::Transport>> order_of_changes(const Transports& a, const Transports& b);

}  // namespace causeway::control::session
