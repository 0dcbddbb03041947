#include "control/session/state.h"

#include <algorithm>
#include <utility>

namespace causeway::control::session {
namespace {

Outcome unchanged() {
  return {};
}

std::vector<std::uint32_t> relay_ssrcs(const TrackRecord& record) {
  std::vector<std::uint32_t> ssrcs;
  if (const config::Track* shape = record.shape()) {
    for (const config::Layer& layer : shape->layers)
      ssrcs.push_back(relay_ssrc(record.key, layer.name));
  }
  return ssrcs;
}

Shared<config::Track> as_relayed(const TrackInfo& info, const TrackKey& key) {
  config::Track track{.id = info.id, .transport = {}, .layers = {}, .priority = info.priority};
  for (const std::string& layer : info.layers)
    track.layers.push_back({.name = layer, .ssrc = relay_ssrc(key, layer)});
  std::ranges::sort(track.layers, {}, &config::Layer::name);
  return Shared(std::move(track));
}

// Ports, for the address checks of the configuration, without what those do not need.
std::shared_ptr<const config::Config> rules_of(const config::Config& node) {
  auto rules = std::make_shared<config::Config>();
  rules->ports = node.ports;
  for (config::Port& port : rules->ports)
    port.neighbours.clear();
  rules->media = node.media;
  rules->limits = node.limits;
  return rules;
}

}  // namespace

std::uint32_t relay_ssrc(const TrackKey& track, std::string_view layer) {
  std::uint64_t hash = 0xcbf29ce484222325 ^ track.low;  // FNV-1a, begun with what SHA-256 spread evenly
  for (const char c : layer)
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  const auto ssrc = static_cast<std::uint32_t>(hash ^ hash >> 32);
  return ssrc == 0 ? 1 : ssrc;
}

State::State(const config::Config& node) : node_(rules_of(node)) {}

const config::Transport* State::transport(std::string_view name) const {
  const auto at = transports_.find(name);
  return at == transports_.end() ? nullptr : &*at->second.value;
}

const config::Leg* State::subscription(std::string_view name) const {
  const auto at = subscriptions_.find(name);
  return at == subscriptions_.end() ? nullptr : &*at->second;
}

const TrackRecord* State::track(std::string_view id) const {
  const auto at = tracks_.find(id);
  return at == tracks_.end() ? nullptr : &at->second;
}

const std::string* State::track_id(const TrackKey& key) const {
  const auto at = ids_.find(key);
  return at == ids_.end() ? nullptr : &at->second;
}

bool State::may_relay(const TrackRecord& record) const {
  std::vector<std::uint32_t> ssrcs = relay_ssrcs(record);
  std::ranges::sort(ssrcs);
  if (std::ranges::adjacent_find(ssrcs) != ssrcs.end()) return false;  // of two of its own layers
  const auto owned = [&](std::uint32_t ssrc) {
    const auto at = relay_ssrcs_.find(ssrc);
    return at != relay_ssrcs_.end() && *at->second.begin() == record.key;
  };
  return !ssrcs.empty() && std::ranges::all_of(ssrcs, owned);
}

Outcome State::changed(std::vector<std::string> touched) {
  ++version_;
  std::ranges::sort(touched);
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  return {.changed = true, .tracks = std::move(touched)};
}

Outcome State::put_transport(const config::Transport& transport, IfVersion if_version) {
  if (Outcome no = check_version(if_version); !no.ok()) return no;
  const auto old = transports_.find(transport.name);
  if (old != transports_.end() && same(*old->second.value, transport)) return unchanged();
  if (Outcome no = check(transport); !no.ok()) return no;
  const Shared value(transport);
  if (old != transports_.end()) {
    unindex(*old->second.value);
    old->second.value = value;
  } else {
    transports_.emplace(transport.name, TransportRecord{value});
  }
  index(*value);
  return changed({});
}

Outcome State::remove_transport(std::string_view name, IfVersion if_version) {
  if (Outcome no = check_version(if_version); !no.ok()) return no;
  const auto at = transports_.find(name);
  if (at == transports_.end()) return unchanged();
  std::vector<std::string> touched;
  const std::map<std::uint32_t, Use> uses = at->second.ssrcs;
  for (const auto& [ssrc, use] : uses) {
    if (use.is_leg) {
      touched.push_back(subscriptions_.find(use.name)->second->track);
      drop_subscription(use.name);
    } else if (const auto track = tracks_.find(use.name);
               track != tracks_.end() && track->second.published) {  // its first layer took it already
      touched.push_back(use.name);
      release(track->second, touched);
      drop_publication(track->second);
      claim(track->second, touched);
      drop_if_unused(use.name);
    }
  }
  unindex(*at->second.value);
  transports_.erase(at);
  return changed(std::move(touched));
}

Outcome State::publish(const config::Track& track, IfVersion if_version) {
  if (Outcome no = check_version(if_version); !no.ok()) return no;
  const TrackRecord* old = this->track(track.id);
  if (old != nullptr && old->published && same(**old->published, track)) return unchanged();
  if (Outcome no = check(track); !no.ok()) return no;
  std::vector<std::string> touched{track.id};
  TrackRecord& record = record_of(track.id);
  release(record, touched);
  if (record.published) drop_publication(record);
  record.published = Shared(track);
  ++published_;
  take_ssrcs(track);
  claim(record, touched);
  return changed(std::move(touched));
}

Outcome State::unpublish(std::string_view id, IfVersion if_version) {
  if (Outcome no = check_version(if_version); !no.ok()) return no;
  const auto at = tracks_.find(id);
  if (at == tracks_.end() || !at->second.published) return unchanged();
  const std::string name = at->first;
  std::vector<std::string> touched{name};
  release(at->second, touched);
  drop_publication(at->second);
  claim(at->second, touched);
  drop_if_unused(name);
  return changed(std::move(touched));
}

Outcome State::subscribe(const config::Leg& leg, IfVersion if_version) {
  if (Outcome no = check_version(if_version); !no.ok()) return no;
  const config::Leg* old = subscription(leg.name);
  if (old != nullptr && same(*old, leg)) return unchanged();
  if (Outcome no = check(leg); !no.ok()) return no;
  std::vector<std::string> touched{leg.track};
  if (old != nullptr) {
    touched.push_back(old->track);
    drop_subscription(leg.name);
  }
  const Shared value(leg);
  record_of(leg.track).subscriptions.emplace(leg.name, value);
  transports_.find(leg.transport)->second.ssrcs[leg.ssrc] = {true, leg.name};
  subscriptions_.emplace(leg.name, value);
  return changed(std::move(touched));
}

Outcome State::unsubscribe(std::string_view name, IfVersion if_version) {
  if (Outcome no = check_version(if_version); !no.ok()) return no;
  const auto at = subscriptions_.find(name);
  if (at == subscriptions_.end()) return unchanged();
  std::vector<std::string> touched{at->second->track};
  drop_subscription(std::string(name));
  return changed(std::move(touched));
}

Outcome State::describe(const TrackInfo& info, IfVersion if_version) {
  if (Outcome no = check_version(if_version); !no.ok()) return no;
  if (Outcome no = check(info); !no.ok()) return no;
  const TrackRecord* old = track(info.id);
  const auto described = as_relayed(info, old != nullptr ? old->key : track_key(info.id));
  if (old != nullptr && old->described && *old->described == described) return unchanged();
  std::vector<std::string> touched{info.id};
  TrackRecord& record = record_of(info.id);
  release(record, touched);
  if (!record.described) ++described_;
  record.described = described;
  claim(record, touched);
  return changed(std::move(touched));
}

Outcome State::forget(std::string_view id, IfVersion if_version) {
  if (Outcome no = check_version(if_version); !no.ok()) return no;
  const auto at = tracks_.find(id);
  if (at == tracks_.end() || !at->second.described) return unchanged();
  const std::string name = at->first;
  std::vector<std::string> touched{name};
  release(at->second, touched);
  at->second.described.reset();
  --described_;
  claim(at->second, touched);
  drop_if_unused(name);
  return changed(std::move(touched));
}

std::vector<State::Endpoints> State::endpoints_of(const config::Transport& transport) {
  std::vector<Endpoints> all{{transport.local, transport.remote}};
  if (transport.rtcp) {
    all.push_back({{transport.local.address, transport.rtcp->local_port},
                   {transport.remote.address, transport.rtcp->remote_port}});
  }
  return all;
}

void State::index(const config::Transport& transport) {
  for (const Endpoints& endpoints : endpoints_of(transport))
    endpoints_[endpoints] = transport.name;
  if (transport.send) keys_.insert({&*transport.send, transport.name, true});
  if (transport.receive) keys_.insert({&*transport.receive, transport.name, false});
}

void State::unindex(const config::Transport& transport) {
  for (const Endpoints& endpoints : endpoints_of(transport))
    endpoints_.erase(endpoints);
  if (transport.send) keys_.erase({&*transport.send, transport.name, true});
  if (transport.receive) keys_.erase({&*transport.receive, transport.name, false});
}

void State::take_ssrcs(const config::Track& track) {
  auto& ssrcs = transports_.find(track.transport)->second.ssrcs;
  for (const config::Layer& layer : track.layers)
    ssrcs[layer.ssrc] = {false, track.id};
}

void State::give_back_ssrcs(const config::Track& track) {
  auto& ssrcs = transports_.find(track.transport)->second.ssrcs;
  for (const config::Layer& layer : track.layers)
    ssrcs.erase(layer.ssrc);
}

TrackRecord& State::record_of(const std::string& id) {
  const auto at = tracks_.find(id);
  if (at != tracks_.end()) return at->second;
  const TrackKey key = track_key(id);
  ids_[key] = id;
  return tracks_.emplace(id, TrackRecord{.key = key}).first->second;
}

void State::drop_if_unused(const std::string& id) {
  const auto at = tracks_.find(id);
  const TrackRecord& record = at->second;
  if (record.published || record.described || !record.subscriptions.empty()) return;
  ids_.erase(record.key);
  tracks_.erase(at);
}

void State::drop_publication(TrackRecord& record) {
  give_back_ssrcs(**record.published);
  record.published.reset();
  --published_;
}

void State::drop_subscription(const std::string& name) {
  const auto at = subscriptions_.find(name);
  const config::Leg& leg = *at->second;
  transports_.find(leg.transport)->second.ssrcs.erase(leg.ssrc);
  tracks_.find(leg.track)->second.subscriptions.erase(name);
  drop_if_unused(leg.track);
  subscriptions_.erase(at);
}

void State::claim(const TrackRecord& record, std::vector<std::string>& touched) {
  for (const std::uint32_t ssrc : relay_ssrcs(record)) {
    std::set<TrackKey>& claims = relay_ssrcs_[ssrc];
    claims.insert(record.key);
    for (const TrackKey& key : claims)
      touched.push_back(ids_.at(key));
  }
}

void State::release(const TrackRecord& record, std::vector<std::string>& touched) {
  for (const std::uint32_t ssrc : relay_ssrcs(record)) {
    const auto at = relay_ssrcs_.find(ssrc);
    if (at == relay_ssrcs_.end()) continue;  // of two of its own layers
    at->second.erase(record.key);
    for (const TrackKey& key : at->second)
      touched.push_back(ids_.at(key));
    if (at->second.empty()) relay_ssrcs_.erase(at);
  }
}

}  // namespace causeway::control::session
