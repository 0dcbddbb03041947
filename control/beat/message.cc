#include "control/beat/message.h"

namespace causeway::control::beat {
namespace {

constexpr std::uint8_t kStalledFlag = 1;
constexpr std::uint8_t kLocalMediaFlag = 2;
constexpr std::uint8_t kMostPercent = 100;

Echo read_echo(wire::Reader& reader) {
  Echo echo;
  echo.number = reader.u64();
  echo.sent_us = static_cast<TimeUs>(reader.u64());
  echo.held_us = reader.u32();
  return echo.number == 0 ? Echo() : echo;
}

bool is_state(std::uint8_t value) {
  return value >= static_cast<std::uint8_t>(LinkState::down) &&
         value <= static_cast<std::uint8_t>(LinkState::up);
}

}  // namespace

void write(wire::Writer& writer, const Beat& beat) {
  writer.u64(beat.number);
  writer.u64(static_cast<std::uint64_t>(beat.sent_us));
  writer.u64(beat.echo.number);
  writer.u64(static_cast<std::uint64_t>(beat.echo.sent_us));
  writer.u32(beat.echo.held_us);
  writer.u32(beat.received);
  writer.u8(static_cast<std::uint8_t>(beat.state));
  writer.u8(static_cast<std::uint8_t>(beat.row.drain));
  writer.u8(beat.row.load_percent);
  writer.u8(static_cast<std::uint8_t>((beat.row.stalled ? kStalledFlag : 0) |
                                      (beat.row.local_media ? kLocalMediaFlag : 0)));
  writer.nodes(beat.row.heard);
  writer.nodes(beat.row.two_way);
  writer.nodes(beat.row.hear_us);
  writer.u64(beat.clock);
  writer.u8(beat.broken_flows);
}

void write(wire::Writer& writer, const ProbeRequest& request) {
  writer.u8(request.target);
  writer.u32(request.nonce);
}

void write(wire::Writer& writer, const ProbeReply& reply) {
  writer.u8(reply.target);
  writer.u32(reply.nonce);
  writer.u8(static_cast<std::uint8_t>(reply.answer));
}

bool read(std::span<const std::uint8_t> body, Beat& out) {
  if (body.size() < kBeatBytes) return false;
  wire::Reader reader(body.first(kBeatBytes));
  out.number = reader.u64();
  out.sent_us = static_cast<TimeUs>(reader.u64());
  out.echo = read_echo(reader);
  out.received = reader.u32();
  const std::uint8_t state = reader.u8();
  const std::uint8_t drain = reader.u8();
  out.row.load_percent = reader.u8();
  const std::uint8_t flags = reader.u8();
  out.row.heard = reader.nodes();
  out.row.two_way = reader.nodes() & out.row.heard;
  out.row.hear_us = reader.nodes() & out.row.heard;
  out.clock = reader.u64();
  out.broken_flows = reader.u8();
  if (out.number == 0 || !is_state(state)) return false;
  if (drain > static_cast<std::uint8_t>(DrainState::hard) || out.row.load_percent > kMostPercent)
    return false;
  out.state = static_cast<LinkState>(state);
  out.row.drain = static_cast<DrainState>(drain);
  out.row.stalled = (flags & kStalledFlag) != 0;
  out.row.local_media = (flags & kLocalMediaFlag) != 0;
  return true;
}

bool read(std::span<const std::uint8_t> body, ProbeRequest& out) {
  wire::Reader reader(body);
  out.target = reader.u8();
  out.nonce = reader.u32();
  return !reader.failed() && out.target < kMaxNodes && out.nonce != 0;
}

bool read(std::span<const std::uint8_t> body, ProbeReply& out) {
  wire::Reader reader(body);
  out.target = reader.u8();
  out.nonce = reader.u32();
  const std::uint8_t answer = reader.u8();
  if (reader.failed() || out.target >= kMaxNodes || out.nonce == 0) return false;
  out.answer = static_cast<ProbeAnswer>(answer);
  return out.answer == ProbeAnswer::alive || out.answer == ProbeAnswer::silent;
}

}  // namespace causeway::control::beat
