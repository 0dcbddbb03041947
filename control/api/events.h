// Entries of the journal as server-sent events (HTML Living Standard, 9.2).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/journal/entry.h"

namespace causeway::control::api {

// "id: ID\nevent: KIND\ndata: JSON\n\n". at_ms: when it was, in milliseconds since 1970. nodes: names, by
// NodeId.
std::string write_event(const JournalEntry& entry, std::uint64_t id, std::int64_t at_ms,
                        const std::vector<std::string>& nodes);

}  // namespace causeway::control::api
