// RFC 3711's packet index and replay window, of one SSRC in one direction. Owned by exactly one worker.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace causeway::srtp {

// A replay window over the highest index accepted and the kSize - 1 below it (RFC 3711, 3.3.2: "a minimum of
// 64"). Until the first accept() every index is fresh.
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
  void forget(std::uint64_t first, std::uint64_t count);

  std::array<std::uint64_t, kSize / 64> bits_{};  // a ring: index i is bit i % kSize
  std::uint64_t highest_ = 0;
  bool started_ = false;
};

// The index that a packet with this sequence number most likely has, next to an index already known: the
// nearest one (RFC 3711, 3.3.1 and appendix A), but never one before rollover counter 0. So a sequence number
// more than half a turn above one of the first rollover is taken as a jump ahead and not as counter -1, which
// the appendix would wrap to 2^32 - 1.
std::uint64_t estimate_index(std::uint64_t highest, std::uint16_t sequence);

// The 48-bit index of a received RTP packet, guessed from its 16-bit sequence number and held to the replay
// window. The first packet has rollover counter 0.
class RtpIndex {
 public:
  // The index that a packet with this sequence number most likely has. Before the first accept(): seq itself.
  // So a first burst that holds a wrap must go on from its own first packet: see estimate_index().
  std::uint64_t estimate(std::uint16_t sequence) const;
  ReplayWindow::Verdict check(std::uint64_t index) const { return window_.check(index); }
  ReplayWindow::Verdict accept(std::uint64_t index) { return window_.accept(index); }

  // For plain RTP only, where nothing authenticates a jump. A source that restarted behind the window shows
  // itself by two packets in order (RFC 3550, A.1) and goes on in the next rollover, above everything
  // accepted; until then its packets are too old. A jump ahead needs no proof: it is taken at once, and if it
  // was a stray packet, the true source resynchronizes the same way at the cost of one packet.
  // Returns the index to accept, or the estimate.
  std::uint64_t estimate_plain(std::uint16_t sequence);

  bool started() const { return window_.started(); }
  std::uint64_t highest() const { return window_.highest(); }

 private:
  static constexpr std::uint32_t kNoneAwaited = 1u << 16;

  ReplayWindow window_;
  std::uint32_t awaited_after_jump_ = kNoneAwaited;  // a sequence number, or kNoneAwaited
};

}  // namespace causeway::srtp
