// The secret that a client on the network must know.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "config/sdes.h"

namespace causeway::control::api {

// Only a digest of it is kept. Immutable; any thread.
class Token {
 public:
  inline static constexpr std::size_t kShortest = 16;
  inline static constexpr std::size_t kLongest = 512;

  explicit Token(std::string_view text);

  // Is this the header "Authorization: Bearer TOKEN"? Takes as long whatever the text is.
  bool admits(std::string_view authorization) const;

 private:
  using Digest = std::array<std::uint8_t, 32>;
  static Digest digest(std::string_view text);
  Digest digest_;
};

// The only line of a file that nobody but its owner may open, and whose owner is root or we.
std::variant<Token, config::KeyError> read_token(const std::string& path);

}  // namespace causeway::control::api
