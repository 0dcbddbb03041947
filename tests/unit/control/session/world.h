// A small world of wishes for the tests of control/session: few names, so that they meet often. Bytes become
// operations: the same for RapidCheck, which shortens them, and for the fuzzer.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "control/session/plan.h"
#include "control/session/state.h"
#include "tests/unit/control/transport.h"

namespace causeway::control::session::test {

// Two tracks that would be relayed under one SSRC if their layer is "main"; the first one has the lower key.
inline const std::string kFirstOfPair = "track-67875";
inline const std::string kSecondOfPair = "track-72821";

inline config::Config node(unsigned transports = 100, unsigned tracks = 100, unsigned legs = 100) {
  config::Config config;
  config::Port port;
  port.name = "wan0";
  port.device = "net_null0";
  port.addresses = {*net::InterfaceAddress::parse("192.0.2.1/24")};
  port.exception_interface = "cw0";
  config.ports = {port};
  config.limits = {.transports = transports, .tracks = tracks, .legs = legs, .where = {}};
  return config;
}

inline config::Crypto crypto(std::uint8_t key, srtp::Suite suite = srtp::Suite::aead_aes_128_gcm) {
  const srtp::SuiteInfo& info = srtp::info(suite);
  const std::vector<std::uint8_t> bytes(64, key);
  config::Crypto made;
  made.suite = suite;
  made.key = config::Secret(std::span(bytes).first(info.key_length));
  made.salt = config::Secret(std::span(bytes).first(info.salt_length));
  return made;
}

using control::test::transport;

inline config::Track track(const std::string& id, const std::string& from, std::uint32_t ssrc,
                           const std::string& layer = "main") {
  return {.id = id, .transport = from, .layers = {{.name = layer, .ssrc = ssrc}}};
}

inline config::Leg leg(const std::string& name, const std::string& track_id, const std::string& to,
                       std::uint32_t ssrc) {
  config::Leg made;
  made.name = name;
  made.track = track_id;
  made.transport = to;
  made.ssrc = ssrc;
  return made;
}

inline Peers all_peers() {
  Peers peers{{"paris", "oslo", "lima", "cairo"}, {}};
  for (std::size_t peer = 0; peer < peers.names.size(); ++peer)
    peers.ready.insert(static_cast<NodeId>(peer));
  return peers;
}

// Zeros when they are used up.
class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : left_(bytes) {}
  bool empty() const { return left_.empty(); }
  std::uint8_t take() {
    if (left_.empty()) return 0;
    const std::uint8_t byte = left_.front();
    left_ = left_.subspan(1);
    return byte;
  }
  unsigned below(unsigned count) { return take() % count; }
  bool flag() { return below(2) != 0; }

 private:
  std::span<const std::uint8_t> left_;
};

struct World {
  State state{node(4, 4, 12)};
  Relays relays{};
  Peers peers = all_peers();
  Outcome last{};           // of the last operation
  bool wishes = false;      // it was one on the state
  bool transports = false;  // it was about a transport

  void step(Bytes& bytes) {
    const unsigned kind = bytes.below(16);
    wishes = kind < 13;
    transports = kind < 4;
    last = {};
    const IfVersion version = any_version(bytes);
    if (kind < 3) {
      last = state.put_transport(any_transport(bytes), version);
    } else if (kind == 3) {
      last = state.remove_transport(name_of_transport(bytes), version);
    } else if (kind < 6) {
      last = state.publish(any_track(bytes), version);
    } else if (kind == 6) {
      last = state.unpublish(id_of_track(bytes), version);
    } else if (kind < 9) {
      last = state.subscribe(any_leg(bytes), version);
    } else if (kind == 9) {
      last = state.subscribe(other_leg(bytes), version);
    } else if (kind == 10) {
      last = state.unsubscribe(name_of_leg(bytes), version);
    } else if (kind == 11) {
      last = state.describe(any_info(bytes), version);
    } else if (kind == 12) {
      last = state.forget(id_of_track(bytes), version);
    } else if (kind == 13) {
      const NodeId peer = static_cast<NodeId>(bytes.below(5));
      if (bytes.flag()) {
        peers.ready.insert(peer);
      } else {
        peers.ready.erase(peer);
      }
    } else {
      const TrackKey key = track_key(id_of_track(bytes));
      relays[key] = any_view(bytes);
    }
  }

  Plan plan(const Desired& standing = {}) const { return session::plan(state, relays, peers, standing); }

