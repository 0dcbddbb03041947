// RFC 3711's packet index and replay window, of one SSRC in one direction. Owned by exactly one worker.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace causeway::srtp {

// A replay window of the last kSize indices below the highest one accepted (RFC 3711, 3.3.2: "a minimum of
// 64").
class ReplayWindow {
 public:
  static constexpr std::size_t kSize = 1024;

  enum class Verdict : std::uint8_t { fresh, replayed, too_old };

  // Before authentication: may this index still be accepted? Changes nothing.
  Verdict check(std::uint64_t index) const;
  // After authentication: takes the index, unless another packet of the same burst took it since check().
  Verdict accept(std::uint64_t index);

  bool started() const { return started_; }
  std::uint64_t highest() const { return highest_; }

 private:
  std::array<std::uint64_t, kSize / 64> bits_{};
  std::uint64_t highest_ = 0;
  bool started_ = false;
};

// The 48-bit index of a received RTP packet, guessed from its 16-bit sequence number (RFC 3711, 3.3.1 and
// appendix A) and held to the replay window. The first packet has rollover counter 0.
class RtpIndex {
 public:
  // The index that a packet with this sequence number most likely has. Before the first accept(): seq itself.
  std::uint64_t estimate(std::uint16_t sequence) const;
  ReplayWindow::Verdict check(std::uint64_t index) const { return window_.check(index); }
  ReplayWindow::Verdict accept(std::uint64_t index) { return window_.accept(index); }

  // For plain RTP only, where nothing authenticates a jump: a source that restarted shows itself by two
  // packets in order (RFC 3550, A.1), and goes on in the next rollover. Returns the index to accept, or the
  // estimate.
  std::uint64_t estimate_plain(std::uint16_t sequence);

  std::uint64_t highest() const { return window_.highest(); }

 private:
  ReplayWindow window_;
  std::uint32_t awaited_after_jump_ = 1u << 16;  // a sequence number, or 1 << 16 for none
};

}  // namespace causeway::srtp
