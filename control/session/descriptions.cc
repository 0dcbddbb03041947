#include "control/session/descriptions.h"

#include <array>
#include <string_view>
#include <utility>

#include "control/wire/frame.h"

namespace causeway::control::session {
namespace {

void put(wire::Writer& writer, std::string_view text) {
  writer.u8(static_cast<std::uint8_t>(text.size()));
  writer.bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string take(wire::Reader& reader) {
  const auto bytes = reader.bytes(reader.u8());
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::optional<TrackKey> read_describe_request(std::span<const std::uint8_t> body) {
  wire::Reader reader(body);
  const TrackKey key = reader.track();
  return reader.failed() ? std::nullopt : std::optional(key);
}

// Whether names are possible is for State::describe() to say.
std::optional<TrackInfo> read_description(std::span<const std::uint8_t> body) {
  wire::Reader reader(body);
  const TrackKey key = reader.track();
  TrackInfo info;
  const std::uint8_t priority = reader.u8();
  if (priority >= kPriorities) return std::nullopt;
  info.priority = static_cast<Priority>(priority);
  info.id = take(reader);
  const std::size_t layers = reader.u8();
  if (layers > config::kMaxLayersPerTrack) return std::nullopt;
  for (std::size_t i = 0; i < layers; ++i)
    info.layers.push_back(take(reader));
  if (reader.failed() || track_key(info.id) != key) return std::nullopt;
  return info;
}

std::vector<std::uint8_t> write_describe_request(const TrackKey& key) {
  std::array<std::uint8_t, 16> room;
  wire::Writer writer(room);
  writer.track(key);
  return {room.begin(), room.end()};
}

std::vector<std::uint8_t> write_description(const TrackRecord& record) {
  const config::Track* shape = record.shape();
  std::array<std::uint8_t, wire::kMaxRecordBytes> room;
  wire::Writer writer(room);
  if (shape == nullptr) return {};
  writer.track(record.key);
  writer.u8(static_cast<std::uint8_t>(shape->priority));
  put(writer, shape->id);
  writer.u8(static_cast<std::uint8_t>(shape->layers.size()));
  for (const config::Layer& layer : shape->layers)
    put(writer, layer.name);
  if (writer.failed()) return {};
  const auto written = writer.written();
  return {written.begin(), written.end()};
}

void Descriptions::lack(const TrackKey& key, std::vector<NodeId> from) {
  if (from.empty()) {
    lacking_.erase(key);
    return;
  }
  Lacking& lacking = lacking_[key];
  if (lacking.from != from) lacking = {.from = std::move(from)};  // another one is asked at once
}

std::vector<Descriptions::Question> Descriptions::due(TimeUs now_us) {
  std::vector<Question> questions;
  for (auto& [key, lacking] : lacking_) {
    if (now_us < lacking.due_us) continue;
    for (const NodeId to : lacking.from)
      questions.push_back({key, to});
    lacking.due_us = now_us + (lacking.asked++ < 2 ? kFirstRetryUs : kRetryUs);
  }
  return questions;
}

}  // namespace causeway::control::session
