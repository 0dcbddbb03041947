#include "control/journal/entry.h"

#include <array>

namespace causeway::control {
namespace {

struct Info {
  std::string_view name;
  Severity severity;
  std::string_view help;
};
constexpr Info kKinds[] = {
#define CAUSEWAY_KIND(kind, severity, help) {#kind, Severity::severity, help},
    CAUSEWAY_JOURNAL(CAUSEWAY_KIND)
#undef CAUSEWAY_KIND
};
constexpr std::array<std::string_view, 4> kSeverities{"info", "notice", "warning", "alarm"};

const Info& info(JournalKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

}  // namespace

std::string_view name(JournalKind kind) {
  return info(kind).name;
}
std::string_view name(Severity severity) {
  return kSeverities[static_cast<std::size_t>(severity)];
}
Severity severity(JournalKind kind) {
  return info(kind).severity;
}
std::string_view help(JournalKind kind) {
  return info(kind).help;
}

}  // namespace causeway::control
