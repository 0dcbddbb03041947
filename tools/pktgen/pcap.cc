#include "tools/pktgen/pcap.h"

#include <cstring>
#include <utility>

namespace causeway::pktgen {

namespace {

constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4;
constexpr std::uint32_t kNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kPcapng = 0x0a0d0d0a;
constexpr std::uint32_t kEthernet = 1;
constexpr std::uint64_t kSecond_ns = 1'000'000'000;

void put(std::uint8_t* at, std::uint32_t value) {
  std::memcpy(at, &value, sizeof value);
}

}  // namespace

PcapReader::PcapReader(std::span<const std::uint8_t> file) : file_(file) {
  read_header();
}

void PcapReader::read_header() {
  if (file_.size() < kPcapHeader) return fail("too short for a capture file");
  const std::uint32_t magic = word(0);
  if (magic == kPcapng) return fail("is pcapng: convert it with `editcap -F pcap IN OUT`");
  swapped_ = magic == __builtin_bswap32(kMicroseconds) || magic == __builtin_bswap32(kNanoseconds);
  const std::uint32_t known = swapped_ ? __builtin_bswap32(magic) : magic;
  nanoseconds_ = known == kNanoseconds;
  if (known != kMicroseconds && known != kNanoseconds) return fail("is no capture file");
  const std::uint32_t link = word(20) & 0x0fffffff;  // above: the FCS length
  if (link != kEthernet)
    return fail("holds frames of link type " + std::to_string(link) + ", not Ethernet's 1");
  at_ = kPcapHeader;
}

std::uint32_t PcapReader::word(std::size_t at) const {
  std::uint32_t value;
  std::memcpy(&value, file_.data() + at, sizeof value);
  return swapped_ ? __builtin_bswap32(value) : value;
}

void PcapReader::fail(std::string what) {
  error_ = std::move(what);
  at_ = file_.size();
}

std::optional<PcapFrame> PcapReader::next() {
  if (at_ == file_.size()) return std::nullopt;
  const std::string which = "frame " + std::to_string(frames_ + 1) + " (byte " + std::to_string(at_) + ")";
  if (file_.size() - at_ < kPcapRecord) {
    fail(which + ": the file ends inside its header");
    return std::nullopt;
  }
  const std::uint32_t length = word(at_ + 8);
  const std::uint32_t on_wire = word(at_ + 12);
  const std::uint64_t fraction = word(at_ + 4);
  const std::uint64_t fraction_ns = nanoseconds_ ? fraction : fraction * 1000;
  if (length > kMostPcapFrame) {
    fail(which + ": claims " + std::to_string(length) + " bytes");
  } else if (length < on_wire) {
    fail(which + ": only " + std::to_string(length) + " of its " + std::to_string(on_wire) +
         " bytes were captured: capture with a longer snap length");
  } else if (length > file_.size() - at_ - kPcapRecord) {
    fail(which + ": the file ends inside it");
  } else if (fraction_ns >= kSecond_ns) {
    fail(which + ": its time is wrong");
  } else {
    const PcapFrame frame{.at_ns = word(at_) * kSecond_ns + fraction_ns,
                          .bytes = file_.subspan(at_ + kPcapRecord, length)};
    at_ += kPcapRecord + length;
    ++frames_;
    return frame;
  }
  return std::nullopt;
}

void write_pcap_header(std::span<std::uint8_t, kPcapHeader> out) {
  std::memset(out.data(), 0, out.size());
  put(out.data(), kMicroseconds);
  put(out.data() + 4, 2 | 4 << 16);  // version 2.4, as two 16-bit words
  put(out.data() + 16, kMostPcapFrame);
  put(out.data() + 20, kEthernet);
}

void write_pcap_record(std::uint64_t at_ns, std::uint32_t length, std::span<std::uint8_t, kPcapRecord> out) {
  put(out.data(), static_cast<std::uint32_t>(at_ns / kSecond_ns));
  put(out.data() + 4, static_cast<std::uint32_t>(at_ns % kSecond_ns / 1000));
  put(out.data() + 8, length);
  put(out.data() + 12, length);
}

}  // namespace causeway::pktgen
