// From desired state to the tables that workers read, entry by entry, while they forward. The only writer of
// Tables, TransportIndex and the snapshot pointer. Whatever a worker may still be looking at is freed, and
// the slot of what was removed is used again, only after a grace period.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "control/publish/slots.h"
#include "dataplane/grace.h"
#include "dataplane/session.h"
#include "dataplane/tables.h"

namespace causeway::control {

// What an id stands for, for people. Index: the id; the name of what was removed is empty.
struct Inventory {
  struct LayerName {
    std::string track;
    std::string layer;
  };
  std::vector<std::string> ports;
  std::vector<std::string> transports;
  std::vector<LayerName> layers;
  std::vector<std::string> legs;
  // What comes from peers, by the id of its layer in the tables; `node` is kNoNode where there is none.
  struct InletName {
    std::string track;
    std::uint8_t node = kNoNode;
  };
  std::vector<InletName> inlets;
};

// A remote that is a node of the fleet. Its media and messages use `flows` consecutive UDP ports at both
// ends, from the transport's own on; what is sent to it uses the `flow`-th of them.
struct NodeLink {
  std::uint8_t node = kNoNode;
  std::uint8_t flows = 1;
  std::uint8_t flow = 0;
  std::uint8_t send_epoch = 0;                  // what packets say of the key to send with
  std::optional<config::Crypto> receive_other;  // accepted besides the transport's own
  std::uint8_t other_epoch = 0;                 // by what packets under it are known
};

// A pair's endpoint as its flow-th flow has it.
inline net::Endpoint of_flow(net::Endpoint first, unsigned flow) {
  first.port = static_cast<std::uint16_t>(first.port + flow);
  return first;
}

// How a track's legs are split among the workers.
struct Sharding {
  std::size_t workers = 1;
  std::size_t legs_per_shard = 1024;  // another worker is asked for help beyond these
};

// Control thread only. What the functions throw leaves everything as it was: std::length_error if a table is
// full, std::invalid_argument if a name, SSRC or address is unknown or in use, or a change is none that can
// be made.
class Publisher {
 public:
  Publisher(Tables& tables, Session& session, TransportRegistry& registry, const srtp::Engine& engine,
            GracePeriods& grace, Sharding sharding = {});
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // The pointer that workers read. Replaces the snapshot; the old one is freed after a grace period.
  const std::atomic<const Snapshot*>& snapshot() const { return snapshot_; }
  void publish_snapshot(std::unique_ptr<const Snapshot> next, std::vector<std::string> port_names);

  // A change may give other endpoints, ports and keys; tracks and legs stay, and go on with their numbers.
  // Keys to send with cannot be taken away while there are legs, nor in the grace period of the last one.
  // Removing a transport removes the tracks that it publishes and the legs that it is sent. A transport that
  // is added again needs new keys: its indices start again (RFC 3711, 9.1).
  Id add_transport(const config::Transport& transport, const NodeLink& link = {});
  void change_transport(const config::Transport& transport, const NodeLink& link = {});
  void remove_transport(const std::string& name);

  // Removing a track removes its legs and upstreams. A track without a transport is relayed: it comes from
  // its upstreams.
  void add_track(const config::Track& track);
  void remove_track(const std::string& id);

  // A peer may send the track, which has no transport of its own, from now on. Throws std::length_error or
  // std::invalid_argument as above. Returns the ids of its inlets.
  std::vector<Id> add_upstream(const std::string& track, std::uint8_t node, const std::string& transport);
  void remove_upstream(const std::string& track, std::uint8_t node);
  // Which upstream is forwarded (kNoNode: none), and what legs to peers say of the track.
  void set_relay(const std::string& track, std::uint8_t active, const Label& label);

  // A change may give other payload types, offsets (of the timestamp only) and another priority. A leg that
  // comes back under an SSRC that its transport was sent before goes on behind the last index; while that is
  // not known yet, for its grace period, adding it throws std::invalid_argument.
  Id add_leg(const config::Leg& leg);
  void change_leg(const config::Leg& leg);
  void remove_leg(const std::string& name);

  // Frees what has had its grace period. Returns how many things still wait.
  std::size_t reclaim();
  bool at_rest() const { return retired_.empty(); }  // nothing waits

  const Inventory& inventory() const { return inventory_; }
  const Tables& tables() const { return tables_; }
  const Session& session() const { return session_; }

 private:
  // How far a removed leg's indices got.
  struct Ended {
    bool known = false;  // false: workers may still be sending
    std::int64_t next = 0;
    std::uint32_t rtcp_send_index = 0;
  };
  struct Upstream {
    Id transport = kNoId;
    std::vector<Id> inlets;
  };
  struct Track {
    Id transport = kNoId;  // kNoId: relayed
    std::map<std::string, Id> layers;
    Id relay = kNoId;
    std::map<std::uint8_t, Upstream> upstreams;  // by node
    std::uint8_t active = kNoNode;
    Label label;
    std::vector<Id> relay_legs;  // of the first layer
  };
  // Where a transport is found: its RTP addresses and ports, and those of RTCP.
  using Keys = std::vector<TransportKey>;

  template <class T>
  void replace(std::atomic<const T*>& pointer, std::unique_ptr<const T> next);
  void retire(std::function<void()> free);
  std::unique_ptr<TransportSettings> make_settings(const config::Transport& transport,
                                                   const NodeLink& link) const;
  static Keys keys_of(const config::Transport& transport, const NodeLink& link, std::uint16_t port_index);
  std::uint16_t port_index_of(const config::Transport& transport) const;
  void add_keys(const Keys& keys, Id id);
  void settle_own_ssrc(Transport& transport);
  std::uint8_t shard_for(const LegList* legs) const;
  void remove_leg(Id id);
  void remove_layer(Id id);
  std::vector<Id> take_layers(std::size_t count);
  void name_layer(Id id, const std::string& track, const std::string& layer);
  void open_relay(Track& track);
  void close_relay(Track& track);
  void renew_relay(const Track& track);
  void count_relay_leg(const std::string& track, Id layer, Id leg, bool is_added);
  void remove_inlets(const Upstream& upstream);
  void end_leg(Id id, Id transport, std::uint32_t transport_generation, std::uint32_t ssrc);

  Tables& tables_;
  Session& session_;
  TransportRegistry& registry_;
  const srtp::Engine& engine_;
  GracePeriods& grace_;
  Sharding sharding_;
  std::atomic<const Snapshot*> snapshot_{nullptr};
  Slots transport_slots_;
  Slots layer_slots_;
  Slots leg_slots_;
  Slots relay_slots_;
  std::size_t next_owner_ = 0;  // of relayed tracks, in turn
  Inventory inventory_;
  std::map<std::string, Id> transports_;
  std::map<std::string, Track> tracks_;
  std::map<std::string, Id> legs_;
  std::vector<Keys> keys_;                             // by transport
  std::vector<std::map<std::uint32_t, Ended>> ended_;  // by transport, then SSRC
  struct Retired {
    std::uint64_t token;
    std::function<void()> free;
  };
  std::deque<Retired> retired_;
};

}  // namespace causeway::control
