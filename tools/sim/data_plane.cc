#include "tools/sim/data_plane.h"

namespace causeway::sim {

bool DataPlane::sync(TrackIndex track, const RelayView& view) {
  if (slots_[track] == 0) {
    tables_.emplace_back();
    slots_[track] = static_cast<std::uint32_t>(tables_.size());
  }
  Table& table = tables_[slots_[track] - 1];
  table.label = view.label;
  table.legs = view.legs;
  const NodeId active = view.active ? view.active->upstream : control::kNoNode;
  if (active != table.active) table.reported_at = -1;
  table.active = active;

  const NodeId pending = view.pending ? view.pending->upstream : control::kNoNode;
  const bool is_acknowledged = view.pending && view.pending->acknowledged;
  // Control waits for the first packet of each question, and of each answer.
  if (pending != table.pending || is_acknowledged != table.is_acknowledged) table.early_at = -1;
  table.pending = pending;
  table.is_acknowledged = is_acknowledged;

  const bool was_source = table.is_source;
  table.is_source = view.is_origin && view.is_fed;
  if (table.is_source != was_source) ++table.life;
  return table.is_source && !was_source;
}

DataPlane::Arrival DataPlane::receive(NodeId self, const Packet& packet, TimeUs now_us) {
  if (packet.maker == self) return {PacketEnd::own};
  if (packet.hops > hop_limit_) return {PacketEnd::too_far};
  if (slots_[packet.track] == 0) return {PacketEnd::stranger};
  Table& table = tables_[slots_[packet.track] - 1];
  const TimeUs interval = now_us / report_us_;
  Arrival arrival{PacketEnd::stranger};
  if (packet.from == table.pending) {
    arrival = {PacketEnd::reported, table.early_at != interval || packet.label != table.early};
    if (arrival.is_report) {
      table.early = packet.label;
      table.early_at = interval;
    }
    if (control::is_better(packet.label, table.label)) table.promised_us = now_us;
  }
  if (packet.from != table.active) return arrival;
  if (!control::is_better(packet.label, table.label)) return {PacketEnd::stale, arrival.is_report};
  if (table.reported_at != interval || packet.label != table.reported) {
    arrival.is_report = true;
    table.reported = packet.label;
    table.reported_at = interval;
  }
  arrival = {PacketEnd::forwarded, arrival.is_report, &table, table.packet_us, table.packet_of};
  table.packet_us = now_us;
  table.packet_of = packet.maker;
  return arrival;
}

void DataPlane::clear() {
  // Tables stay where they are, empty: their lives go on, so that old timers find themselves out of date.
  // When the last packet came stays true.
  for (Table& table : tables_) {
    Table empty;
    empty.life = static_cast<std::uint16_t>(table.life + 1);
    empty.packet_us = table.packet_us;
    empty.packet_of = table.packet_of;
    table = empty;
  }
}

}  // namespace causeway::sim
