// One node's relay protocol among four, fed with whatever its peers may say, true or not: what it holds stays
// consistent, its label never gets worse, it acknowledges nobody while it is not fed, and its gate never
// fires.
#include <algorithm>
#include <cstdlib>
#include <map>

#include "control/relay/relay.h"

namespace {

using namespace causeway::control;
using namespace causeway::control::relay;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr NodeId kSelf = 0;
const TrackKey kTracks[] = {{1, 1}, {2, 2}, {3, 3}};

struct World final : Surroundings, Outbox {
  bool is_reachable(NodeId node) const override { return reachable.contains(node); }
  bool is_lively(NodeId node, TimeUs) const override { return reachable.contains(node); }
  bool is_settled(NodeId node) const override { return reachable.contains(node); }
  TimeUs round_trip_us(NodeId) const override { return 20'000; }
  bool hears(NodeId node, NodeId other) const override { return ((node + other) & 1) != 0; }
  std::size_t claims(const TrackKey& key, std::span<Claim> out) const override {
    const auto at = claimed.find(key);
    if (at == claimed.end() || out.empty()) return 0;
    out[0] = at->second;
    return 1;
  }
  void send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body, std::uint8_t) override {
    require(to != kSelf && to < 4);
    require(body.size() <= wire::kMaxRecordBytes);
    ++sent;
    if (type != wire::RecordType::ack) return;
    Ack ack;
    require(read(body, ack));
    const RelayView view = relay->view(ack.track);
    require(view.is_fed && ack.label == view.label);
    require(!view.active || view.active->upstream != to);
  }

  NodeSet reachable{{0xe, 0}};
  std::map<TrackKey, Claim> claimed;
  std::size_t sent = 0;
  const Relay* relay = nullptr;
};

template <class Message>
void give(Relay& relay, NodeId from, std::span<const std::uint8_t> body, TimeUs now_us,
          void (Relay::*handler)(NodeId, const Message&, TimeUs)) {
  Message message;
  if (read(body, message)) (relay.*handler)(from, message, now_us);
}

// What it just said to whom, so that the fuzzer can answer it: the newest nonce.
void play(Relay& relay, World& world, std::span<const std::uint8_t> step, TimeUs now_us) {
  const NodeId peer = static_cast<NodeId>(1 + step[1] % 3);
  const TrackKey& key = kTracks[step[2] % 3];
  const Label label{step[3], static_cast<NodeId>(step[4] % 5), static_cast<std::uint8_t>(step[5] % 5)};
  const std::uint32_t nonce = step[6];
  Path path(static_cast<NodeId>(step[7] & 3));
  path.push(static_cast<NodeId>(step[7] >> 2 & 3));
  path.push(peer);
  Path behalf(peer);
  behalf.push(static_cast<NodeId>(step[7] & 3));
  switch (step[0] % 18) {
    case 0:
      return static_cast<void>(relay.publish(key, now_us));
    case 1:
      return relay.unpublish(key, now_us);
    case 2:
      return static_cast<void>(relay.want(key, now_us));
    case 3:
      return relay.unwant(key, now_us);
    case 4:
      return relay.on_subscribe(
          peer, {key, label, nonce, behalf, step[6] % 5 == 4 ? kNoNode : static_cast<NodeId>(step[6] % 5)},
          now_us);
    case 5:
      return relay.on_ack(peer, {key, nonce, label, path}, now_us);
    case 6:
      return relay.on_nack(peer, {key, nonce, static_cast<NackReason>(step[7] % kNackReasons), label},
                           now_us);
    case 7:
      return relay.on_unsubscribe(peer, {key, nonce}, now_us);
    case 8:
      return relay.on_withdraw(peer, {key, nonce, static_cast<WithdrawReason>(step[7] % kWithdrawReasons)},
                               now_us);
    case 9:
      return relay.on_stamp_request(peer, {key, step[3], static_cast<std::uint8_t>(step[5] % 8)}, now_us);
    case 10:
      return relay.on_advert(peer, {key, label, path}, now_us);
    case 11:
    case 12:
      return relay.on_media(key, peer, label, now_us - step[6] * 1000, now_us);
    case 13:
      return relay.on_peer_boot(peer, now_us);
    case 14:
      world.claimed[key] = {static_cast<NodeId>(step[4] % 4), step[3]};
      return relay.on_claims_changed(key, now_us);
    case 15:
      if (world.reachable.contains(peer)) return world.reachable.erase(peer);
      world.reachable.insert(peer);
      return relay.on_heard_again(peer, now_us);
    case 16:
      return relay.on_watermark(Stamp{step[3]} * step[4], now_us);
    default:
      return relay.tick(now_us);
  }
}

// Any bytes as any record.
void play_raw(Relay& relay, std::span<const std::uint8_t> step, TimeUs now_us) {
  const NodeId from = static_cast<NodeId>(1 + step[1] % 3);
  const auto body = step.subspan(2);
  give(relay, from, body, now_us, &Relay::on_subscribe);
  give(relay, from, body, now_us, &Relay::on_ack);
  give(relay, from, body, now_us, &Relay::on_nack);
  give(relay, from, body, now_us, &Relay::on_unsubscribe);
  give(relay, from, body, now_us, &Relay::on_withdraw);
  give(relay, from, body, now_us, &Relay::on_stamp_request);
  give(relay, from, body, now_us, &Relay::on_advert);
}

void check(Relay& relay, std::map<TrackKey, Label>& held) {
  for (const TrackKey& key : kTracks) {
    const RelayView view = relay.view(key);
    require(held[key] == Label{} || !is_better(held[key], view.label));
    held[key] = view.label;
    require(!view.is_origin || (!view.active && !view.pending));
    require(!view.active || view.active->upstream != kSelf);
    require(!view.active || std::ranges::count(view.legs, view.active->upstream) == 0);
    require(std::ranges::count(view.legs, kSelf) == 0);
    require(view.legs.size() <= 3);
  }
  require(relay.counters().gate_refusals == 0);
  require(relay.tracks() <= 16);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  causeway::config::Relaying config;
  config.max_tracks = 16;
  config.forget_ms = 1000;
  config.stamp_reserve = 16;
  World world;
  Relay relay(kSelf, Membership{{0, 1, 2, 0}}, {"a", "b", "c", "d"}, config, 0, world, world, 0);
  world.relay = &relay;
  std::map<TrackKey, Label> held;
  TimeUs now_us = 1'000'000;
  std::span<const std::uint8_t> rest(data, std::min<std::size_t>(size, 4096));
  while (rest.size() >= 9) {
    now_us += rest[8] * TimeUs{2000};
    world.sent = 0;
    if (rest[0] == 0xff) {
      const std::size_t length = std::min<std::size_t>(rest.size(), 2 + rest[1] % 64);
      play_raw(relay, rest.first(std::max<std::size_t>(length, 2)), now_us);
      rest = rest.subspan(std::max<std::size_t>(length, 9));
    } else {
      play(relay, world, rest.first(8), now_us);
      rest = rest.subspan(9);
    }
    require(world.sent <= 7 * 64);
    require(relay.output().changed.size() < 10'000);
    check(relay, held);
    relay.output() = {};
  }
  return 0;
}
