#include "control/publish/publisher.h"

#include <algorithm>
#include <stdexcept>

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

std::pair<net::Endpoint, net::Endpoint> rtcp_endpoints(const config::Transport& transport) {
  std::pair endpoints{transport.local, transport.remote};
  if (transport.rtcp) {
    endpoints.first.port = transport.rtcp->local_port;
    endpoints.second.port = transport.rtcp->remote_port;
  }
  return endpoints;
}

// The session state of a slot as new. No worker can see the slot.
template <class State>
void renew(State& state) {
  std::destroy_at(&state);
  std::construct_at(&state);
}

template <class Map>
auto find_or_throw(Map& map, const std::string& name, const char* what) {
  const auto at = map.find(name);
  if (at == map.end()) throw std::invalid_argument(std::string("there is no ") + what + " '" + name + "'");
  return at;
}

template <class Map>
void require_new(const Map& map, const std::string& name, const char* what) {
  if (map.contains(name)) throw std::invalid_argument(std::string(what) + " '" + name + "' exists already");
}

}  // namespace

Publisher::Publisher(Tables& tables, Session& session, TransportRegistry& registry,
                     const srtp::Engine& engine, GracePeriods& grace, Sharding sharding)
    : tables_(tables),
      session_(session),
      registry_(registry),
      engine_(engine),
      grace_(grace),
      sharding_(sharding),
      transport_slots_(tables.transports.size(), "limits.transports"),
      layer_slots_(tables.layers.size(), "limits.tracks"),
      leg_slots_(tables.legs.size(), "limits.legs"),
      relay_slots_(tables.relays.size(), "limits.tracks"),
      keys_(tables.transports.size()),
      ended_(tables.transports.size()) {}

Publisher::~Publisher() {
  while (!retired_.empty()) {
    retired_.front().free();
    retired_.pop_front();
  }
  for (Transport& transport : tables_.transports) {
    delete transport.settings.exchange(nullptr);
    delete transport.layers.exchange(nullptr);
    delete transport.legs.exchange(nullptr);
  }
  for (Layer& layer : tables_.layers)
    delete layer.legs.exchange(nullptr);
  for (Leg& leg : tables_.legs)
    delete leg.settings.exchange(nullptr);
  for (Relay& relay : tables_.relays)
    delete relay.settings.exchange(nullptr);
  delete snapshot_.load();
}

template <class T>
void Publisher::replace(std::atomic<const T*>& pointer, std::unique_ptr<const T> next) {
  const T* old = pointer.exchange(next.release(), std::memory_order_acq_rel);
  if (old != nullptr) retire([old] { delete old; });
}
template void Publisher::replace(std::atomic<const LegList*>&, std::unique_ptr<const LegList>);
template void Publisher::replace(std::atomic<const LegSettings*>&, std::unique_ptr<const LegSettings>);
template void Publisher::replace(std::atomic<const SsrcMap*>&, std::unique_ptr<const SsrcMap>);
template void Publisher::replace(std::atomic<const RelaySettings*>&, std::unique_ptr<const RelaySettings>);

