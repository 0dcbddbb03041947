#include "control/relay/message.h"

#include <string_view>

namespace causeway::control::relay {
namespace {

constexpr std::string_view kNames[] = {
#define CAUSEWAY_NACK(name, help) #name,
    CAUSEWAY_NACKS(CAUSEWAY_NACK)
#undef CAUSEWAY_NACK
};
static_assert(std::size(kNames) == kNackReasons);

void write_path(wire::Writer& writer, const Path& path) {
  writer.u8(static_cast<std::uint8_t>(path.size()));
  writer.bytes(path.nodes());
}

bool read_path(wire::Reader& reader, Path& path) {
  const std::size_t count = reader.u8();
  if (count > Path::kMax) return false;
  path = {};
  for (const NodeId node : reader.bytes(count)) {
    if (node >= kMaxNodes || !path.push(node)) return false;
  }
  return true;
}

bool plausible(const Label& label) {
  return label.depth < Path::kMax;
}

}  // namespace

std::string_view name(NackReason reason) {
  return kNames[static_cast<std::size_t>(reason)];
}

void write(wire::Writer& writer, const Subscribe& message) {
  writer.track(message.track);
  wire::write(writer, message.fd);
  writer.u32(message.nonce);
  write_path(writer, message.path);
  writer.u8(message.origin);
  writer.u8(message.reach);
}
void write(wire::Writer& writer, const Ack& message) {
  writer.track(message.track);
  writer.u32(message.nonce);
  wire::write(writer, message.label);
  write_path(writer, message.path);
}
void write(wire::Writer& writer, const Nack& message) {
  writer.track(message.track);
  writer.u32(message.nonce);
  writer.u8(static_cast<std::uint8_t>(message.reason));
  wire::write(writer, message.label);
}
void write(wire::Writer& writer, const Unsubscribe& message) {
  writer.track(message.track);
  writer.u32(message.nonce);
}
void write(wire::Writer& writer, const Withdraw& message) {
  writer.track(message.track);
  writer.u32(message.nonce);
  writer.u8(static_cast<std::uint8_t>(message.reason));
}
void write(wire::Writer& writer, const StampRequest& message) {
  writer.track(message.track);
  writer.u64(message.above);
  writer.u8(message.hops_left);
}
void write(wire::Writer& writer, const Advert& message) {
  writer.track(message.track);
  wire::write(writer, message.label);
  write_path(writer, message.path);
}

bool read(std::span<const std::uint8_t> body, Subscribe& message) {
  wire::Reader reader(body);
  message.track = reader.track();
  message.fd = wire::read_label(reader);
  message.nonce = reader.u32();
  if (!read_path(reader, message.path)) return false;
  message.origin = reader.u8();
  message.reach = reader.u8();
  return !reader.failed() && plausible(message.fd) && message.reach <= Path::kMax;
}
bool read(std::span<const std::uint8_t> body, Ack& message) {
  wire::Reader reader(body);
  message.track = reader.track();
  message.nonce = reader.u32();
  message.label = wire::read_label(reader);
  return read_path(reader, message.path) && !reader.failed() && plausible(message.label) &&
         message.label.origin < kMaxNodes;
}
bool read(std::span<const std::uint8_t> body, Nack& message) {
  wire::Reader reader(body);
  message.track = reader.track();
  message.nonce = reader.u32();
  const std::uint8_t reason = reader.u8();
  message.label = wire::read_label(reader);
  message.reason = static_cast<NackReason>(reason);
  return !reader.failed() && reason < kNackReasons && plausible(message.label);
}
bool read(std::span<const std::uint8_t> body, Unsubscribe& message) {
  wire::Reader reader(body);
  message.track = reader.track();
  message.nonce = reader.u32();
  return !reader.failed();
}
bool read(std::span<const std::uint8_t> body, Withdraw& message) {
  wire::Reader reader(body);
  message.track = reader.track();
  message.nonce = reader.u32();
  const std::uint8_t reason = reader.u8();
  message.reason = static_cast<WithdrawReason>(reason);
  return !reader.failed() && reason < kWithdrawReasons;
}
bool read(std::span<const std::uint8_t> body, StampRequest& message) {
  wire::Reader reader(body);
  message.track = reader.track();
  message.above = reader.u64();
  message.hops_left = reader.u8();
  return !reader.failed() && message.hops_left < Path::kMax;
}
bool read(std::span<const std::uint8_t> body, Advert& message) {
  wire::Reader reader(body);
  message.track = reader.track();
  message.label = wire::read_label(reader);
  return read_path(reader, message.path) && !reader.failed() && plausible(message.label) &&
         message.label.origin < kMaxNodes;
}

}  // namespace causeway::control::relay
