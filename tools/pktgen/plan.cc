#include "tools/pktgen/plan.h"

#include <algorithm>
#include <bit>
#include <map>
#include <random>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "dataplane/net/bytes.h"

namespace causeway::pktgen {

namespace {

constexpr std::uint8_t kVideoType = 96;
constexpr std::uint8_t kAudioType = 111;
constexpr std::uint32_t kRtpHeader = 12;
constexpr std::uint32_t kIpv6AndUdp = 48;

using Names = std::unordered_map<std::string_view, Id>;

std::unique_ptr<srtp::SessionKeys> expand(const srtp::Engine& engine,
                                          const std::optional<config::Crypto>& crypto) {
  if (!crypto) return nullptr;
  return engine.expand(crypto->suite, crypto->key.bytes(), crypto->salt.bytes());
}

PlanTransport make_transport(const config::Transport& from) {
  PlanTransport transport;
  transport.name = from.name;
  transport.own = transport.own_rtcp = from.remote;
  transport.appliance = transport.appliance_rtcp = from.local;
  if (from.rtcp) {
    transport.own_rtcp.port = from.rtcp->remote_port;
    transport.appliance_rtcp.port = from.rtcp->local_port;
  }
  return transport;
}

// Idle transports (in a table of 100,000) keep neither headers nor keys.
void equip(PlanTransport& transport, const config::Transport& from, const srtp::Engine& engine,
           const PortPolicy& port) {
  if (transport.rtp_header.length != 0) return;
  transport.rtp_header = make_header_template(port, transport.own, transport.appliance);
  transport.rtcp_header = make_header_template(port, transport.own_rtcp, transport.appliance_rtcp);
  transport.send = expand(engine, from.receive);
  transport.receive = expand(engine, from.send);
  if (from.receive) transport.send_suite = from.receive->suite;
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

// An SSRC that is none of the transport's streams and legs (RFC 3550, 8.1).
void settle_own_ssrcs(Plan& plan) {
  for (Id id = 0; id < plan.transports.size(); ++id)
    plan.transports[id].own_ssrc = 0x70000001 + id;
  for (PlanTransport& transport : plan.transports) {
    while (transport.legs.find(transport.own_ssrc) != kNoId)
      ++transport.own_ssrc;
  }
  for (const PlanStream& stream : plan.streams)
    plan.transports[stream.transport].own_ssrc = stream.ssrc;
}

std::vector<net::Endpoint> make_strangers(const Plan& plan) {
  std::vector<net::Endpoint> strangers;
  for (const bool v4 : {true, false}) {
    const auto peer = std::ranges::find_if(
        plan.transports, [v4](const PlanTransport& each) { return each.own.address.is_v4() == v4; });
    if (peer != plan.transports.end()) strangers.push_back(peer->own);
  }
  return strangers;
}

class Builder {
 public:
  Builder(const config::Config& config, const srtp::Engine& engine, const PlanOptions& options)
      : config_(config), engine_(engine), options_(options), random_(options.seed) {
    const config::Port& port = config.ports.front();
    policy_ = {.mac = options.mac, .addresses = port.addresses, .vlan = port.vlan, .mtu = port.mtu};
    for (const config::StaticNeighbour& neighbour : port.neighbours)
      neighbours_[neighbour.address] = neighbour.mac;
    plan_.mtu = port.mtu;
    plan_.vlan = port.vlan;
    plan_.media_port_first = config.media.port_range.first;
    plan_.most_payload =
        port.mtu - kIpv6AndUdp - kRtpHeader - static_cast<std::uint32_t>(srtp::kMaxRtpOverhead);
  }

  Plan build() {
    for (const config::Transport& transport : config_.transports) {
      transports_[transport.name] = static_cast<Id>(plan_.transports.size());
      plan_.transports.push_back(make_transport(transport));
    }
    for (const config::Track& track : config_.tracks)
      add_track(track);
    for (const config::Leg& leg : config_.legs)
      add_leg(leg);
    for (PlanTransport& transport : plan_.transports)
      std::ranges::sort(transport.legs.entries, {}, &SsrcMap::Entry::ssrc);
    settle_own_ssrcs(plan_);
    plan_.strangers = make_strangers(plan_);
    for (Id id = 0; id < plan_.transports.size(); ++id) {
      if (plan_.transports[id].send != nullptr) plan_.sources.push_back(id);
    }
    return std::move(plan_);
  }

 private:
  void use(Id id) {
    PortPolicy policy = policy_;
    const auto neighbour = neighbours_.find(plan_.transports[id].own.address);
    if (neighbour != neighbours_.end()) policy.mac = neighbour->second;
    equip(plan_.transports[id], config_.transports[id], engine_, policy);
  }

  void add_track(const config::Track& track) {
    const Id transport = transports_.at(track.transport);
    use(transport);
    tracks_[track.id] = &track;
    for (const config::Layer& layer : track.layers) {
      streams_[{track.id, layer.name}] = static_cast<Id>(plan_.streams.size());
      PlanStream stream{.name = track.id + ":" + layer.name, .transport = transport, .ssrc = layer.ssrc};
      // Below half of the sequence numbers, and not at the very beginning, so that no impairment of the first
      // packets reaches behind index 0.
      stream.first_sequence = static_cast<std::uint16_t>(0x100 + random_() % 0x7000);
      stream.first_timestamp = static_cast<std::uint32_t>(random_());
      stream.payload_type = options_.video ? kVideoType : kAudioType;
      plan_.streams.push_back(std::move(stream));
    }
  }

  void add_leg(const config::Leg& from) {
    const std::string& layer = from.layer.empty() ? tracks_.at(from.track)->layers.front().name : from.layer;
    PlanLeg leg{.name = from.name,
                .stream = streams_.at({from.track, layer}),
                .transport = transports_.at(from.transport),
                .rewrite = make_rewrite(from)};
    use(leg.transport);
    const auto id = static_cast<Id>(plan_.legs.size());
    PlanStream& stream = plan_.streams[leg.stream];
    // What a leg renames is what its publisher sends.
    if (stream.legs.empty() && !from.payload_types.empty()) {
      stream.payload_type = from.payload_types.begin()->first;
    }
    stream.legs.push_back(id);
    plan_.transports[leg.transport].legs.entries.push_back({from.ssrc, id});
    plan_.legs.push_back(std::move(leg));
  }

  const config::Config& config_;
  const srtp::Engine& engine_;
  PlanOptions options_;
  std::mt19937_64 random_;
  PortPolicy policy_;
  std::map<net::IpAddress, net::MacAddress> neighbours_;
  Names transports_;
  std::unordered_map<std::string_view, const config::Track*> tracks_;
  std::map<std::pair<std::string_view, std::string_view>, Id> streams_;
  Plan plan_;
};

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ value >> 32) * 0x9e3779b97f4a7c15;
  return value ^ value >> 29;
}

std::uint64_t hash_of(const net::Endpoint& own, const net::Endpoint& appliance) {
  const std::uint8_t* address = own.address.bytes.data();
  const std::uint8_t* other = appliance.address.bytes.data();
  const std::uint64_t ports = std::uint64_t{own.port} << 16 | appliance.port;
  std::uint64_t hash = mix(net::load_be64(address) ^ ports);
  hash = mix(hash ^ net::load_be64(address + 8));
  hash = mix(hash ^ net::load_be64(other + 8) ^ net::load_be64(other));
  return hash;
}

}  // namespace

