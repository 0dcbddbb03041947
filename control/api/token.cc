#include "control/api/token.h"

#include <algorithm>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <span>

namespace causeway::control::api {
namespace {

constexpr std::string_view kScheme = "Bearer ";

bool is_of_a_header(char c) {
  return c > ' ' && c < 0x7f;
}

}  // namespace

Token::Token(std::string_view text) : digest_(digest(text)) {}

Token::Digest Token::digest(std::string_view text) {
  Digest made{};
  EVP_Digest(text.data(), text.size(), made.data(), nullptr, EVP_sha256(), nullptr);
  return made;
}

// Digests are compared, so that neither what is equal nor how long it is shows in the time.
bool Token::admits(std::string_view authorization) const {
  if (authorization.size() > kScheme.size() + kLongest || !authorization.starts_with(kScheme)) return false;
  const Digest given = digest(authorization.substr(kScheme.size()));
  return CRYPTO_memcmp(given.data(), digest_.data(), digest_.size()) == 0;
}

std::variant<Token, config::KeyError> read_token(const std::string& path) {
  auto read = config::read_secret_file(path, "the token");
  if (const auto* error = std::get_if<config::KeyError>(&read)) return *error;
  const auto bytes = std::get<config::Secret>(read).bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.size() < Token::kShortest || text.size() > Token::kLongest ||
      !std::ranges::all_of(text, is_of_a_header)) {
    return config::KeyError{"the token is shorter than 16 or longer than 512 characters, or has spaces in it",
                            "write one with: openssl rand -hex 32"};
  }
  return Token(text);
}

}  // namespace causeway::control::api
