// Every timer and limit of the control core, as values. Keys, units, limits and help stand in
// schema_timers.h; what must hold between them is checked in validate_timers.cc.
#pragma once

#include "config/location.h"

namespace causeway::config {

// Beats between nodes, and what their absence means.
struct Heartbeat {
  unsigned interval_ms = 100;
  unsigned jitter_percent = 25;  // of the interval, only ever earlier (RFC 5880, 6.8.7)
  unsigned flows = 3;            // source ports of a pair of nodes, used in turn
  unsigned suspect_ms = 900;     // of silence: relays look elsewhere, nobody is convicted
  unsigned down_ms = 3000;       // of silence in both directions: the peer is gone, if helpers confirm
  unsigned up_beats = 30;        // two-way beats without a gap before a link may be up again
  unsigned hold_min_ms = 2000;   // then it waits for this long, and longer with each flap
  unsigned hold_max_ms = 300000;
  unsigned flap_forget_ms = 600000;  // without a flap, until the hold is hold_min_ms again
  unsigned probe_helpers = 3;
  unsigned probe_ms = 400;      // a helper's patience with the peer that it was asked about
  unsigned stall_ms = 200;      // between two turns of the control thread: it mistrusts itself
  unsigned startup_ms = 60000;  // no verdict on anybody
  Location where;
};

// From silence to a drain.
struct Isolation {
  unsigned soft_drain_ms = 15000;    // islanded without a break
  unsigned hard_drain_ms = 60000;    // likewise, and with a token
  unsigned recover_ms = 500;         // with a peer again, until a drain is aborted
  unsigned drain_percent_per_s = 2;  // of a site's sessions that are asked to move
  unsigned min_sites = 2;            // that stay undrained, whatever happens
  bool shadow = false;               // compute and count every verdict, and do nothing
  Location where;
};

// Relays between nodes.
struct Relaying {
  unsigned keepalive_interval_ms = 100;  // of a silent track, from its origin
  unsigned feed_window_ms = 300;         // without a packet: not fed
  unsigned feed_jitter_ms = 100;         // on top, for the path's variation
  unsigned answer_ms = 150;              // beyond a round trip, until a SUBSCRIBE counts as lost
  unsigned proof_ms = 400;               // from ACK to the first packet
  unsigned retry_min_ms = 50;
  unsigned retry_max_ms = 1000;
  unsigned refresh_ms = 5000;
  unsigned lease_ms = 20000;     // of a relay leg that is not refreshed
  unsigned avoid_min_ms = 2000;  // an upstream that acknowledged and did not deliver, longer each time
  unsigned avoid_max_ms = 60000;
  unsigned improve_ms = 10000;  // between two looks for a shorter path
  unsigned hop_limit = 3;
  unsigned forget_ms = 60000;       // a track that nobody here wants
  unsigned stamp_reserve = 4096;    // stamps that one write to disk reserves
  unsigned stamp_interval_ms = 20;  // between two stamps of a track
  unsigned subscribes_per_s = 20000;
  unsigned alarm_ms = 5000;      // subscribers, and no media: an alarm
  unsigned max_tracks = 131072;  // relayed by the node or wanted there
  unsigned max_legs = 262144;    // relay legs
  Location where;
};

// Which node has which track.
struct DirectoryTimers {
  unsigned batch_ms = 30;  // changes are collected for this long
  unsigned digest_ms = 1000;
  unsigned log_entries = 16384;   // own changes kept for peers that missed some
  unsigned max_tracks = 1200000;  // of all nodes together
  unsigned max_own_tracks = 1048576;
  unsigned repair_percent = 30;  // of kbit_per_s that repair may take
  unsigned kbit_per_s = 10000;   // sent to all peers together
  Location where;
};

}  // namespace causeway::config
