#include "dataplane/drop.h"

#include <array>

namespace causeway {

namespace {

constexpr std::array<DropInfo, kDrops> kDropInfo{{{"none", "", Severity::info, "not dropped"},
#define X(name, stage, severity, help) {#name, #stage, Severity::severity, help},
                                                  CAUSEWAY_DROPS(X)
#undef X
}};

constexpr std::array<DropInfo, kEgressDrops> kEgressDropInfo{{{"none", "", Severity::info, "not dropped"},
#define X(name, severity, help) {#name, "emit", Severity::severity, help},
                                                              CAUSEWAY_EGRESS_DROPS(X)
#undef X
}};

}  // namespace

const DropInfo& info(Drop drop) {
  return kDropInfo.at(static_cast<std::size_t>(drop));
}

const DropInfo& info(EgressDrop drop) {
  return kEgressDropInfo.at(static_cast<std::size_t>(drop));
}

}  // namespace causeway
