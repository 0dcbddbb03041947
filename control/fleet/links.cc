#include "control/fleet/links.h"

#include <algorithm>
#include <array>

#include "control/fleet/pair_keys.h"
#include "control/session/plan.h"

namespace causeway::control::fleet {
namespace {

// Of each worker in one turn: more waits for the next one.
constexpr std::size_t kFramesPerTurn = 1024;

// The port that has the node's own address. validate() has found one.
const config::Port& port_of(const config::Config& config, const net::IpAddress& own) {
  return *std::ranges::find_if(config.ports, [&](const config::Port& port) {
    return std::ranges::any_of(port.addresses, [&](const auto& address) { return address.address == own; });
  });
}

net::Endpoint shifted(net::Endpoint endpoint, unsigned ports) {
  endpoint.port = static_cast<std::uint16_t>(endpoint.port + ports);
  return endpoint;
}

}  // namespace

Roster make_roster(const config::Config& config) {
  Roster roster;
  const std::size_t nodes = config.fleet.nodes.size();
  roster.names.resize(nodes);
  roster.endpoints.resize(nodes);
  roster.membership.site_of.resize(nodes);
  for (const config::FleetNode& node : config.fleet.nodes) {
    const auto site = std::ranges::find(config.sites, node.site, &config::Site::name);
    roster.names[node.id] = node.name;
    roster.endpoints[node.id] = node.endpoint;
    roster.membership.site_of[node.id] = static_cast<SiteId>(site - config.sites.begin());
    if (node.name == config.node.name) roster.self = static_cast<NodeId>(node.id);
  }
  return roster;
}

Links::Links(const config::Config& config, const Roster& roster, BootId boot, Publisher& publisher,
             NodeQueue& queue)
    : self_(roster.self),
      boot_(boot),
      flows_(static_cast<std::uint8_t>(config.heartbeat.flows)),
      publisher_(publisher),
      queue_(queue),
      peers_(roster.names.size()) {
  const config::Port& port = port_of(config, roster.endpoints[self_].address);
  port_index_ = static_cast<std::uint16_t>(&port - config.ports.data());
  for (std::size_t node = 0; node < peers_.size(); ++node) {
    if (node != self_) make_peer(config, roster, static_cast<NodeId>(node), port.name);
  }
}

void Links::make_peer(const config::Config& config, const Roster& roster, NodeId node,
                      const std::string& port) {
  Peer& peer = peers_[node];
  peer.key = pair_key(config.fleet.key.bytes(), self_, node);
  peer.sealer.emplace(peer.key, self_, node, boot_);
  peer.opener.emplace(peer.key, node, self_);
  peer.config.name = session::node_transport(roster.names[node]);
  peer.config.port = port;
  peer.config.local = roster.endpoints[self_];
  peer.config.remote = roster.endpoints[node];
  const PortPolicy& policy = publisher_.snapshot().load()->ports.at(port_index_);
  for (unsigned flow = 0; flow < flows_; ++flow)
    peer.headers.push_back(
        make_header_template(policy, shifted(peer.config.local, flow), shifted(peer.config.remote, flow)));
  add_transport(node);
}

NodeFlows Links::flows_of(NodeId peer) const {
  return {.node = peer, .flows = flows_, .flow = peers_[peer].flow};
}

void Links::add_transport(NodeId node) {
  Peer& peer = peers_[node];
  peer.transport = publisher_.add_transport(peer.config, flows_of(node));
  if (by_transport_.size() <= peer.transport) by_transport_.resize(peer.transport + 1, kNoNode);
  by_transport_[peer.transport] = node;
}

void Links::receive(const std::function<void(const Frame&)>& visit) {
  std::array<std::uint8_t, wire::kMaxFrameBytes> room;
  queue_.receive(kFramesPerTurn, [&](const NodeDatagram& datagram) {
    ++counters_.received;
    const NodeId from =
        datagram.transport < by_transport_.size() ? by_transport_[datagram.transport] : kNoNode;
    if (!is_peer(from)) return;  // its transport was replaced meanwhile
    Peer& peer = peers_[from];
    const auto frame = peer.opener->open(datagram.bytes, room);
    wire::FrameHeader header;
    std::span<const std::uint8_t> records;
    if (!frame || wire::read_frame(*frame, header, records) != wire::FrameError::none) {
      ++counters_.not_authentic;
      complaints_.note(from);
      return;
    }
    if (header.boot > peer.boot) {
      peer.boot = header.boot;
      unkeyed_.insert(from);
    }
    visit({from, *frame, datagram.arrival_tsc});
  });
}

void Links::send(NodeId to, std::uint8_t flow, std::span<const std::uint8_t> frame) {
  std::array<std::uint8_t, wire::kMaxFrameBytes> sealed;
  Peer& peer = peers_[to];
  const std::size_t size = is_peer(to) ? peer.sealer->seal(frame, sealed) : 0;
  net::MacAddress next_hop;
  if (size == 0 || !publisher_.tables().transports[peer.transport].next_hop.read(next_hop) ||
      !queue_.send(peer.headers[flow % flows_], next_hop, port_index_, std::span(sealed).first(size))) {
    ++counters_.not_sent;
    return;
  }
  ++counters_.sent;
}

Id Links::rekey(NodeId node) {
  Peer& peer = peers_[node];
  by_transport_[peer.transport] = kNoNode;
  publisher_.remove_transport(peer.config.name);
  peer.config.receive = media_keys(peer.key, node, peer.boot, self_, boot_);
  peer.config.send = media_keys(peer.key, self_, boot_, node, peer.boot);
  add_transport(node);
  unkeyed_.erase(node);
  return peer.transport;
}

void Links::avoid_flows(NodeId node, std::uint8_t broken) {
  Peer& peer = peers_[node];
  std::uint8_t flow = 0;
  while (flow < flows_ && (broken >> flow & 1) != 0)
    ++flow;
  if (flow == flows_ || flow == peer.flow) return;
  peer.flow = flow;
  publisher_.change_transport(peer.config, flows_of(node));
}

}  // namespace causeway::control::fleet
