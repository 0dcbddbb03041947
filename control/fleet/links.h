// The way of messages between this node and its peers: sealed, through the workers' queues, by the pair's
// flows; and the transport of media to each of them, whose keys follow the pair's and the boots of both ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "control/fleet/complaints.h"
#include "control/fleet/peer_keys.h"
#include "control/fleet/roster.h"
#include "control/journal/entry.h"
#include "control/pair/pair.h"
#include "control/publish/publisher.h"
#include "control/wire/ids.h"
#include "dataplane/emit.h"
#include "dataplane/worker/node_queue.h"

namespace causeway::control::fleet {

struct LinkCounters {
  std::uint64_t received = 0;
  std::uint64_t not_authentic = 0;  // or of another version
  std::uint64_t sent = 0;
  std::uint64_t not_sent = 0;  // no key or next hop yet, no buffer, or the queue is full
};

// Control thread only.
class Links {
 public:
  // Adds a transport "node:NAME" without keys for each peer. All references outlive it. Throws
  // pair::CredentialsError, and std::invalid_argument for names that no certificate can have.
  Links(const config::Config& config, const Roster& roster, BootId boot, Publisher& publisher,
        NodeQueue& queue, pair::Moment now);

  // One authentic frame.
  struct Frame {
    NodeId from = kNoNode;
    std::span<const std::uint8_t> bytes;
    std::uint64_t arrival_tsc = 0;
  };
  // Calls visit(Frame) for what has arrived. What is for the journal is appended to it.
  void receive(pair::Moment now, Journal& journal, const std::function<void(const Frame&)>& visit);
  void send(NodeId to, std::uint8_t flow, std::span<const std::uint8_t> frame);
  // Handshakes that are due, and transports whose keys have changed but for a boot.
  void tick(pair::Moment now, const NodeSet& ready, Journal& journal);

  // Peers whose transport has not the keys of their present boot.
  const NodeSet& unkeyed() const { return unkeyed_; }
  // Gives the peer's transport, of which no track makes use, the keys of the present boots. Returns its id;
  // kNoId: there is no room, which has to be tried again.
  Id rekey(NodeId peer);
  // Media goes by the first flow that is not among these.
  void avoid_flows(NodeId peer, std::uint8_t broken);

  bool is_peer(NodeId node) const { return node < peers_.size() && peers_[node].keys != nullptr; }
  const LinkCounters& counters() const { return counters_; }
  // Peers in whose name messages came that are not authentic, or of another version.
  std::vector<Complaint> complaints(TimeUs now_us) { return complaints_.due(now_us); }

 private:
  struct Peer {
    std::unique_ptr<PeerKeys> keys;  // null: this node itself
    BootId boot = 0;                 // the newest that was heard
    TimeUs heard_us = 0;
    config::Transport config;
    NodeLink link;
    Id transport = kNoId;
    std::vector<HeaderTemplate> headers;  // of messages, by flow
    std::uint8_t next_flow = 0;           // of handshakes
  };
  void make_peer(const config::Config& config, const Roster& roster, NodeId node, pair::Means means);
  void add_transport(NodeId peer);
  void take(NodeId from, const NodeDatagram& datagram, pair::Moment now, Journal& journal,
            const std::function<void(const Frame&)>& visit);
  bool transmit(Peer& peer, std::uint8_t flow, std::span<const std::uint8_t> datagram);
  void flush(Peer& peer, pair::PairOutput& out, Journal& journal);

  const NodeId self_;
  const BootId boot_;
  const std::uint8_t flows_;
  const TimeUs suspect_us_;
  const pair::PairTimers timers_;
  Publisher& publisher_;
  NodeQueue& queue_;
  std::uint16_t port_index_ = 0;
  std::vector<Peer> peers_;           // by NodeId
  std::vector<NodeId> by_transport_;  // by transport id
  NodeSet unkeyed_;
  LinkCounters counters_;
  Complaints complaints_;
};

}  // namespace causeway::control::fleet
