// The SRTP engine over libsrtp: the slow one, to compare with and to fall back to.
//
// Several engines share keys: each has a slot of its own in them, and a session of libsrtp in it, which
// nobody else touches. What libsrtp demands beyond srtp::Engine:
// - A packet whose header contradicts its header_length or index is refused: libsrtp reads the header itself.
// - An RTP index is sealed once, and none that lies ReplayWindow::kSize or more below the highest of its
// SSRC.
// - SRTCP is sealed under the caller's index + 1: libsrtp's first is 1 and RFC 3711's 0. Indices that the
// caller leaves
//   out are used up on packets that leave nowhere, at most LibsrtpSession::kMostSkipped in one call.
// - With one set of keys at most LibsrtpSession::kMostStreams SSRCs are sealed.
// - It allocates, and NSS below it may take locks, when keys or an SSRC are first used.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "dataplane/srtp/engine.h"
#include "dataplane/srtp/libsrtp_session.h"

namespace causeway::srtp {

class LibsrtpKeys final : public SessionKeys {
 public:
  LibsrtpKeys(Suite suite, std::span<const std::uint8_t> master_key,
              std::span<const std::uint8_t> master_salt, std::size_t slots);
  ~LibsrtpKeys() override;
  LibsrtpKeys(const LibsrtpKeys&) = delete;
  LibsrtpKeys& operator=(const LibsrtpKeys&) = delete;

  // The session of that engine and use; made when first asked for. Null if it cannot be made, or if there is
  // no such slot. The slot's engine's thread.
  LibsrtpSession* session(std::size_t slot, LibsrtpSession::Use use) const;

 private:
  struct alignas(64) Slot {                                   // written by its engine alone
    std::array<std::unique_ptr<LibsrtpSession>, 3> sessions;  // by use
  };

  std::array<std::uint8_t, kMaxMasterKey + kMaxMasterSalt> master_{};
  std::size_t master_length_;
  std::size_t slot_count_;
  std::unique_ptr<Slot[]> slots_;
};

class LibsrtpEngine final : public Engine {
 public:
  LibsrtpEngine(std::size_t slot, std::size_t slots);

  std::unique_ptr<SessionKeys> expand(Suite suite, std::span<const std::uint8_t> master_key,
                                      std::span<const std::uint8_t> master_salt) const override;
  void open_rtp(std::span<OpenJob> jobs) override;
  void open_rtcp(std::span<OpenJob> jobs) override;
  void seal_rtp(std::span<SealJob> jobs) override;
  void seal_rtcp(std::span<SealJob> jobs) override;

 private:
  LibsrtpSession* session(const SessionKeys& keys, LibsrtpSession::Use use) const;
  bool open_rtp(OpenJob& job) const;
  bool open_rtcp(OpenJob& job) const;
  std::uint32_t seal_rtp(const SealJob& job) const;  // the sealed packet's length, or 0
  std::uint32_t seal_rtcp(const SealJob& job) const;

  std::size_t slot_;
  std::size_t slots_;
};

}  // namespace causeway::srtp
