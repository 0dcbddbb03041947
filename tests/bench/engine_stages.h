// The engine's calls alone: sealing for N legs from one plaintext, opening a burst.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/srtp/engine.h"
#include "tests/bench/memory.h"
#include "tests/bench/rounds.h"

namespace causeway::bench {

inline constexpr std::size_t kBufferRoom = 2048 + 64;
struct Buffer {
  alignas(64) std::array<std::uint8_t, kBufferRoom> bytes;
};

class SealStage {
 public:
  // bytes: of the plain RTP packet. Each leg has its own key.
  SealStage(srtp::Engine& engine, srtp::Suite suite, std::size_t bytes, std::size_t legs);

  Sample round(std::size_t outputs);  // at least so many, in whole fan-outs, at most 64 in one call

 private:
  static constexpr std::size_t kOutputs = 128;  // buffers, written again and again, as the raw loop's

  void seal(std::size_t leg, std::size_t count, std::size_t packets, Sample& sample);

  srtp::Engine& engine_;
  std::uint32_t payload_length_;
  std::vector<std::unique_ptr<srtp::SessionKeys>> keys_;
  std::uint64_t index_ = 0;
  HugeArray<Buffer> plain_;
  HugeArray<Buffer> outputs_;
  std::array<srtp::SealJob, kOutputs> jobs_;
};

class OpenRound {
 public:
  // Packets of so many sources, each with its key, opened `burst` at a time.
  OpenRound(srtp::Engine& engine, srtp::Suite suite, std::size_t bytes, std::size_t sources,
            std::size_t burst);

  Sample round();  // makes the packets, and times the opening

 private:
  static constexpr std::size_t kPackets = 256;  // of a round

  srtp::Engine& engine_;
  std::size_t bytes_;
  std::size_t burst_;
  std::vector<std::unique_ptr<srtp::SessionKeys>> keys_;
  std::uint64_t index_ = 0;
  HugeArray<Buffer> plain_;
  HugeArray<Buffer> packets_;
};

}  // namespace causeway::bench
