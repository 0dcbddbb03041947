// The limit: nothing but IPsec-MB's ciphers, with keys, IVs, additional data and jobs made before, from one
// plaintext into the outputs of N legs.
#pragma once

#include <cstddef>
#include <memory>

#include "dataplane/srtp/engine.h"
#include "dataplane/srtp/suite.h"
#include "tests/bench/rounds.h"

namespace causeway::bench {

class RawCipher {
 public:
  virtual ~RawCipher() = default;
  virtual Sample round(std::size_t outputs) = 0;  // at least so many, in whole fan-outs
};

// bytes: of the plain RTP packet, 12 of them header. isa best or sse: wide vectors, or SHA-NI.
std::unique_ptr<RawCipher> make_raw_cipher(srtp::Suite suite, std::size_t bytes, std::size_t legs,
                                           srtp::Isa isa);

}  // namespace causeway::bench
