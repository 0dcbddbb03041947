// An incident as people want to read it: from entries of the journal of one node.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace causeway::ctl {

// What can be summed up first: the node's starts, drains, verdicts and links, then each track with when its
// media came and ended and how long it starved. Then each entry with its evidence, in the order of time.
// journal: as GET /v1/journal answers, all pages in one.
std::string timeline_text(const nlohmann::json& journal);

}  // namespace causeway::ctl
