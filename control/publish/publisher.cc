#include "control/publish/publisher.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace causeway::control {

namespace {

// The SSRC under which the appliance itself speaks RTCP to a transport: stable over restarts, and none of the
// transport's legs.
std::uint32_t make_own_ssrc(const std::string& name) {
  std::uint32_t hash = 0x811c9dc5;  // FNV-1a
  for (const char c : name)
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x01000193;
  return hash;
}

std::unique_ptr<srtp::SessionKeys> expand(const srtp::Engine& engine,
                                          const std::optional<config::Crypto>& crypto) {
  if (!crypto) return nullptr;
  return engine.expand(crypto->suite, crypto->key.bytes(), crypto->salt.bytes());
}

std::unique_ptr<const SsrcMap> with(const SsrcMap* old, SsrcMap::Entry added) {
  auto next = old == nullptr ? std::make_unique<SsrcMap>() : std::make_unique<SsrcMap>(*old);
  next->entries.insert(std::ranges::lower_bound(next->entries, added.ssrc, {}, &SsrcMap::Entry::ssrc), added);
  return next;
}

// The next unused slot of a table: its names grow with it.
template <class Names>
Id take_slot(Names& names, std::size_t capacity, const char* limit) {
  if (names.size() == capacity) throw std::length_error(std::string("a table is full: raise ") + limit);
  names.emplace_back();
  return static_cast<Id>(names.size() - 1);
}

LegRewrite make_rewrite(const config::Leg& leg) {
  LegRewrite rewrite;
  rewrite.ssrc = leg.ssrc;
  rewrite.sequence_offset = leg.sequence_offset;
  rewrite.timestamp_offset = leg.timestamp_offset;
  for (const auto& [from, to] : leg.payload_types)
    rewrite.payload_types.at(from) = to;
  return rewrite;
}

}  // namespace

Publisher::Publisher(Tables& tables, TransportRegistry& registry, const srtp::Engine& engine,
                     GracePeriods& grace)
    : tables_(tables), registry_(registry), engine_(engine), grace_(grace) {}

// No worker runs any more.
Publisher::~Publisher() {
  for (Retired& retired : retired_)
    retired.free();
  for (Transport& transport : tables_.transports) {
    delete transport.layers.exchange(nullptr);
    delete transport.legs.exchange(nullptr);
  }
  for (Layer& layer : tables_.layers)
    delete layer.legs.exchange(nullptr);
  delete snapshot_.load();
}

template <class T>
void Publisher::replace(std::atomic<const T*>& pointer, std::unique_ptr<const T> next) {
  const T* old = pointer.exchange(next.release(), std::memory_order_acq_rel);
  if (old != nullptr) retired_.push_back({grace_.begin(), [old] { delete old; }});
}

std::size_t Publisher::reclaim() {
  while (!retired_.empty() && grace_.passed(retired_.front().token)) {
    retired_.front().free();
    retired_.pop_front();
  }
  return retired_.size();
}

void Publisher::publish_snapshot(std::unique_ptr<const Snapshot> next, std::vector<std::string> port_names) {
  inventory_.ports = std::move(port_names);
  replace(snapshot_, std::move(next));
}

Id Publisher::add_transport(const config::Transport& transport) {
  const Id id = take_slot(inventory_.transports, tables_.transports.size(), "limits.transports");
  const auto port = std::ranges::find(inventory_.ports, transport.port);
  const auto port_index = static_cast<std::uint16_t>(port - inventory_.ports.begin());
  const PortPolicy& policy = snapshot_.load()->ports.at(port_index);
  net::Endpoint rtcp_local = transport.local;
  net::Endpoint rtcp_remote = transport.remote;
  if (transport.rtcp) {
    rtcp_local.port = transport.rtcp->local_port;
    rtcp_remote.port = transport.rtcp->remote_port;
  }

  Transport& entry = tables_.transports[id];
  entry.port_index = port_index;
  entry.mtu = policy.mtu;
  entry.own_ssrc = make_own_ssrc(transport.name);
  entry.rtp_header = make_header_template(policy, transport.local, transport.remote);
  entry.rtcp_header = make_header_template(policy, rtcp_local, rtcp_remote);
  entry.receive = expand(engine_, transport.receive);
  entry.send = expand(engine_, transport.send);
  entry.next_hop.clear();
  settle_own_ssrc(entry);
  inventory_.transports[id] = transport.name;
  transports_[transport.name] = id;

  const auto publish = [&](const net::Endpoint& local, const net::Endpoint& remote) {
    const TransportKey key{local.address, remote.address, local.port, remote.port, port_index, 0};
    if (!registry_.add(key, id)) throw std::length_error("the transport index is full (limits.transports)");
  };
  publish(transport.local, transport.remote);
  if (transport.rtcp) publish(rtcp_local, rtcp_remote);
  return id;
}

void Publisher::add_track(const config::Track& track) {
  const Id transport_id = transports_.at(track.transport);
  Transport& transport = tables_.transports[transport_id];
  for (const config::Layer& layer : track.layers) {
    const Id id = take_slot(inventory_.layers, tables_.layers.size(), "limits.tracks");
    tables_.layers[id].ssrc = layer.ssrc;
    tables_.layers[id].transport = transport_id;
    inventory_.layers[id] = {track.id, layer.name};
    layers_[track.id][layer.name] = id;
    replace(transport.layers, with(transport.layers.load(), {layer.ssrc, id}));
    settle_own_ssrc(transport);
  }
}

// The appliance's own SSRC on a transport is none that is published or sent there (RFC 3550, 8.1).
void Publisher::settle_own_ssrc(Transport& transport) {
  const auto taken = [&transport](const std::atomic<const SsrcMap*>& map) {
    const SsrcMap* entries = map.load();
    return entries != nullptr && entries->find(transport.own_ssrc) != kNoId;
  };
  while (taken(transport.layers) || taken(transport.legs))
    ++transport.own_ssrc;
}

Id Publisher::add_leg(const config::Leg& leg) {
  const Id id = take_slot(inventory_.legs, tables_.legs.size(), "limits.legs");
  const auto& layers = layers_.at(leg.track);
  const Id layer_id = leg.layer.empty() ? layers.begin()->second : layers.at(leg.layer);
  const Id transport_id = transports_.at(leg.transport);
  Transport& transport = tables_.transports[transport_id];
  Leg& entry = tables_.legs[id];
  entry.layer = layer_id;
  entry.transport = transport_id;
  entry.rewrite = make_rewrite(leg);
  inventory_.legs[id] = leg.name;
  replace(transport.legs, with(transport.legs.load(), {leg.ssrc, id}));
  settle_own_ssrc(transport);
  Layer& layer = tables_.layers[layer_id];
  const LegList* old = layer.legs.load();
  auto next = old == nullptr ? std::make_unique<LegList>() : std::make_unique<LegList>(*old);
  next->legs.push_back(id);
  replace<LegList>(layer.legs, std::move(next));
  return id;
}

}  // namespace causeway::control
