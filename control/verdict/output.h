// What a turn of the judge brings about. Appended to; the caller clears it.
#pragma once

#include <vector>

#include "control/journal/entry.h"
#include "control/verdict/verdict.h"
#include "control/wire/ids.h"

namespace causeway::control::verdict {

struct PeerChange {
  NodeId peer = kNoNode;
  Verdict from{};
  Verdict to{};
};
struct SelfChange {
  SelfVerdict from{};
  SelfVerdict to{};
};

struct Output {
  Journal& journal;
  bool ask_token = false;        // of the arbiter; its answer goes to Judge::on_token()
  bool release_token = false;    // also where none may be held: it does no harm
  bool report_islanded = false;  // tell the arbiter that this site looks islanded: at least once a second
  bool drain_changed = false;
  std::vector<PeerChange> peers;
  std::vector<SelfChange> self;
};

}  // namespace causeway::control::verdict
