// Bodies of the relay protocol's records: docs/relay-protocol.md, section 7.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "control/wire/bytes.h"
#include "control/wire/frame.h"
#include "control/wire/ids.h"
#include "control/wire/label.h"

namespace causeway::control::relay {

// Nodes in a row, none of them twice.
class Path {
 public:
  static constexpr std::size_t kMax = 8;

  constexpr Path() = default;
  constexpr explicit Path(NodeId only) { push(only); }

  // False, and nothing changed, if it is full or has the node already.
  constexpr bool push(NodeId node) {
    if (size_ == kMax || contains(node)) return false;
    nodes_[size_++] = node;
    return true;
  }
  constexpr bool contains(NodeId node) const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (nodes_[i] == node) return true;
    }
    return false;
  }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::span<const NodeId> nodes() const { return std::span(nodes_.data(), size_); }
  constexpr bool operator==(const Path&) const = default;

 private:
  std::array<NodeId, kMax> nodes_{};
  std::uint8_t size_ = 0;
};

// Why an upstream says no.
#define CAUSEWAY_NACKS(X)                                                                         \
  X(no_track, "it does not have the track and knows nobody who has")                              \
  X(not_fed, "it gets no media itself; it asks on the requester's behalf")                        \
  X(infeasible, "its label is not better than what the requester held; a new stamp is asked for") \
  X(in_path, "the requester feeds it, or is who it would ask for")                                \
  X(too_deep, "more than relay.hop_limit from the origin")                                        \
  X(full, "it has no room for another track or leg")                                              \
  X(not_ready, "its watermark is not on disk yet")                                                \
  X(implausible, "the stamp in the question cannot be true")

enum class NackReason : std::uint8_t {
#define CAUSEWAY_NACK(name, help) name,
  CAUSEWAY_NACKS(CAUSEWAY_NACK)
#undef CAUSEWAY_NACK
};
inline constexpr std::size_t kNackReasons = 8;
std::string_view name(NackReason reason);

enum class WithdrawReason : std::uint8_t { not_fed, ended, in_path };
inline constexpr std::size_t kWithdrawReasons = 3;

// nonce: which question; grows with each one of a boot.
struct Subscribe {
  TrackKey track;
  Label fd;
  std::uint32_t nonce = 0;
  Path path;  // on whose behalf: the node itself first; only that if it has subscribers of its own
  NodeId origin = kNoNode;  // as far as whoever needs it knows: the directory may not have come here
  std::uint8_t reach = 0;   // somebody waits this many hops beyond the node, and is too far away; 0: nobody
};
struct Ack {
  TrackKey track;
  std::uint32_t nonce = 0;
  Label label;
  Path path;  // from the origin to whoever acknowledges
};
struct Nack {
  TrackKey track;
  std::uint32_t nonce = 0;
  NackReason reason{};
  Label label;  // what the upstream holds
};
struct Unsubscribe {
  TrackKey track;
  std::uint32_t nonce = 0;
};
struct Withdraw {
  TrackKey track;
  std::uint32_t nonce = 0;
  WithdrawReason reason{};
};
struct StampRequest {
  TrackKey track;
  Stamp above = 0;
  std::uint8_t hops_left = 0;
};
struct Advert {
  TrackKey track;
  Label label;
  Path path;
};

void write(wire::Writer& writer, const Subscribe& message);
void write(wire::Writer& writer, const Ack& message);
void write(wire::Writer& writer, const Nack& message);
void write(wire::Writer& writer, const Unsubscribe& message);
void write(wire::Writer& writer, const Withdraw& message);
void write(wire::Writer& writer, const StampRequest& message);
void write(wire::Writer& writer, const Advert& message);

// False if the body is cut, a path is none, or a word is unknown. Bytes behind what is known are ignored.
bool read(std::span<const std::uint8_t> body, Subscribe& message);
bool read(std::span<const std::uint8_t> body, Ack& message);
bool read(std::span<const std::uint8_t> body, Nack& message);
bool read(std::span<const std::uint8_t> body, Unsubscribe& message);
bool read(std::span<const std::uint8_t> body, Withdraw& message);
bool read(std::span<const std::uint8_t> body, StampRequest& message);
bool read(std::span<const std::uint8_t> body, Advert& message);

template <class Message>
constexpr wire::RecordType record_type();
template <>
constexpr wire::RecordType record_type<Subscribe>() {
  return wire::RecordType::subscribe;
}
template <>
constexpr wire::RecordType record_type<Ack>() {
  return wire::RecordType::ack;
}
template <>
constexpr wire::RecordType record_type<Nack>() {
  return wire::RecordType::nack;
}
template <>
constexpr wire::RecordType record_type<Unsubscribe>() {
  return wire::RecordType::unsubscribe;
}
template <>
constexpr wire::RecordType record_type<Withdraw>() {
  return wire::RecordType::withdraw;
}
template <>
constexpr wire::RecordType record_type<StampRequest>() {
  return wire::RecordType::stamp_request;
}
template <>
constexpr wire::RecordType record_type<Advert>() {
  return wire::RecordType::advert;
}

}  // namespace causeway::control::relay
