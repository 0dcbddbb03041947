#include "control/fleet/pair_keys.h"

#include <algorithm>
#include <new>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string_view>
#include <vector>

#include "dataplane/net/bytes.h"

namespace causeway::control::fleet {
namespace {

// HMAC-SHA-256 over a label and what it is for.
wire::PairKey derive(std::span<const std::uint8_t> key, std::string_view label,
                     std::span<const std::uint8_t> context) {
  std::vector<std::uint8_t> text(label.begin(), label.end());
  text.insert(text.end(), context.begin(), context.end());
  wire::PairKey derived{};
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), text.data(), text.size(), derived.data(),
           &length) == nullptr)
    throw std::bad_alloc();
  return derived;
}

}  // namespace

wire::PairKey pair_key(std::span<const std::uint8_t> fleet_key, NodeId a, NodeId b) {
  const std::array<std::uint8_t, 2> nodes{std::min(a, b), std::max(a, b)};
  return derive(fleet_key, "causeway pair", nodes);
}

config::Crypto media_keys(const wire::PairKey& key, NodeId from, BootId from_boot, NodeId to,
                          BootId to_boot) {
  constexpr srtp::Suite kSuite = srtp::Suite::aead_aes_128_gcm;
  const srtp::SuiteInfo& suite = srtp::info(kSuite);
  std::array<std::uint8_t, 18> context{from, to};
  net::store_be64(&context[2], from_boot);
  net::store_be64(&context[10], to_boot);
  wire::PairKey derived = derive(key, "causeway media", context);
  const std::span<const std::uint8_t> bytes(derived);
  config::Crypto crypto;
  crypto.suite = kSuite;
  crypto.key = config::Secret(bytes.first(suite.key_length));
  crypto.salt = config::Secret(bytes.subspan(suite.key_length, suite.salt_length));
  OPENSSL_cleanse(derived.data(), derived.size());
  return crypto;
}

}  // namespace causeway::control::fleet