Plan make_plan(const config::Config& config, const srtp::Engine& engine, const PlanOptions& options) {
  if (config.ports.size() != 1) {
    throw std::invalid_argument("ports: there are " + std::to_string(config.ports.size()) +
                                ", and one device plays only one");
  }
  if (config.tracks.empty()) throw std::invalid_argument("tracks: there are none, so nobody sends");
  return Builder(config, engine, options).build();
}

EndpointIndex::EndpointIndex(const Plan& plan)
    : plan_(plan), slots_(std::bit_ceil(std::max<std::size_t>(16, plan.transports.size() * 4))) {
  for (Id id = 0; id < plan.transports.size(); ++id) {
    const PlanTransport& transport = plan.transports[id];
    add(transport.own, transport.appliance, id);
    if (transport.own_rtcp != transport.own || transport.appliance_rtcp != transport.appliance) {
      add(transport.own_rtcp, transport.appliance_rtcp, id);
    }
  }
}

void EndpointIndex::add(const net::Endpoint& own, const net::Endpoint& appliance, Id transport) {
  const std::uint64_t hash = hash_of(own, appliance);
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at].transport != kNoId)
    at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {hash, transport};
}

Id EndpointIndex::find(const net::Endpoint& own, const net::Endpoint& appliance) const {
  const std::uint64_t hash = hash_of(own, appliance);
  for (std::size_t at = hash & (slots_.size() - 1); slots_[at].transport != kNoId;
       at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash != hash) continue;
    const PlanTransport& transport = plan_.transports[slots_[at].transport];
    if ((transport.own == own && transport.appliance == appliance) ||
        (transport.own_rtcp == own && transport.appliance_rtcp == appliance)) {
      return slots_[at].transport;
    }
  }
  return kNoId;
}

}  // namespace causeway::pktgen
