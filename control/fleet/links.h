// The way of messages between this node and its peers: sealed, through the workers' queues, by the pair's
// flows; and the transport of media to each of them, whose keys follow the boots of both ends.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "control/fleet/complaints.h"
#include "control/publish/publisher.h"
#include "control/wire/frame.h"
#include "control/wire/ids.h"
#include "control/wire/membership.h"
#include "control/wire/seal.h"
#include "dataplane/emit.h"
#include "dataplane/worker/node_queue.h"

namespace causeway::control::fleet {

// The fleet's configuration as the core wants it.
struct Roster {
  Membership membership;
  std::vector<std::string> names;        // by NodeId
  std::vector<net::Endpoint> endpoints;  // likewise
  NodeId self = kNoNode;
};
Roster make_roster(const config::Config& config);

struct LinkCounters {
  std::uint64_t received = 0;
  std::uint64_t not_authentic = 0;  // or of another version
  std::uint64_t sent = 0;
  std::uint64_t not_sent = 0;  // no next hop, no buffer, or the queue is full
};

// Control thread only.
class Links {
 public:
  // Adds a transport "node:NAME" without keys for each peer. All references outlive it.
  Links(const config::Config& config, const Roster& roster, BootId boot, Publisher& publisher,
        NodeQueue& queue);

  // One authentic frame.
  struct Frame {
    NodeId from = kNoNode;
    std::span<const std::uint8_t> bytes;
    std::uint64_t arrival_tsc = 0;
  };
  // Calls visit(Frame) for what has arrived.
  void receive(const std::function<void(const Frame&)>& visit);
  void send(NodeId to, std::uint8_t flow, std::span<const std::uint8_t> frame);

  // Peers whose transport has not the keys of their present boot.
  const NodeSet& unkeyed() const { return unkeyed_; }
  // Gives the peer's transport, of which no track makes use, the keys of the present boots. Returns its id.
  Id rekey(NodeId peer);
  // Media goes by the first flow that is not among these.
  void avoid_flows(NodeId peer, std::uint8_t broken);

  Id transport(NodeId peer) const { return peers_[peer].transport; }
  bool is_peer(NodeId node) const { return node < peers_.size() && peers_[node].sealer.has_value(); }
  const LinkCounters& counters() const { return counters_; }
  // Peers in whose name messages came that are not authentic, or of another version.
  std::vector<Complaint> complaints(TimeUs now_us) { return complaints_.due(now_us); }

 private:
  struct Peer {
    wire::PairKey key{};
    BootId boot = 0;  // the newest that was heard
    std::optional<wire::Sealer> sealer;
    std::optional<wire::Opener> opener;
    config::Transport config;
    std::uint8_t flow = 0;  // of media
    Id transport = kNoId;
    std::vector<HeaderTemplate> headers;  // of messages, by flow
  };
  void make_peer(const config::Config& config, const Roster& roster, NodeId node, const std::string& port);
  NodeFlows flows_of(NodeId peer) const;
  void add_transport(NodeId peer);

  const NodeId self_;
  const BootId boot_;
  const std::uint8_t flows_;
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
