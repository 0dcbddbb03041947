// The control core joined to this node: what arrives is given to it, what it wants done is done, and the
// tables follow what it decides. The only place where it meets a clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "control/core/core.h"
#include "control/durable/state_file.h"
#include "control/durable/state_writer.h"
#include "control/fleet/links.h"
#include "control/publish/keeper.h"
#include "control/session/descriptions.h"
#include "control/session/needs.h"
#include "control/session/state.h"
#include "dataplane/counters.h"
#include "dataplane/worker/node_queue.h"

namespace causeway::control::fleet {

// What a turn needs to know of the data plane and the time.
struct Now {
  TimeUs us = 0;                  // monotonic
  std::int64_t wall_s = 0;        // since 1970
  std::uint64_t tsc = 0;          // at the same moment
  std::uint64_t local_media = 0;  // packets of own publishers and subscribers so far
  std::uint64_t lost = 0;         // messages and reports that did not fit into the queue so far
  unsigned load_percent = 0;      // of what the workers can do
};

struct WatermarkView {
  Stamp wanted = 0;
  Stamp on_disk = 0;
  bool is_failing = false;
  std::uint64_t failures = 0;
};

// Control thread only.
class Fleet {
 public:
  // Takes the node's identity from disk. Throws durable::StateError, and as Links does. All references
  // outlive it.
  Fleet(const config::Config& config, session::State& state, Keeper& keeper, Publisher& publisher,
        NodeQueue& queue, std::uint64_t tsc_hz, const Now& now);

  // What arrived, what is due, and what has to be done about it. Returns what is for the journal. The tables
  // follow in Keeper::turn().
  Journal turn(const Now& now);
  // After an operation on the state (Outcome::tracks).
  void changed(std::span<const std::string> tracks);

  // A wish: other nodes are told.
  void drain_by_operator(bool on) { core_->drain_by_operator(on); }

  WatermarkView watermark() const { return watermark_; }
  RelayView relay(const TrackKey& track) const { return core_->relay(track); }
  const Core& core() const { return *core_; }
  const Links& links() const { return links_; }
  const Roster& roster() const { return roster_; }
  BootId boot() const { return identity_.boot; }
  // Readable when turn() has something to do at once: a watermark came to be on disk.
  int fd() const { return writer_.fd(); }

 private:
  void take_media(const Now& now);
  void take_frames(const Now& now);
  void take_watermark(TimeUs now_us);
  void take_received(TimeUs now_us);
  void do_effects();
  void key_peers();
  void describe(TimeUs now_us);
  void answer(NodeId to, const TrackKey& key, TimeUs now_us);
  void learn(const session::TrackInfo& info, TimeUs now_us);
  void forget_descriptions(TimeUs now_us);
  void tell_needs(TimeUs now_us);
  void complain(TimeUs now_us);
  TimeUs to_us(std::uint64_t tsc, const Now& now) const;

  const config::Config& config_;
  session::State& state_;
  Keeper& keeper_;
  const Publisher& publisher_;
  NodeQueue& queue_;
  const std::uint64_t tsc_hz_;
  const Roster roster_;
  const durable::StateFile file_;
  const durable::NodeState identity_;
  durable::StateWriter writer_;
  WatermarkView watermark_;
  Links links_;
  Effects effects_;
  std::unique_ptr<Core> core_;
  session::Needs needs_;
  std::vector<std::string> changed_;  // tracks whose needs are to be told
  session::Descriptions descriptions_;
  std::uint64_t local_media_ = 0;
  std::uint64_t lost_ = 0;
  TimeUs housekeeping_us_ = 0;
};

}  // namespace causeway::control::fleet
