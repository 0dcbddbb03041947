// A frame: one datagram between two nodes. A header and records, each with its type and length, so that what
// an older node does not know it skips. Layout in docs/relay-protocol.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "control/wire/bytes.h"
#include "control/wire/ids.h"

namespace causeway::control::wire {

inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::size_t kMaxFrameBytes = 1200;  // with the tag: passes every path with IPv6's least MTU
inline constexpr std::size_t kTagBytes = 16;         // AES-128-GCM, by the sealing around the pure core
inline constexpr std::size_t kHeaderBytes = 28;
inline constexpr std::size_t kRecordHeaderBytes = 3;
inline constexpr std::size_t kMaxPlainBytes = kMaxFrameBytes - kTagBytes;
inline constexpr std::size_t kMaxRecordBytes = kMaxPlainBytes - kHeaderBytes - kRecordHeaderBytes;
inline constexpr std::size_t kMaxFlows = 8;

enum class RecordType : std::uint8_t {
  beat = 1,
  probe_request = 2,
  probe_reply = 3,
  subscribe = 16,
  ack = 17,
  nack = 18,
  unsubscribe = 19,
  withdraw = 20,
  stamp_request = 21,
  advert = 22,
  directory_delta = 32,
  directory_digest = 33,
  directory_request = 34,
  directory_bucket_hashes = 35,
  directory_bucket = 36,
  // What the session layers of two nodes tell each other (control/session/descriptions.h).
  describe_request = 48,
  describe = 49,
};

struct FrameHeader {
  NodeId from = kNoNode;
  std::uint8_t flow = 0;       // which of the pair's source ports carried it
  BootId boot = 0;             // the sender's
  BootId to_boot = 0;          // the receiver's, as far as the sender knows; 0: it does not
  std::uint64_t sequence = 0;  // of the pair and direction, from 1, never again in this boot
};

struct Record {
  RecordType type{};  // perhaps one that this version does not know
  std::span<const std::uint8_t> body;
};

enum class FrameError : std::uint8_t { none, too_short, too_long, version, sender, flow, sequence, record };

// Reads the header, and checks that the records fill the rest. `records` is then what next() takes.
FrameError read_frame(std::span<const std::uint8_t> frame, FrameHeader& header,
                      std::span<const std::uint8_t>& records);

// Takes the first record off; nullopt if none is left. Only of what read_frame() gave.
std::optional<Record> next(std::span<const std::uint8_t>& records);

// Fills one frame. Records go in until one does not fit.
class FrameBuilder {
 public:
  // write(Writer&) writes the body. False, and nothing changed, if it does not fit.
  template <class Write>
  bool add(RecordType type, Write&& write) {
    if (size_ + kRecordHeaderBytes > bytes_.size()) return false;
    const std::span<std::uint8_t> room(bytes_);
    Writer writer(room.subspan(size_ + kRecordHeaderBytes));
    write(writer);
    if (writer.failed()) return false;
    bytes_[size_] = static_cast<std::uint8_t>(type);
    net::store_be16(&bytes_[size_ + 1], static_cast<std::uint16_t>(writer.size()));
    size_ += kRecordHeaderBytes + writer.size();
    return true;
  }
  bool empty() const { return size_ == kHeaderBytes; }
  void clear() { size_ = kHeaderBytes; }

  // The frame, valid until the next change.
  std::span<const std::uint8_t> finish(const FrameHeader& header);

 private:
  std::array<std::uint8_t, kMaxPlainBytes> bytes_;
  std::size_t size_ = kHeaderBytes;
};

}  // namespace causeway::control::wire
