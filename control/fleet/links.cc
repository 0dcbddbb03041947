#include "control/fleet/links.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

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

pair::PairTimers timers_of(const config::Fleet& fleet) {
  pair::PairTimers timers;
  timers.rekey_us = from_ms(std::uint64_t{fleet.rekey_hours} * 3600 * 1000);
  return timers;
}

}  // namespace

Links::Links(const config::Config& config, const Roster& roster, BootId boot, Publisher& publisher,
             NodeQueue& queue, pair::Moment now)
    : self_(roster.self),
      boot_(boot),
      flows_(static_cast<std::uint8_t>(config.heartbeat.flows)),
      suspect_us_(from_ms(config.heartbeat.suspect_ms)),
      timers_(timers_of(config.fleet)),
      publisher_(publisher),
      queue_(queue),
      peers_(roster.names.size()) {
  const config::Port& port = port_of(config, roster.endpoints[self_].address);
  port_index_ = static_cast<std::uint16_t>(&port - config.ports.data());
  const Credentials credentials(config, now.wall_s);
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    const auto node = static_cast<NodeId>(i);
    if (node == self_) continue;
    make_peer(config, roster, node, credentials.means(roster.names[self_], roster.names[node]));
    pair::PairOutput out;  // next hops are not known yet: what it sends is sent again
    peers_[node].keys->start(now, out);
    peers_[node].heard_us = now.us;
  }
}

void Links::make_peer(const config::Config& config, const Roster& roster, NodeId node, pair::Means means) {
  Peer& peer = peers_[node];
  peer.keys = std::make_unique<PeerKeys>(pair::PairNames{self_, node, roster.names[node]}, timers_,
                                         std::move(means), boot_, boot_ * 31 + node);
  peer.config.name = session::node_transport(roster.names[node]);
  peer.config.port = config.ports[port_index_].name;
  peer.config.local = roster.endpoints[self_];
  peer.config.remote = roster.endpoints[node];
  peer.link = {.node = node, .flows = flows_};
  const PortPolicy& policy = publisher_.snapshot().load()->ports.at(port_index_);
  for (unsigned flow = 0; flow < flows_; ++flow) {
    peer.headers.push_back(
        make_header_template(policy, of_flow(peer.config.local, flow), of_flow(peer.config.remote, flow)));
  }
  add_transport(node);
}

void Links::add_transport(NodeId node) {
  Peer& peer = peers_[node];
  peer.transport = publisher_.add_transport(peer.config, peer.link);
  if (by_transport_.size() <= peer.transport) by_transport_.resize(peer.transport + 1, kNoNode);
  by_transport_[peer.transport] = node;
}

// ---- messages

void Links::receive(pair::Moment now, Journal& journal, const std::function<void(const Frame&)>& visit) {
  queue_.receive(kFramesPerTurn, [&](const NodeDatagram& datagram) {
    ++counters_.received;
    const NodeId from =
        datagram.transport < by_transport_.size() ? by_transport_[datagram.transport] : kNoNode;
    if (is_peer(from))
      take(from, datagram, now, journal, visit);  // else its transport was replaced meanwhile
  });
}

void Links::take(NodeId from, const NodeDatagram& datagram, pair::Moment now, Journal& journal,
                 const std::function<void(const Frame&)>& visit) {
  Peer& peer = peers_[from];
  pair::PairOutput out;
  if (pair::is_dtls(datagram.bytes)) {
    peer.keys->on_dtls(datagram.bytes, now, out);
    return flush(peer, out, journal);
  }
  std::array<std::uint8_t, wire::kMaxFrameBytes> room;
  const auto frame = peer.keys->open(datagram.bytes, room, now, out);
  flush(peer, out, journal);
  wire::FrameHeader header;
  std::span<const std::uint8_t> records;
  if (!frame || wire::read_frame(*frame, header, records) != wire::FrameError::none) {
    ++counters_.not_authentic;
    // Beside what is authentic it is a forgery, and only counted. Without any key a handshake is under way.
    if (peer.keys->has_key() && now.us >= peer.heard_us + suspect_us_) complaints_.note(from);
    return;
  }
  peer.heard_us = now.us;
  if (header.boot > peer.boot) {
    peer.boot = header.boot;
    unkeyed_.insert(from);
  }
  visit({from, *frame, datagram.arrival_tsc});
}

void Links::send(NodeId to, std::uint8_t flow, std::span<const std::uint8_t> frame) {
  std::array<std::uint8_t, wire::kMaxFrameBytes> sealed;
  if (!is_peer(to)) return;
  Peer& peer = peers_[to];
  const std::size_t size = peer.keys->seal(frame, sealed);
  const bool sent = size != 0 && transmit(peer, flow, std::span(sealed).first(size));
  ++(sent ? counters_.sent : counters_.not_sent);
}

bool Links::transmit(Peer& peer, std::uint8_t flow, std::span<const std::uint8_t> datagram) {
  net::MacAddress next_hop;
  return peer.transport != kNoId && publisher_.tables().transports[peer.transport].next_hop.read(next_hop) &&
         queue_.send(peer.headers[flow % flows_], next_hop, port_index_, datagram);
}

// Handshakes go by each flow in turn: one that does not get through must not prevent them.
void Links::flush(Peer& peer, pair::PairOutput& out, Journal& journal) {
  for (const auto& datagram : out.datagrams)
    transmit(peer, peer.next_flow++, datagram);
  out.datagrams.clear();
  std::ranges::move(out.journal, std::back_inserter(journal));
  out.journal.clear();
}

// ---- keys

void Links::tick(pair::Moment now, const NodeSet& ready, Journal& journal) {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    const auto node = static_cast<NodeId>(i);
    if (!is_peer(node)) continue;
    Peer& peer = peers_[node];
    pair::PairOutput out;
    if (now.us >= peer.heard_us + suspect_us_) peer.keys->on_unheard(now, out);
    if (now.us >= peer.keys->next_due_us()) peer.keys->tick(now, out);
    flush(peer, out, journal);
    if (!ready.contains(node) || unkeyed_.contains(node) || !peer.keys->take_changed()) continue;
    peer.keys->key(peer.boot, peer.config, peer.link);
    publisher_.change_transport(peer.config, peer.link);
  }
}

Id Links::rekey(NodeId node) {
  Peer& peer = peers_[node];
  if (peer.transport != kNoId) {
    by_transport_[peer.transport] = kNoNode;
    publisher_.remove_transport(peer.config.name);
    peer.transport = kNoId;
  }
  peer.keys->take_changed();
  peer.keys->key(peer.boot, peer.config, peer.link);
  try {
    add_transport(node);
  } catch (const std::length_error&) {  // what was removed has not had its grace period
    return kNoId;
  }
  unkeyed_.erase(node);
  return peer.transport;
}

void Links::avoid_flows(NodeId node, std::uint8_t broken) {
  Peer& peer = peers_[node];
  std::uint8_t flow = 0;
  while (flow < flows_ && (broken >> flow & 1) != 0)
    ++flow;
  if (flow == flows_ || flow == peer.link.flow) return;
  peer.link.flow = flow;
  publisher_.change_transport(peer.config, peer.link);
}

}  // namespace causeway::control::fleet