 private:
  // Mostly one of the usual values.
  template <class T, std::size_t N>
  static T pick(Bytes& bytes, const std::array<T, N>& usual, const T& odd) {
    const std::uint8_t byte = bytes.take();
    return byte >= 250 ? odd : usual[byte % N];
  }
  IfVersion any_version(Bytes& bytes) const {
    const std::uint8_t byte = bytes.take();
    if (byte < 200) return std::nullopt;
    return state.version() + (byte < 250 ? 0 : 1);
  }
  static std::string name_of_transport(Bytes& bytes) {
    return pick<std::string, 5>(bytes, {"a", "b", "c", "d", "e"}, "node:paris");
  }
  static std::string id_of_track(Bytes& bytes) {
    return pick<std::string, 5>(bytes, {"t", "t/u", kFirstOfPair, kSecondOfPair, "v"}, "no id");
  }
  static std::string name_of_layer(Bytes& bytes) {
    return pick<std::string, 4>(bytes, {"main", "main", "main", "low"}, "no name");
  }
  static std::string name_of_leg(Bytes& bytes) { return "leg" + std::to_string(bytes.below(16)); }
  static std::uint16_t remote_port(Bytes& bytes) {
    return pick<std::uint16_t, 6>(bytes, {5000, 5001, 5002, 5003, 5004, 5005}, 0);
  }
  static std::uint16_t local_port(Bytes& bytes) {
    return pick<std::uint16_t, 4>(bytes, {20000, 20000, 20000, 20001}, 19999);
  }
  static std::optional<config::Crypto> any_crypto(Bytes& bytes) {
    const std::uint8_t byte = bytes.take();
    if (byte >= 230) return std::nullopt;
    return byte < 200 ? config::Crypto{} : crypto(byte % 3, srtp::Suite::aead_aes_128_gcm);
  }

  static config::Transport any_transport(Bytes& bytes) {
    config::Transport made = transport(name_of_transport(bytes), 0);
    made.remote.port = remote_port(bytes);
    made.local.port = local_port(bytes);
    made.receive = any_crypto(bytes);
    made.send = any_crypto(bytes);
    if (bytes.below(4) == 0) {
      made.rtcp.emplace();
      made.rtcp->local_port = local_port(bytes);
      made.rtcp->remote_port = remote_port(bytes);
    }
    return made;
  }
  static config::Track any_track(Bytes& bytes) {
    config::Track made;
    made.id = id_of_track(bytes);
    made.transport = name_of_transport(bytes);
    made.layers.push_back({.name = name_of_layer(bytes), .ssrc = bytes.below(32)});
    for (unsigned more = bytes.below(16); more > 13; --more)
      made.layers.push_back({.name = more == 15 ? "high" : name_of_layer(bytes), .ssrc = bytes.below(32)});
    if (bytes.flag()) made.priority = Priority::high;
    return made;
  }
  static config::Leg any_leg(Bytes& bytes) {
    config::Leg made;
    const unsigned number = bytes.below(16);
    made.name = "leg" + std::to_string(number);
    made.track = id_of_track(bytes);
    made.transport = name_of_transport(bytes);
    made.ssrc = bytes.below(4) != 0 ? 32 + number : bytes.below(48);  // mostly the one that it had before
    if (bytes.below(4) == 0) made.layer = name_of_layer(bytes);
    if (bytes.below(4) == 0) made.payload_types[bytes.take()] = 96;
    made.timestamp_offset = bytes.below(2);
    made.sequence_offset = static_cast<std::uint16_t>(bytes.below(2));
    return made;
  }
  // One that is there, with other numbers.
  config::Leg other_leg(Bytes& bytes) const {
    if (state.subscriptions().empty()) return {};
    auto at = state.subscriptions().begin();
    std::advance(at, bytes.below(static_cast<unsigned>(state.subscriptions().size())));
    config::Leg made = *at->second;
    made.payload_types[96] = static_cast<std::uint8_t>(bytes.below(2));
    made.timestamp_offset = bytes.below(2);
    if (bytes.below(4) == 0) made.layer = name_of_layer(bytes);
    return made;
  }
  static TrackInfo any_info(Bytes& bytes) {
    TrackInfo made;
    made.id = id_of_track(bytes);
    made.layers.push_back(name_of_layer(bytes));
    for (unsigned more = bytes.below(16); more > 13; --more)
      made.layers.push_back(more == 15 ? "high" : name_of_layer(bytes));
    return made;
  }
  // Also what the relay protocol would never say.
  static RelayView any_view(Bytes& bytes) {
    RelayView view;
    view.is_origin = bytes.flag();
    view.label = {bytes.below(4), static_cast<NodeId>(bytes.below(4)), 0};
    const auto peer = [&bytes] { return pick<NodeId, 4>(bytes, {0, 1, 2, 3}, 200); };
    if (bytes.below(4) != 0) view.active = Edge{.upstream = peer()};
    if (bytes.flag()) view.pending = Edge{.upstream = peer()};
    for (unsigned count = bytes.below(4); count > 1; --count)
      view.legs.push_back(peer());
    return view;
  }
};

}  // namespace causeway::control::session::test
