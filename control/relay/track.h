// What a node keeps of one track that it originates, wants or relays.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "control/relay/message.h"
#include "control/relay/order.h"
#include "control/wire/ids.h"
#include "control/wire/label.h"

namespace causeway::control::relay {

constexpr bool is_older(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) < 0;
}

// X -> peer, or the question whether it may be.
struct Upstream {
  NodeId peer = kNoNode;
  std::uint32_t nonce = 0;         // of the first question
  std::uint32_t newest_nonce = 0;  // the peer may have heard any from the first to this one
  bool acknowledged = false;
  Label label;               // which it acknowledged
  Path path;                 // from the origin to the peer
  TimeUs again_us = kNever;  // when the question is sent again, in case it was lost
  TimeUs deadline_us = 0;    // of the answer, then of the proof; unused once it is active
  Label early;               // on a packet that came before the answer
  TimeUs early_us = kLongAgo;
  Order order;  // the gate: what is known of the graph through this upstream

  bool is(NodeId node, std::uint32_t said) const {
    return peer == node && !is_older(said, nonce) && !is_older(newest_nonce, said);
  }
};

// A peer that takes the track from here, or would.
struct Downstream {
  NodeId peer = kNoNode;
  std::uint32_t nonce = 0;
  bool is_leg = false;      // otherwise it waits, for media or for a better label
  Path path;                // on whose behalf it asks
  NodeId origin = kNoNode;  // by what they know
  TimeUs until_us = 0;      // lease, or patience
  std::uint8_t reach = 0;   // of its question
};

// An upstream that did not deliver.
struct Avoided {
  NodeId peer = kNoNode;
  TimeUs until_us = 0;
  TimeUs wait_us = 0;  // the last one, which doubles
};

struct Track {
  TrackKey key;
  Label fd;
  bool is_origin = false;   // holds the publisher
  bool is_stamped = false;  // and its stamp is issued: now it is fed
  bool is_wanted = false;   // by local subscribers
  bool is_fed = false;      // packets of the active upstream arrive
  TimeUs fed_us = 0;        // when the last one arrived
  std::optional<Upstream> active;
  std::optional<Upstream> pending;
  std::vector<Downstream> downstream;

  // Seeking.
  NodeSet tried;              // in this round
  NodeSet invited;            // said in this round that they are fed
  NodeSet quiet;              // said no, and will say when it would be yes
  TimeUs quiet_until_us = 0;  // then they are asked again: what they said may be lost
  TimeUs ask_at_us = 0;       // not before
  TimeUs wait_us = 0;         // between rounds, doubles
  TimeUs move_wait_us = 0;    // between moves to a better claim that failed, doubles
  bool is_moving = false;     // the last look was for a move
  std::vector<Avoided> avoided;
  TimeUs starved_us = kNever;  // since when; kNever: fed, or nobody wants it
  bool is_alarmed = false;

  TimeUs refresh_at_us = 0;
  bool is_refresh_open = false;  // sent and not acknowledged
  TimeUs improve_at_us = 0;
  bool is_pressed = false;    // a peer needs a shorter way than this node has
  TimeUs press_at_us = 0;     // not before
  TimeUs hold_us = kLongAgo;  // until then the label is not raised by the active upstream's packets
  TimeUs stamp_at_us = 0;     // the next stamp not before
  Stamp stamp_asked = 0;      // the highest `above` that was sent towards the origin
  TimeUs stamp_asked_us = 0;  // and when, the last time
  TimeUs stamp_since_us = 0;  // and the first time
  TimeUs unused_us = kNever;  // since when nobody needs it
  TimeUs due_us = kNever;     // of its entry in the timer queue

  bool fed() const { return is_origin ? is_stamped : is_fed; }
  bool needed() const { return is_origin || is_wanted || !downstream.empty(); }

  Downstream* find_downstream(NodeId peer) {
    const auto at = std::ranges::find(downstream, peer, &Downstream::peer);
    return at == downstream.end() ? nullptr : &*at;
  }
  bool is_avoided(NodeId peer, TimeUs now_us) const {
    return std::ranges::any_of(
        avoided, [&](const Avoided& other) { return other.peer == peer && other.until_us > now_us; });
  }
  // The node and its upstreams up to the origin: who may not be its leg.
  bool is_upstream(NodeId node) const {
    return (active && (active->peer == node || active->path.contains(node))) ||
           (pending && (pending->peer == node || pending->path.contains(node)));
  }
};

}  // namespace causeway::control::relay