void Publisher::retire(std::function<void()> free) {
  retired_.push_back({grace_.begin(), std::move(free)});
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

std::uint16_t Publisher::port_index_of(const config::Transport& transport) const {
  const auto port = std::ranges::find(inventory_.ports, transport.port);
  if (port == inventory_.ports.end())
    throw std::invalid_argument("there is no port '" + transport.port + "'");
  return static_cast<std::uint16_t>(port - inventory_.ports.begin());
}

std::unique_ptr<TransportSettings> Publisher::make_settings(const config::Transport& transport,
                                                            const NodeLink& link) const {
  auto settings = std::make_unique<TransportSettings>();
  settings->port_index = port_index_of(transport);
  const PortPolicy& policy = snapshot_.load()->ports.at(settings->port_index);
  const auto [rtcp_local, rtcp_remote] = rtcp_endpoints(transport);
  settings->mtu = policy.mtu;
  settings->rtp_header =
      make_header_template(policy, of_flow(transport.local, link.flow), of_flow(transport.remote, link.flow));
  settings->rtcp_header =
      make_header_template(policy, of_flow(rtcp_local, link.flow), of_flow(rtcp_remote, link.flow));
  settings->receive = expand(engine_, transport.receive);
  settings->receive_other = expand(engine_, link.receive_other);
  settings->other_epoch = link.other_epoch;
  settings->send_epoch = link.send_epoch;
  settings->send = expand(engine_, transport.send);
  if (transport.send) {
    settings->send_memory = settings->send->rtp_memory();
    settings->rtp_overhead = static_cast<std::uint16_t>(srtp::info(transport.send->suite).rtp_tag_length);
  }
  return settings;
}

Publisher::Keys Publisher::keys_of(const config::Transport& transport, const NodeLink& link,
                                   std::uint16_t port_index) {
  const auto key = [port_index](const net::Endpoint& local, const net::Endpoint& remote) {
    return TransportKey{local.address, remote.address, local.port, remote.port, port_index, 0};
  };
  Keys keys{key(transport.local, transport.remote)};
  const auto [local, remote] = rtcp_endpoints(transport);
  if (transport.rtcp) keys.push_back(key(local, remote));
  for (std::uint8_t flow = 1; flow < link.flows; ++flow)
    keys.push_back(key(of_flow(transport.local, flow), of_flow(transport.remote, flow)));
  return keys;
}

// All of them or none.
void Publisher::add_keys(const Keys& keys, Id id) {
  for (auto key = keys.begin(); key != keys.end(); ++key) {
    const auto added = registry_.add(*key, id);
    if (added == TransportRegistry::Added::yes) continue;
    std::for_each(keys.begin(), key,
                  [this](const TransportKey& taken_back) { registry_.remove(taken_back); });
    if (added == TransportRegistry::Added::taken)
      throw std::invalid_argument("another transport has these addresses and ports");
    throw std::length_error("the transport index is full: raise limits.transports");
  }
}

Id Publisher::add_transport(const config::Transport& transport, const NodeLink& link) {
  require_new(transports_, transport.name, "transport");
  auto settings = make_settings(transport, link);
  const Keys keys = keys_of(transport, link, settings->port_index);
  const Id id = transport_slots_.take();
  Transport& entry = tables_.transports[id];
  entry.settings.store(settings.release(), std::memory_order_release);
  entry.own_ssrc.store(make_own_ssrc(transport.name), std::memory_order_relaxed);
  // What a peer says of no track is for one worker, whoever receives it.
  entry.node = link.node;
  const bool is_node = link.node != kNoNode;
  entry.owner.store(is_node ? static_cast<WorkerId>(link.node % sharding_.workers) : kUnclaimed,
                    std::memory_order_relaxed);
  entry.next_hop.clear();
  renew(session_.transports[id]);
  ended_[id].clear();
  // Publishes what is above to whoever finds the id: the lookup reads the generation (acquire).
  entry.generation.fetch_add(1, std::memory_order_release);
  try {
    add_keys(keys, id);
  } catch (...) {
    entry.generation.fetch_add(1, std::memory_order_release);
    retire([this, id, &entry] {  // a worker may have found the first of its keys
      delete entry.settings.exchange(nullptr);
      transport_slots_.give_back(id);
    });
    throw;
  }
  keys_[id] = keys;
  if (inventory_.transports.size() <= id) inventory_.transports.resize(id + 1);
  inventory_.transports[id] = transport.name;
  transports_[transport.name] = id;
  return id;
}

void Publisher::change_transport(const config::Transport& transport, const NodeLink& link) {
  const Id id = find_or_throw(transports_, transport.name, "transport")->second;
  auto settings = make_settings(transport, link);
  const auto in_use = [](const std::atomic<const SsrcMap*>& map) {
    const SsrcMap* entries = map.load();
    return entries != nullptr && !entries->entries.empty();
  };
  if (settings->send == nullptr && in_use(tables_.transports[id].legs))
    throw std::invalid_argument("transport '" + transport.name + "' has legs, which need keys to send with");
  // A worker in the midst of a removed leg's list takes the transport's new settings.
  if (settings->send == nullptr &&
      std::ranges::any_of(ended_[id], [](const auto& leg) { return !leg.second.known; }))
    throw std::invalid_argument("legs are still being removed from '" + transport.name + "': try again");
  const Keys next = keys_of(transport, link, settings->port_index);
  const auto absent_in = [](const Keys& others) {
    return [&others](const TransportKey& key) { return std::ranges::find(others, key) == others.end(); };
  };
  Keys added;
  std::ranges::copy_if(next, std::back_inserter(added), absent_in(keys_[id]));
  add_keys(added, id);
  replace<TransportSettings>(tables_.transports[id].settings, std::move(settings));
  for (const TransportKey& key : keys_[id]) {
    if (absent_in(next)(key)) registry_.remove(key);
  }
  keys_[id] = next;
}

void Publisher::remove_transport(const std::string& name) {
  const auto at = find_or_throw(transports_, name, "transport");
  const Id id = at->second;
  Transport& transport = tables_.transports[id];
  for (auto track = tracks_.begin(); track != tracks_.end();) {
    const auto candidate = track++;
    if (candidate->second.transport == id) {
      remove_track(std::string(candidate->first));
    } else if (transport.node != kNoNode && candidate->second.upstreams.contains(transport.node)) {
      remove_upstream(std::string(candidate->first), transport.node);
    }
  }
  while (const SsrcMap* legs = transport.legs.load()) {
    if (legs->entries.empty()) break;
    remove_leg(std::string(inventory_.legs[legs->entries.back().id]));
  }
  for (const TransportKey& key : keys_[id])
    registry_.remove(key);
  keys_[id].clear();
  transport.generation.fetch_add(1, std::memory_order_release);
  inventory_.transports[id].clear();
  transports_.erase(at);
  retire([this, id, &transport] {
    delete transport.settings.exchange(nullptr);
    delete transport.layers.exchange(nullptr);
    delete transport.legs.exchange(nullptr);
    transport_slots_.give_back(id);
  });
}

// The appliance's own SSRC on a transport is none that is published or sent there (RFC 3550, 8.1).
void Publisher::settle_own_ssrc(Transport& transport) {
  std::uint32_t own = transport.own_ssrc.load(std::memory_order_relaxed);
  const auto taken = [&own](const std::atomic<const SsrcMap*>& map) {
    const SsrcMap* entries = map.load();
    return entries != nullptr && entries->find(own) != kNoId;
  };
  while (taken(transport.layers) || taken(transport.legs))
    ++own;
  transport.own_ssrc.store(own, std::memory_order_relaxed);
}

// All of them or none.
std::vector<Id> Publisher::take_layers(std::size_t count) {
  std::vector<Id> ids;
  try {
    while (ids.size() < count)
      ids.push_back(layer_slots_.take());
  } catch (const std::length_error&) {
    for (const Id id : ids)
      layer_slots_.give_back(id);
    throw;
  }
  return ids;
}

void Publisher::name_layer(Id id, const std::string& track, const std::string& layer) {
  if (inventory_.layers.size() <= id) inventory_.layers.resize(id + 1);
  inventory_.layers[id] = {track, layer};
}

void Publisher::add_track(const config::Track& track) {
  require_new(tracks_, track.id, "track");
  const bool is_relayed = track.transport.empty();
  const Id transport_id =
      is_relayed ? kNoId : find_or_throw(transports_, track.transport, "transport")->second;
  const SsrcMap* published = is_relayed ? nullptr : tables_.transports[transport_id].layers.load();
  for (const config::Layer& layer : track.layers) {
    if (published != nullptr && published->find(layer.ssrc) != kNoId)
      throw std::invalid_argument("SSRC " + std::to_string(layer.ssrc) + " is another track's on '" +
                                  track.transport + "'");
  }
  const std::vector<Id> ids = take_layers(track.layers.size());
  Track made{.transport = transport_id};
  try {
    open_relay(made);
  } catch (const std::length_error&) {
    for (const Id id : ids)
      layer_slots_.give_back(id);
    throw;
  }
  const WorkerId owner = is_relayed ? static_cast<WorkerId>(next_owner_++ % sharding_.workers) : kUnclaimed;
  auto next = published == nullptr ? std::make_unique<SsrcMap>() : std::make_unique<SsrcMap>(*published);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Layer& layer = tables_.layers[ids[i]];
    layer.ssrc = track.layers[i].ssrc;
    layer.transport = transport_id;
    layer.relay = made.relay;
    layer.outlet = kNoId;
    layer.owner = owner;
    layer.priority = track.priority;
    renew(session_.layers[ids[i]]);
    name_layer(ids[i], track.id, track.layers[i].name);
    made.layers[track.layers[i].name] = ids[i];
    next->insert({layer.ssrc, ids[i]});
    layer.generation.fetch_add(1, std::memory_order_release);
  }
  tracks_[track.id] = std::move(made);
  if (is_relayed) return;
  replace<SsrcMap>(tables_.transports[transport_id].layers, std::move(next));
  settle_own_ssrc(tables_.transports[transport_id]);
}

