// Packets: keepalives leave their origin, and go from node to node along the legs.
#include "tools/sim/world.h"

namespace causeway::sim {

void World::on_keepalive(Node& node, TrackIndex track, std::uint16_t life) {
  const Table* table = node.data_plane.find(track);
  if (table == nullptr || table->life != life || !table->is_source) return;
  const bool is_heard = !node.is_stalled && has_clients_[membership_.site_of[node.id]];
  if (is_heard && Facts::find(facts_.publishers[track], node.id) != nullptr) {
    node.mind->on_local_media(node.clock.own(now_us_));
  }
  send_keepalive(node, track);
  queue_.push({now_us_ + control::from_ms(plan_.relay.keepalive_interval_ms), 0, track, EventKind::keepalive,
               node.id, life});
}

void World::send_keepalive(Node& node, TrackIndex track) {
  const Table* table = node.data_plane.find(track);
  if (table == nullptr || !table->is_source) return;
  if (Facts::find(facts_.publishers[track], node.id) == nullptr) return;  // a lie: nobody publishes it here
  checker_.on_send(node.id, track, table->label, now_us_);
  send_packet(node, *table, {.track = track, .maker = node.id, .hops = 0});
}

// To each leg, with the node's own label (R7).
void World::send_packet(const Node& node, const Table& table, Packet packet) {
  if (!node.sends_media) return;
  packet.from = node.id;
  packet.label = table.label;
  ++packet.hops;
  for (const NodeId leg : table.legs) {
    if (leg >= nodes_.size()) continue;
    const Fate fate = backbone_.send(node.id, leg, media_flows_[packet.track], Lane::media);
    for (unsigned copy = 0; copy < fate.copies; ++copy) {
      const std::uint32_t slot = packets_.take();
      packets_[slot] = packet;
      queue_.push(
          {.at_us = now_us_ + fate.after_us[copy], .slot = slot, .kind = EventKind::media, .node = leg});
    }
  }
}

void World::on_packet(Node& node, std::uint32_t slot) {
  const Packet packet = packets_[slot];
  packets_.give_back(slot);
  hash_.add(std::uint64_t{node.id} << 56 | std::uint64_t{packet.track} << 32 | (packet.label.stamp & 0xffff) |
            std::uint64_t{packet.from} << 16 | std::uint64_t{packet.hops} << 24);
  if (node.mind == nullptr || !node.takes_media) return;
  const DataPlane::Arrival arrival = node.data_plane.receive(node.id, packet, now_us_);
  coverage_.on_packet(arrival.end);
  if (arrival.table != nullptr) {
    const Table& table = *arrival.table;
    checker_.on_forward(node.id, packet.track, packet.label, table.label, now_us_);
    if (packet.hops > 1) coverage_.on(packet.hops > 2 ? WorldPath::three_hops : WorldPath::fed_by_relay);
    recorder_.on_media(node.id, packet.track, packet.maker, {arrival.before_us, arrival.before_of}, now_us_);
    if (!table.legs.empty()) send_packet(node, table, packet);
  }
  if (arrival.is_report) report_packet(node, packet);
}

}  // namespace causeway::sim
