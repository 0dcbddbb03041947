#include "control/verdict/verdict.h"

namespace causeway::control::verdict {
namespace {

constexpr std::string_view kVerdictNames[] = {
#define CAUSEWAY_NAME(name, help) #name,
    CAUSEWAY_VERDICTS(CAUSEWAY_NAME)
#undef CAUSEWAY_NAME
};
constexpr std::string_view kVerdictHelp[] = {
#define CAUSEWAY_HELP(name, help) help,
    CAUSEWAY_VERDICTS(CAUSEWAY_HELP)
#undef CAUSEWAY_HELP
};
constexpr std::string_view kSelfVerdictNames[] = {
#define CAUSEWAY_NAME(name, help) #name,
    CAUSEWAY_SELF_VERDICTS(CAUSEWAY_NAME)
#undef CAUSEWAY_NAME
};
constexpr std::string_view kSelfVerdictHelp[] = {
#define CAUSEWAY_HELP(name, help) help,
    CAUSEWAY_SELF_VERDICTS(CAUSEWAY_HELP)
#undef CAUSEWAY_HELP
};

}  // namespace

std::string_view name(Verdict verdict) {
  return kVerdictNames[static_cast<std::size_t>(verdict)];
}
std::string_view name(SelfVerdict verdict) {
  return kSelfVerdictNames[static_cast<std::size_t>(verdict)];
}
std::string_view help(Verdict verdict) {
  return kVerdictHelp[static_cast<std::size_t>(verdict)];
}
std::string_view help(SelfVerdict verdict) {
  return kSelfVerdictHelp[static_cast<std::size_t>(verdict)];
}

}  // namespace causeway::control::verdict
