#include "control/wire/ids.h"

#include <openssl/sha.h>

#include "dataplane/net/bytes.h"

namespace causeway::control {

TrackKey track_key(std::string_view track_id) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(track_id.data()), track_id.size(), digest.data());
  return {net::load_be64(digest.data()), net::load_be64(digest.data() + 8)};
}

}  // namespace causeway::control
