// Frames between two nodes, sealed with AES-128-GCM under the pair's key (docs/relay-protocol.md, section 7).
// The core knows plain frames only; the shell around it seals and opens.
//
// Each boot of a sender has a key of its own, derived from the pair's, so that sequence numbers, which are
// the nonces, may begin again with each boot.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "control/wire/frame.h"
#include "control/wire/ids.h"

struct evp_cipher_ctx_st;

namespace causeway::control::wire {

inline constexpr std::size_t kPairKeyBytes = 32;
using PairKey = std::array<std::uint8_t, kPairKeyBytes>;  // of two nodes, from their DTLS association

// HMAC-SHA-256 under the pair's key over a label and what the key is for. Throws std::bad_alloc.
PairKey derive(const PairKey& key, std::string_view label, std::span<const std::uint8_t> context);

struct CipherDeleter {
  void operator()(evp_cipher_ctx_st* context) const;
};
using Cipher = std::unique_ptr<evp_cipher_ctx_st, CipherDeleter>;

// Of one boot of this node, towards one peer. Not thread-safe.
class Sealer {
 public:
  Sealer(const PairKey& key, NodeId from, NodeId to, BootId boot);
  // Writes frame.size() + kTagBytes. The frame's header holds the sequence number, never twice the same.
  // 0 if there is no room or the cipher library fails.
  std::size_t seal(std::span<const std::uint8_t> frame, std::span<std::uint8_t> out);

 private:
  Cipher cipher_;
};

// Whatever arrives from one peer, in any of its boots. Not thread-safe.
class Opener {
 public:
  Opener(const PairKey& key, NodeId from, NodeId to);
  ~Opener();
  Opener(Opener&&) noexcept = default;
  Opener& operator=(Opener&&) noexcept = default;

  // The plain frame, written to `out`; nullopt if it is not authentic or does not fit. Costs a key derivation
  // if it claims to be of another boot than the last authentic one.
  std::optional<std::span<const std::uint8_t>> open(std::span<const std::uint8_t> sealed,
                                                    std::span<std::uint8_t> out);

 private:
  PairKey key_;
  NodeId from_;
  NodeId to_;
  BootId boot_ = 0;
  Cipher cipher_;  // of that boot
};

}  // namespace causeway::control::wire
