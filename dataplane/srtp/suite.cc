#include "dataplane/srtp/suite.h"

namespace causeway::srtp {

std::span<const SuiteInfo> all_suites() {
  return kSuites;
}

std::optional<Suite> parse_suite(std::string_view name) {
  for (const SuiteInfo& candidate : kSuites) {
    if (candidate.name == name) return candidate.suite;
  }
  return std::nullopt;
}

}  // namespace causeway::srtp
