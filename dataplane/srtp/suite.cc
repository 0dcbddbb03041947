#include "dataplane/srtp/suite.h"

#include <array>

namespace causeway::srtp {

namespace {

constexpr std::array<SuiteInfo, 7> kSuites{{
    {Suite::none, "none", 0, 0, 0, 0, false},
    {Suite::aes_cm_128_hmac_sha1_80, "AES_CM_128_HMAC_SHA1_80", 16, 14, 10, 10, false},
    {Suite::aes_cm_128_hmac_sha1_32, "AES_CM_128_HMAC_SHA1_32", 16, 14, 4, 10, false},
    {Suite::aes_256_cm_hmac_sha1_80, "AES_256_CM_HMAC_SHA1_80", 32, 14, 10, 10, false},
    {Suite::aes_256_cm_hmac_sha1_32, "AES_256_CM_HMAC_SHA1_32", 32, 14, 4, 10, false},
    {Suite::aead_aes_128_gcm, "AEAD_AES_128_GCM", 16, 12, 16, 16, true},
    {Suite::aead_aes_256_gcm, "AEAD_AES_256_GCM", 32, 12, 16, 16, true},
}};

}  // namespace

const SuiteInfo& info(Suite suite) {
  return kSuites.at(static_cast<std::size_t>(suite));
}

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
