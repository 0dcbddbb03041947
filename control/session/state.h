// The desired state of one node as the configuration and the API ask for it: transports, the tracks that
// they publish, who subscribes to what, and what tracks of other nodes look like. A value: what it needs
// from other nodes is a function of it (needs.h), and so is what the data plane must hold (plan.h).
//
// Thread: one, the caller's. No function throws for what a user got wrong: see Outcome. Each of them either
// does all that it says, or nothing. Each is idempotent: asking for what is already so changes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "control/session/values.h"
#include "control/wire/ids.h"

namespace causeway::control::session {

// Why something was not done.
enum class Refusal : std::uint8_t {
  none,
  version,  // the state is at another version than the caller thought
  invalid,  // a value is impossible in itself, or on this node
  absent,   // it names something that is not there
  in_use,   // something else has, or needs, what it asks for
  full,     // a limit of the configuration is reached
};

struct [[nodiscard]] Outcome {
  Refusal refusal = Refusal::none;
  bool changed = false;
  std::string text;  // of a refusal: what is wrong with what; and what to do. Never key material
  std::vector<std::string> tracks;  // ids of those whose needs or plan may be others now; sorted

  bool ok() const { return refusal == Refusal::none; }
};

// A condition: do it only if the state is at this version.
using IfVersion = std::optional<std::uint64_t>;

// What a node that does not publish a track must know of it to relay it or to serve subscribers.
struct TrackInfo {
  std::string id;
  std::vector<std::string> layers;  // their names, as at the publisher
  Priority priority = Priority::normal;
};

// The SSRC under which nodes send one layer of a track to one another. A function of names alone, so that
// all nodes agree without a word, and a publisher that moves to another node under other SSRCs changes
// nothing downstream. Never 0.
std::uint32_t relay_ssrc(const TrackKey& track, std::string_view layer);

// All that is known of one track.
struct TrackRecord {
  TrackKey key;
  std::optional<Shared<config::Track>> published;  // here
  std::optional<Shared<config::Track>> described;  // as it is relayed: no transport, relay_ssrc()
  std::map<std::string, Shared<config::Leg>, std::less<>> subscriptions{};  // their names

  // What it looks like: as published here, or else as described. Null if nobody said.
  const config::Track* shape() const { return published ? &**published : described ? &**described : nullptr; }
};

class State {
 public:
  // Uses the node's ports, media.port_range and limits; not the configuration's transports, tracks and legs.
  explicit State(const config::Config& node);

  // Adds a transport, or changes the one of this name. Keys that anybody was ever sent anything under must
  // not come back under another name (RFC 3711, 9.1); the state only knows those that are in use now.
  Outcome put_transport(const config::Transport& transport, IfVersion if_version = {});
  // Takes the tracks that it publishes and the subscriptions that it is sent along.
  Outcome remove_transport(std::string_view name, IfVersion if_version = {});

  // Publishes a track on this node, or changes how it is published. Its subscriptions stay.
  Outcome publish(const config::Track& track, IfVersion if_version = {});
  Outcome unpublish(std::string_view id, IfVersion if_version = {});

  // Adds a subscription, or changes the one of this name. The track may be published anywhere, or nowhere
  // yet.
  Outcome subscribe(const config::Leg& leg, IfVersion if_version = {});
  Outcome unsubscribe(std::string_view name, IfVersion if_version = {});

  // Says what a track of other nodes looks like, or that nobody needs to know any more.
  Outcome describe(const TrackInfo& info, IfVersion if_version = {});
  Outcome forget(std::string_view id, IfVersion if_version = {});

  std::uint64_t version() const { return version_; }  // grows by one with each change

  // Null if there is none. Valid until the next change.
  const config::Transport* transport(std::string_view name) const;
  const config::Leg* subscription(std::string_view name) const;
  const TrackRecord* track(std::string_view id) const;
  const std::string* track_id(const TrackKey& key) const;

  // Two tracks must not be relayed under one SSRC: a peer could not tell them apart. The one with the lower
  // key has it, here as on every node that knows both. False for a track of which nobody said what it looks
  // like.
  bool may_relay(const TrackRecord& record) const;

  // In the order of names.
  const auto& transports() const { return transports_; }
  const auto& tracks() const { return tracks_; }
  const auto& subscriptions() const { return subscriptions_; }

 private:
  struct Use {  // of an SSRC on a transport
    bool is_leg = false;
    std::string name;  // of the subscription, or the track's id
    auto operator<=>(const Use&) const = default;
  };
  struct TransportRecord {
    Shared<config::Transport> value;
    std::map<std::uint32_t, Use> ssrcs{};
  };
  struct KeyUse {
    const config::Crypto* crypto;  // in the transport's record
    std::string_view transport;
    bool to_send;
  };
  struct KeyOrder {
    bool operator()(const KeyUse& a, const KeyUse& b) const;
  };
  using Endpoints = std::pair<net::Endpoint, net::Endpoint>;

  static std::vector<Endpoints> endpoints_of(const config::Transport& transport);
  Outcome check_version(IfVersion if_version) const;
  Outcome check(const config::Transport& transport) const;
  Outcome check_addresses(const config::Transport& transport) const;
  Outcome check_endpoints(const config::Transport& transport) const;
  Outcome check_keys(const config::Transport& transport) const;
  Outcome check_users(const config::Transport& transport) const;
  Outcome check(const config::Track& track) const;
  Outcome check(const config::Leg& leg) const;
  Outcome check_track_of(const config::Leg& leg) const;
  Outcome check(const TrackInfo& info) const;
  Outcome check_ssrc(const std::string& transport, std::uint32_t ssrc, const Use& user) const;

  // What the checks have already allowed.
  void index(const config::Transport& transport);
  void unindex(const config::Transport& transport);
  void take_ssrcs(const config::Track& track);
  void give_back_ssrcs(const config::Track& track);
  TrackRecord& record_of(const std::string& id);
  void drop_if_unused(const std::string& id);
  void drop_publication(TrackRecord& record);
  void drop_subscription(const std::string& name);
  // Around a change of what a track looks like. Appends the tracks that it gives way to, or takes way from.
  void claim(const TrackRecord& record, std::vector<std::string>& touched);
  void release(const TrackRecord& record, std::vector<std::string>& touched);
  Outcome changed(std::vector<std::string> touched);

  std::shared_ptr<const config::Config> node_;
  std::uint64_t version_ = 0;
  std::map<std::string, TransportRecord, std::less<>> transports_;
  std::map<std::string, TrackRecord, std::less<>> tracks_;  // by id; with anything to say of them
  std::map<std::string, Shared<config::Leg>, std::less<>> subscriptions_;
  std::size_t published_ = 0;
  std::size_t described_ = 0;
  std::map<TrackKey, std::string> ids_;
  std::map<Endpoints, std::string> endpoints_;  // which transport has them
  std::set<KeyUse, KeyOrder> keys_;
  std::map<std::uint32_t, std::set<TrackKey>> relay_ssrcs_;  // who would use it
};

}  // namespace causeway::control::session
