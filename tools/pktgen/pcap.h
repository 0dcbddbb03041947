// Capture files in libpcap's classic format, of Ethernet frames. Pure: over bytes. The reader takes every
// variant of the format (either byte order, micro- or nanoseconds), and says clearly what it does not take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace causeway::pktgen {

inline constexpr std::size_t kPcapHeader = 24;
inline constexpr std::size_t kPcapRecord = 16;
inline constexpr std::uint32_t kMostPcapFrame = 65536;

struct PcapFrame {
  std::uint64_t at_ns = 0;
  std::span<const std::uint8_t> bytes;
};

// Reads a file that is in memory, frame by frame. The file outlives it.
class PcapReader {
 public:
  explicit PcapReader(std::span<const std::uint8_t> file);

  // The next frame; nullopt at the end, or at an error.
  std::optional<PcapFrame> next();

  // Empty if everything was well so far; else what is wrong with the file and where.
  const std::string& error() const { return error_; }

 private:
  void read_header();
  std::uint32_t word(std::size_t at) const;
  void fail(std::string what);

  std::span<const std::uint8_t> file_;
  std::size_t at_ = 0;
  std::uint64_t frames_ = 0;
  bool swapped_ = false;
  bool nanoseconds_ = false;
  std::string error_;
};

// Microseconds and this machine's byte order: what every program reads.
void write_pcap_header(std::span<std::uint8_t, kPcapHeader> out);
void write_pcap_record(std::uint64_t at_ns, std::uint32_t length, std::span<std::uint8_t, kPcapRecord> out);

}  // namespace causeway::pktgen
