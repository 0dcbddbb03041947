// The control core of one node: beats, verdicts, relays, directory and drain, as one state machine without a
// clock, a socket or a thread. The same object code runs in the appliance, in the simulator and in the
// fuzzer.
//
// Thread: one, the caller's. `now_us` is the node's monotonic clock; should it step back, time inside goes on
// from where it was. `effects` is appended to. Before tick() judges a timer, whatever arrived must have been
// given to on_media(), and then to on_frame(), so that the node's own stall is never taken for its peers'
// silence.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/timers.h"
#include "control/core/effects.h"
#include "control/core/view.h"
#include "control/directory/counters.h"
#include "control/relay/counters.h"
#include "control/relay/view.h"
#include "control/verdict/view.h"
#include "control/wire/ids.h"
#include "control/wire/label.h"
#include "control/wire/membership.h"

namespace causeway::control {

struct CoreSettings {
  Membership membership;
  std::vector<std::string> names;  // of the nodes, for people
  NodeId self = 0;
  BootId boot = 1;         // greater than any before
  Stamp watermark = 0;     // as it stood on disk
  std::uint64_t seed = 0;  // of the jitter and the choice of helpers
  bool has_arbiter = false;
  config::Heartbeat heartbeat;
  config::Isolation isolation;
  config::Relaying relay;
  config::DirectoryTimers directory;
};

enum class TokenAnswer : std::uint8_t { granted, refused };

struct FrameCounters {
  std::uint64_t taken = 0;
  std::uint64_t malformed = 0;        // no frame, or not of whom it came from
  std::uint64_t of_another_boot = 0;  // of an old boot of the sender, or for one of this node
  std::uint64_t replayed = 0;         // arrived already
  std::uint64_t malformed_records = 0;
  std::uint64_t unknown_records = 0;  // of a later version: skipped
};

class Core {
 public:
  Core(CoreSettings settings, TimeUs now_us, Effects& effects);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // An authenticated frame of the pair with `from`. arrived_us: when a worker received it.
  void on_frame(NodeId from, std::span<const std::uint8_t> frame, TimeUs arrived_us, TimeUs now_us,
                Effects& effects);
  // An authenticated packet or keepalive of a track from a peer node, with the label that its shim carries.
  // The data plane reports the first of a pending upstream, each with a label that was not reported yet, and
  // else at least one in each third of the feed window.
  void on_media(const TrackKey& track, NodeId from, const Label& label, TimeUs arrived_us, TimeUs now_us,
                Effects& effects);
  void on_local_media(TimeUs arrived_us);             // a packet of an own publisher or subscriber arrived
  void on_overflow(TimeUs now_us, Effects& effects);  // frames were lost on the way from the workers
  void on_watermark(Stamp on_disk, TimeUs now_us, Effects& effects);
  void on_token(TokenAnswer answer, TimeUs now_us, Effects& effects);

  // What the session layer decided. Idempotent. False: there is no room for another track.
  bool publish(const TrackKey& track, TimeUs now_us, Effects& effects);
  void unpublish(const TrackKey& track, TimeUs now_us, Effects& effects);
  bool want(const TrackKey& track, TimeUs now_us, Effects& effects);  // at least one local subscriber
  void unwant(const TrackKey& track, TimeUs now_us, Effects& effects);
  void drain_by_operator(bool on);  // what the own beats say, as if it were a soft drain
  void set_load(unsigned percent);  // of what the node can carry

  // A record of the session layer, for another one (Effects::received there).
  void send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body, TimeUs now_us,
            Effects& effects);

  // The arbiter's word that other sites look islanded, too (COMMON_MODE). Absent an arbiter: never called.
  void on_common_mode(bool others_islanded, TimeUs now_us, Effects& effects);

  // What peers announced is dropped and asked for anew: for operators, and the simulator.
  void forget_directory(TimeUs now_us, Effects& effects);

  void tick(TimeUs now_us, Effects& effects);
  TimeUs next_due_us() const;  // when tick() has something to do

  RelayView relay(const TrackKey& track) const;
  // Does any node say in the directory that it is the track's origin?
  bool is_claimed(const TrackKey& track) const;
  DrainState drain() const;
  std::uint8_t broken_flows(NodeId peer) const;  // bit f: flow f of the pair does not carry both ways
  // Nodes that this node convicted (PEER_GONE).
  NodeSet convicted() const;
  const FrameCounters& frame_counters() const;
  const relay::Counters& relay_counters() const;

  // For people and metrics.
  PeerReport peer(NodeId peer, TimeUs now_us) const;  // all zeros of who is none
  SelfReport own() const;
  relay::Tally relay_tally() const;  // looks at all tracks
  // The tracks that it relays, behind `after` in the order of keys. Looks at all tracks.
  std::vector<TrackKey> relayed(const TrackKey& after, std::size_t most) const;
  std::size_t claims() const;  // tracks in the directory, of all nodes
  const directory::Counters& directory_counters() const;

 private:
  struct Parts;
  TimeUs enter(TimeUs now_us);
  TimeUs offset_us_ = 0;  // of the time inside to the clock, which has stepped back
  std::unique_ptr<Parts> parts_;
};

}  // namespace causeway::control
