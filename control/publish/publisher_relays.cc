// The publisher's relays: the ways by which a track comes from peers, which of them is forwarded, and what is
// said of it to those who take it from here.
#include <algorithm>
#include <stdexcept>

#include "control/publish/publisher.h"

namespace causeway::control {

// Where there is no fleet, there are no relays.
void Publisher::open_relay(Track& track) {
  if (tables_.relays.empty()) return;
  track.relay = relay_slots_.take();
  const std::uint32_t used = tables_.relays_used.load(std::memory_order_relaxed);
  tables_.relays_used.store(std::max(used, track.relay + 1), std::memory_order_release);
}

void Publisher::close_relay(Track& track) {
  if (track.relay == kNoId) return;
  replace<RelaySettings>(tables_.relays[track.relay].settings, nullptr);
  retire([this, id = track.relay] { relay_slots_.give_back(id); });
  track.relay = kNoId;
}

void Publisher::renew_relay(const Track& track) {
  if (track.relay == kNoId) return;
  std::unique_ptr<RelaySettings> next;
  if (track.label.stamp != 0 || track.active != kNoNode) {
    next = std::make_unique<RelaySettings>();
    next->label = track.label;
    next->is_origin = track.transport != kNoId;
    const auto active = track.upstreams.find(track.active);
    if (active != track.upstreams.end()) next->active = active->second.transport;
    next->legs = track.relay_legs;
  }
  replace<RelaySettings>(tables_.relays[track.relay].settings, std::move(next));
}

std::vector<Id> Publisher::add_upstream(const std::string& track_id, std::uint8_t node,
                                        const std::string& transport_name) {
  const auto at = tracks_.find(track_id);
  const auto from = transports_.find(transport_name);
  if (at == tracks_.end() || at->second.transport != kNoId)
    throw std::invalid_argument("there is no relayed track '" + track_id + "'");
  if (from == transports_.end() || tables_.transports[from->second].node != node)
    throw std::invalid_argument("'" + transport_name + "' is no transport of the peer node");
  Track& track = at->second;
  if (track.upstreams.contains(node))
    throw std::invalid_argument("track '" + track_id + "' has this upstream already");
  Transport& transport = tables_.transports[from->second];
  const SsrcMap* taken = transport.layers.load();
  for (const auto& [name, outlet] : track.layers) {
    if (taken != nullptr && taken->find(tables_.layers[outlet].ssrc) != kNoId)
      throw std::invalid_argument("another track has the SSRC of '" + track_id + "' on '" + transport_name +
                                  "'");
  }
  Upstream upstream{.transport = from->second, .inlets = take_layers(track.layers.size())};
  auto next = taken == nullptr ? std::make_unique<SsrcMap>() : std::make_unique<SsrcMap>(*taken);
  auto id = upstream.inlets.begin();
  for (const auto& [name, outlet_id] : track.layers) {
    const Layer& outlet = tables_.layers[outlet_id];
    Layer& inlet = tables_.layers[*id];
    inlet.ssrc = outlet.ssrc;
    inlet.transport = upstream.transport;
    inlet.relay = track.relay;
    inlet.outlet = outlet_id;
    inlet.owner = outlet.owner;
    inlet.priority = outlet.priority;
    std::destroy_at(&session_.layers[*id]);
    std::construct_at(&session_.layers[*id]);
    name_layer(*id, {}, {});
    if (inventory_.inlets.size() <= *id) inventory_.inlets.resize(*id + 1);
    inventory_.inlets[*id] = {track_id, node};
    next->insert({inlet.ssrc, *id});
    inlet.generation.fetch_add(1, std::memory_order_release);
    ++id;
  }
  replace<SsrcMap>(transport.layers, std::move(next));
  settle_own_ssrc(transport);
  return (track.upstreams[node] = std::move(upstream)).inlets;
}

void Publisher::remove_upstream(const std::string& track_id, std::uint8_t node) {
  const auto at = tracks_.find(track_id);
  if (at == tracks_.end() || !at->second.upstreams.contains(node))
    throw std::invalid_argument("track '" + track_id + "' has no such upstream");
  Track& track = at->second;
  if (track.active == node) {
    track.active = kNoNode;
    renew_relay(track);
  }
  remove_inlets(track.upstreams.at(node));
  track.upstreams.erase(node);
}

void Publisher::remove_inlets(const Upstream& upstream) {
  for (const Id id : upstream.inlets) {
    inventory_.inlets[id] = {};
    remove_layer(id);
  }
}

void Publisher::set_relay(const std::string& track_id, std::uint8_t active, const Label& label) {
  const auto at = tracks_.find(track_id);
  if (at == tracks_.end()) throw std::invalid_argument("there is no track '" + track_id + "'");
  if (active != kNoNode && !at->second.upstreams.contains(active))
    throw std::invalid_argument("track '" + track_id + "' has no such upstream");
  at->second.active = active;
  at->second.label = label;
  renew_relay(at->second);
}

// Keepalives go along the legs of the first layer.
void Publisher::count_relay_leg(const std::string& track_id, Id layer, Id leg, bool is_added) {
  const auto at = tracks_.find(track_id);
  if (at == tracks_.end() || at->second.layers.begin()->second != layer) return;
  if (is_added) {
    at->second.relay_legs.push_back(leg);
  } else {
    std::erase(at->second.relay_legs, leg);
  }
  renew_relay(at->second);
}

}  // namespace causeway::control
