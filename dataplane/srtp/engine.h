// The SRTP engine: seals and opens whole bursts. The framing (RFC 3711, RFC 7714) is pure; the ciphers are a
// library's. Indices are the caller's: an engine keeps no rollover counter and no replay window (see
// index.h), so the same keys can be used by whoever owns the stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "dataplane/srtp/suite.h"

namespace causeway::srtp {

// The session keys of one direction of one transport: derived once, then read by workers. Made by
// Engine::expand and only of use to engines of the same kind (and the same instruction set). Wiped when
// destroyed.
class SessionKeys {
 public:
  virtual ~SessionKeys() = default;
  Suite suite() const { return suite_; }
  // Equal for equal keys, whoever expanded them: fingerprint_of() them. Tells nothing of them.
  std::uint64_t fingerprint() const { return fingerprint_; }
  // The memory that sealing RTP reads, to be asked for ahead of its use. May be empty.
  std::span<const std::uint8_t> rtp_memory() const { return rtp_memory_; }

 protected:
  SessionKeys(Suite suite, std::uint64_t fingerprint, std::span<const std::uint8_t> rtp_memory = {})
      : rtp_memory_(rtp_memory), fingerprint_(fingerprint), suite_(suite) {}

 private:
  std::span<const std::uint8_t> rtp_memory_;
  std::uint64_t fingerprint_;
  Suite suite_;
};

// Of Suite::none.
class NoKeys final : public SessionKeys {
 public:
  NoKeys() : SessionKeys(Suite::none, 0) {}
};

// One SRTP or SRTCP packet to open, in place.
struct OpenJob {
  const SessionKeys* keys = nullptr;
  std::uint8_t* packet = nullptr;
  std::uint32_t length = 0;  // in: with tag (and E flag and index on RTCP); out: of the plain packet
  std::uint32_t header_length =
      0;                    // RTP: clear bytes in front (fixed header, CSRCs, extension). RTCP: ignored (8)
  std::uint64_t index = 0;  // RTP: the 48-bit index, estimated by the caller. RTCP: ignored (see rtcp_index)
  bool authentic = false;  // out: the tag verified, or there is none (Suite::none). If false the bytes of the
                           // packet are unspecified and must not be used
};

// One plain packet to seal, out of place: the payload stays untouched, so that N jobs may share it.
struct SealJob {
  const SessionKeys* keys = nullptr;
  const std::uint8_t* payload = nullptr;  // plain bytes behind the header; must not overlap `packet`
  std::uint32_t payload_length = 0;
  std::uint8_t* packet = nullptr;   // its first header_length bytes are already written; has room for
                                    // header + payload + kMaxRtpOverhead (or kMaxRtcpOverhead)
  std::uint32_t header_length = 0;  // RTCP: 8
  std::uint64_t index = 0;          // RTP: 48 bits, ROC << 16 | SEQ (RFC 3711, 3.3.1). RTCP: 31 bits
  std::uint32_t length = 0;         // out: bytes of the sealed packet; 0 if it is no packet: a header or
                                    // payload length that no UDP datagram has. Then nothing may be sent
};

// One worker, one engine: not thread-safe, except expand(), which any thread may call at any time. Several
// engines may use the same keys at the same time, for different SSRCs. None of the functions allocates
// (except expand), blocks or throws; what the libsrtp engine does differently stands in libsrtp_engine.h.
// Bursts may mix suites and keys freely, be of any size, and be empty.
class Engine {
 public:
  virtual ~Engine() = default;

  // master_key and master_salt have the lengths that info(suite) gives (both empty for none); otherwise
  // throws std::invalid_argument. Key derivation rate 0 (RFC 3711, 4.3.1).
  virtual std::unique_ptr<SessionKeys> expand(Suite suite, std::span<const std::uint8_t> master_key,
                                              std::span<const std::uint8_t> master_salt) const = 0;

  // Lengths that contradict each other, or too short for the suite's tag or the header: authentic = false
  // (for Suite::none too). SRTCP with the E flag 0 is verified and not deciphered: a caller that demands
  // encryption drops it by what rtcp_trailer() said.
  virtual void open_rtp(std::span<OpenJob> jobs) = 0;
  virtual void open_rtcp(std::span<OpenJob> jobs) = 0;
  virtual void seal_rtp(std::span<SealJob> jobs) = 0;
  virtual void seal_rtcp(std::span<SealJob> jobs) = 0;
};

// What an SRTCP packet says of itself in front of its tag: the index to check for replay before opening.
// nullopt if too short. For Suite::none there is no index: returns 0. (RFC 3711, 3.4; RFC 7714, 9.2, where
// the E flag and index stand behind the tag.)
struct RtcpTrailer {
  std::uint32_t index = 0;  // 31 bits
  bool encrypted = false;
};
std::optional<RtcpTrailer> rtcp_trailer(Suite suite, std::span<const std::uint8_t> packet);

// The vector instructions that the ciphers use.
enum class Isa : std::uint8_t {
  best,  // that the machine has
  sse,
  avx2,
  avx512,
};

// The engine over Intel IPsec-MB's multi-buffer ciphers. Throws std::runtime_error if the machine lacks the
// instructions. Keys belong to engines of the same instruction set.
std::unique_ptr<Engine> make_ipsec_mb_engine(Isa isa = Isa::best);

// The reference engine over libsrtp, which is slower; its limits stand in libsrtp_engine.h. `slots` engines,
// numbered by their slot, can use the keys that any of them expands: make one for each worker. Not while
// another thread makes one. Throws std::invalid_argument unless slot < slots, std::runtime_error if libsrtp
// does not start.
std::unique_ptr<Engine> make_libsrtp_engine(std::size_t slot = 0, std::size_t slots = 1);

}  // namespace causeway::srtp