void Publisher::remove_track(const std::string& id) {
  const auto at = find_or_throw(tracks_, id, "track");
  Track& track = at->second;
  for (const auto& [node, upstream] : track.upstreams)
    remove_inlets(upstream);
  close_relay(track);
  for (const auto& [name, layer] : track.layers)
    remove_layer(layer);
  tracks_.erase(at);
}

void Publisher::remove_layer(Id id) {
  Layer& layer = tables_.layers[id];
  if (layer.transport != kNoId) {
    Transport& transport = tables_.transports[layer.transport];
    auto next = std::make_unique<SsrcMap>(*transport.layers.load());
    next->erase(layer.ssrc);
    replace<SsrcMap>(transport.layers, std::move(next));
  }
  layer.generation.fetch_add(1, std::memory_order_release);
  // The whole list at once: its legs one by one would copy it as often as it has legs.
  const LegList* legs = layer.legs.load();
  std::vector<Id> removed;
  for (std::size_t n = 0; legs != nullptr && n < legs->shards.size(); ++n)
    removed.insert(removed.end(), legs->shards[n].begin(), legs->shards[n].end());
  replace<LegList>(layer.legs, nullptr);
  for (const Id leg : removed)
    remove_leg(leg);
  inventory_.layers[id] = {};
  retire([this, id] { layer_slots_.give_back(id); });
}

}  // namespace causeway::control
