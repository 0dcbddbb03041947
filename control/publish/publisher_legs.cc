// The publisher's legs: which worker serves them, and how their indices go on when they come back.
#include <algorithm>
#include <stdexcept>

#include "control/publish/publisher.h"

namespace causeway::control {

namespace {

// SSRCs that one transport was sent and is sent no more: their indices are remembered as long as its keys
// live.
constexpr std::size_t kMaxEnded = 4096;
constexpr std::size_t kMaxEndedOfNode = 262144;

LegRewrite make_rewrite(const config::Leg& leg) {
  LegRewrite rewrite;
  rewrite.ssrc = leg.ssrc;
  rewrite.sequence_offset = leg.sequence_offset;
  rewrite.timestamp_offset = leg.timestamp_offset;
  for (const auto& [from, to] : leg.payload_types)
    rewrite.payload_types.at(from) = to;
  return rewrite;
}

std::unique_ptr<LegList> with(const LegList* old, std::size_t shard, Id added) {
  auto next = old == nullptr ? std::make_unique<LegList>() : std::make_unique<LegList>(*old);
  if (next->shards.size() <= shard) next->shards.resize(shard + 1);
  std::vector<Id>& ids = next->shards[shard];
  ids.insert(std::ranges::lower_bound(ids, added), added);
  return next;
}

std::unique_ptr<LegList> without(const LegList& old, std::size_t shard, Id removed) {
  auto next = std::make_unique<LegList>(old);
  std::erase(next->shards.at(shard), removed);
  while (!next->shards.empty() && next->shards.back().empty())
    next->shards.pop_back();
  return next->shards.empty() ? nullptr : std::move(next);
}

}  // namespace

// The first worker that has room for another leg of the track; if none has, the one with the fewest.
std::uint8_t Publisher::shard_for(const LegList* legs) const {
  std::size_t best = 0;
  for (std::size_t n = 0; legs != nullptr && n < sharding_.workers; ++n) {
    const std::size_t size = legs->shard(n).size();
    if (size < sharding_.legs_per_shard) return static_cast<std::uint8_t>(n);
    if (size < legs->shard(best).size()) best = n;
  }
  return static_cast<std::uint8_t>(best);
}

Id Publisher::add_leg(const config::Leg& leg) {
  if (legs_.contains(leg.name)) throw std::invalid_argument("leg '" + leg.name + "' exists already");
  const auto track = tracks_.find(leg.track);
  const auto to = transports_.find(leg.transport);
  if (track == tracks_.end()) throw std::invalid_argument("there is no track '" + leg.track + "'");
  if (to == transports_.end()) throw std::invalid_argument("there is no transport '" + leg.transport + "'");
  const auto& layers = track->second.layers;
  const auto layer_at = leg.layer.empty() ? layers.begin() : layers.find(leg.layer);
  if (layer_at == layers.end())
    throw std::invalid_argument("track '" + leg.track + "' has no layer '" + leg.layer + "'");
  Transport& transport = tables_.transports[to->second];
  if (transport.settings.load()->send == nullptr)
    throw std::invalid_argument("transport '" + leg.transport + "' has no keys to send with");
  const SsrcMap* sent = transport.legs.load();
  if (sent != nullptr && sent->find(leg.ssrc) != kNoId)
    throw std::invalid_argument("SSRC " + std::to_string(leg.ssrc) + " is another leg's on '" +
                                leg.transport + "'");
  auto& all_ended = ended_[to->second];
  const auto ended = all_ended.find(leg.ssrc);
  if (ended != all_ended.end() && !ended->second.known)
    throw std::invalid_argument("SSRC " + std::to_string(leg.ssrc) + " is still being removed from '" +
                                leg.transport + "': try again");
  const bool is_relay = transport.node != kNoNode;
  if (ended == all_ended.end() && all_ended.size() >= (is_relay ? kMaxEndedOfNode : kMaxEnded))
    throw std::length_error("transport '" + leg.transport +
                            "' was sent too many SSRCs: it needs new keys, as a new transport");

  const Id id = leg_slots_.take();
  Layer& layer = tables_.layers[layer_at->second];
  const LegList* old = layer.legs.load();
  auto settings = std::make_unique<LegSettings>();
  settings->layer = layer_at->second;
  settings->transport = to->second;
  settings->shard = shard_for(old);
  settings->is_relay = is_relay;
  settings->priority = leg.priority.value_or(layer.priority);
  settings->rewrite = make_rewrite(leg);
  const std::uint8_t shard = settings->shard;
  LegSession& session = session_.legs[id];
  std::destroy_at(&session);
  std::construct_at(&session);
  if (ended != all_ended.end()) {
    session.sequence.floor = ended->second.next;
    session.rtcp_send_index = ended->second.rtcp_send_index;
    all_ended.erase(ended);
  }
  replace<LegSettings>(tables_.legs[id].settings, std::move(settings));
  auto next_sent = sent == nullptr ? std::make_unique<SsrcMap>() : std::make_unique<SsrcMap>(*sent);
  next_sent->insert({leg.ssrc, id});
  replace<SsrcMap>(transport.legs, std::move(next_sent));
  settle_own_ssrc(transport);
  replace<LegList>(layer.legs, with(old, shard, id));
  if (inventory_.legs.size() <= id) inventory_.legs.resize(id + 1);
  inventory_.legs[id] = leg.name;
  legs_[leg.name] = id;
  if (is_relay) count_relay_leg(leg.track, layer_at->second, id, true);
  return id;
}

void Publisher::change_leg(const config::Leg& leg) {
  const auto at = legs_.find(leg.name);
  if (at == legs_.end()) throw std::invalid_argument("there is no leg '" + leg.name + "'");
  const LegSettings& old = *tables_.legs[at->second].settings.load();
  const Inventory::LayerName& layer = inventory_.layers[old.layer];
  if (leg.ssrc != old.rewrite.ssrc || leg.track != layer.track ||
      (!leg.layer.empty() && leg.layer != layer.layer) ||
      inventory_.transports[old.transport] != leg.transport)
    throw std::invalid_argument("leg '" + leg.name + "': its track, layer, transport and SSRC cannot change");
  auto next = std::make_unique<LegSettings>(old);
  next->priority = leg.priority.value_or(tables_.layers[old.layer].priority);
  next->rewrite = make_rewrite(leg);
  next->rewrite.sequence_offset = old.rewrite.sequence_offset;
  replace<LegSettings>(tables_.legs[at->second].settings, std::move(next));
}

void Publisher::remove_leg(const std::string& name) {
  const auto at = legs_.find(name);
  if (at == legs_.end()) throw std::invalid_argument("there is no leg '" + name + "'");
  const Id id = at->second;
  const LegSettings& settings = *tables_.legs[id].settings.load();
  Layer& layer = tables_.layers[settings.layer];
  replace<LegList>(layer.legs, without(*layer.legs.load(), settings.shard, id));
  remove_leg(id);
}

// What remains when no list names the leg any more.
void Publisher::remove_leg(Id id) {
  const LegSettings& settings = *tables_.legs[id].settings.load();
  const Id to = settings.transport;
  if (settings.is_relay) count_relay_leg(inventory_.layers[settings.layer].track, settings.layer, id, false);
  const std::uint32_t ssrc = settings.rewrite.ssrc;
  Transport& transport = tables_.transports[to];
  auto sent = std::make_unique<SsrcMap>(*transport.legs.load());
  sent->erase(ssrc);
  replace<SsrcMap>(transport.legs, std::move(sent));
  ended_[to][ssrc] = {};
  legs_.erase(inventory_.legs[id]);
  inventory_.legs[id].clear();
  retire(
      [this, id, to, generation = transport.generation.load(), ssrc] { end_leg(id, to, generation, ssrc); });
}

// After the grace period: the session state is ours, and says how far the indices got.
void Publisher::end_leg(Id id, Id to, std::uint32_t transport_generation, std::uint32_t ssrc) {
  delete tables_.legs[id].settings.exchange(nullptr);
  leg_slots_.give_back(id);
  if (tables_.transports[to].generation.load() != transport_generation) return;  // its keys are gone, too
  const LegSession& session = session_.legs[id];
  if (session.sequence.next() == 0 && session.rtcp_send_index == kFirstLegRtcpIndex) {
    ended_[to].erase(ssrc);
  } else {
    ended_[to][ssrc] = {
        .known = true, .next = session.sequence.next(), .rtcp_send_index = session.rtcp_send_index};
  }
}

}  // namespace causeway::control
