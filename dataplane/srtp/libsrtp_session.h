// One libsrtp session, of one direction of one transport and one engine, brought to follow the caller's
// indices. libsrtp keeps rollover counters and replay windows for each SSRC; here it is told where the caller
// stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>

#include <srtp2/srtp.h>

#include "dataplane/srtp/index.h"
#include "dataplane/srtp/suite.h"

namespace causeway::srtp {

// One thread at a time. Allocates when an SSRC is first seen, as libsrtp does.
class LibsrtpSession {
 public:
  enum class Use : std::uint8_t {
    seal,
    open,
    open_clear_rtcp,  // SRTCP without encryption: of the CM suites libsrtp takes one or the other
  };

  // The master must live as long as the session. Throws std::runtime_error if libsrtp refuses.
  LibsrtpSession(Suite suite, std::span<const std::uint8_t> master_key_and_salt, Use use);
  ~LibsrtpSession();
  LibsrtpSession(const LibsrtpSession&) = delete;
  LibsrtpSession& operator=(const LibsrtpSession&) = delete;

  // In place; `length` becomes that of the result. False: refused, and the bytes are unspecified. May throw
  // std::bad_alloc, or std::runtime_error when libsrtp does not start a session anew.

  // Refuses an index that was sealed, or that lies ReplayWindow::kSize or more below the highest.
  bool seal_rtp(std::uint8_t* packet, std::uint32_t& length, std::uint64_t index);
  // Under the given SRTCP index, which is at least 1. libsrtp counts them itself, so those in between are
  // used up on packets that nobody gets to see; refuses an index that was passed, or more than kMostSkipped
  // ahead (then the next calls come nearer).
  bool seal_rtcp(std::uint8_t* packet, std::uint32_t& length, std::uint32_t index);
  // Any index any number of times: replays are the caller's matter.
  bool open_rtp(std::uint8_t* packet, std::uint32_t& length, std::uint64_t index);
  bool open_rtcp(std::uint8_t* packet, std::uint32_t& length);

  static constexpr std::size_t kMostStreams =
      4096;  // SSRCs; more are refused to seal, and to open forget the others
  static constexpr std::uint32_t kMostSkipped = 4096;  // SRTCP indices

 private:
  // What libsrtp knows of an SSRC.
  struct Stream {
    bool made = false;              // libsrtp has a stream of its own for it
    std::uint64_t highest = 0;      // RTP index
    std::uint32_t pending_roc = 0;  // set and still in force; 0: it estimates
    std::uint32_t rtcp_index = 0;   // SRTCP index of the packet sealed last

    void took(std::uint64_t index);  // as libsrtp does
  };

  void start();
  Stream* stream(std::uint32_t ssrc, const std::uint8_t* header, std::uint64_t index);
  bool make_room(std::uint32_t ssrc);
  bool follow(Stream& stream, std::uint32_t ssrc, std::uint64_t index);
  void forget(std::uint32_t ssrc);
  bool skip_rtcp(Stream& stream, std::uint32_t ssrc, std::uint32_t index);

  Suite suite_;
  Use use_;
  std::span<const std::uint8_t> master_;
  srtp_t session_ = nullptr;
  std::unordered_map<std::uint32_t, Stream> streams_;
};

}  // namespace causeway::srtp
