// The simulated world: nodes with their minds, clocks, disks and data planes, the network between them, the
// arbiter, and a plan of what is done to them. One plan is one run, bit for bit.
//
// Files in the order of an event: world.cc (time goes on), world_control.cc (a node's mind is told, and what
// it wants is done), world_media.cc (packets), world_actions.cc (what the plan does), world_life.cc (nodes
// stop and start).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/core/core.h"
#include "control/verdict/arbiter.h"
#include "control/wire/frame.h"
#include "tools/sim/clock.h"
#include "tools/sim/coverage.h"
#include "tools/sim/data_plane.h"
#include "tools/sim/disk.h"
#include "tools/sim/event_queue.h"
#include "tools/sim/facts.h"
#include "tools/sim/invariants.h"
#include "tools/sim/liveness.h"
#include "tools/sim/mind.h"
#include "tools/sim/network.h"
#include "tools/sim/plan.h"
#include "tools/sim/pool.h"
#include "tools/sim/random.h"
#include "tools/sim/recorder.h"

namespace causeway::sim {

using control::Effects;
using MindFactory =
    std::function<std::unique_ptr<Mind>(const control::CoreSettings&, TimeUs now_us, Effects& effects)>;

class World final : public Truth {
 public:
  World(const Plan& plan, MindFactory factory);

  // Until the plan's end, or the first event after a violation.
  void run();
  // The old design knows no labels: it is held against what its users would notice, and goes on after that.
  void judge_as_baseline();
  // Until then; true if the run can go on.
  bool run_until(TimeUs until_us);
  void close();  // once, at the end: what has not ended by then is measured, too

  TimeUs now_us() const { return now_us_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t checks() const { return checker_.checks(); }
  std::uint64_t hash() const { return hash_.value(); }
  const std::vector<Violation>& violations() const { return checker_.violations(); }
  const Coverage& coverage() const { return coverage_; }
  Recorder& recorder() { return recorder_; }
  const std::vector<std::string>& node_names() const { return node_names_; }
  const std::vector<std::string>& track_names() const { return track_names_; }
  // Of a node that is up.
  const Mind& mind(NodeId node) const { return *nodes_[node].mind; }
  bool is_up(NodeId node) const { return nodes_[node].mind != nullptr; }
  // A node's part in a track, as it really is: fed is who gets packets.
  struct Part {
    bool is_origin = false;
    bool is_fed = false;
    bool is_wanted = false;
    NodeId upstream = control::kNoNode;
    bool operator==(const Part&) const = default;
  };
  Part part(NodeId node, TrackIndex track) const;
  Label label_now(NodeId node, TrackIndex track) const override;
  bool is_claimed(NodeId node, TrackIndex track) const override;

 private:
  using Command = std::function<void(Mind&, TimeUs, Effects&)>;

  // Something that waits while a control thread stands still.
  enum class WaitingKind : std::uint8_t { frame, media, command };
  struct Waiting {
    WaitingKind kind{};
    TimeUs arrived_us = 0;  // by the node's clock
    std::uint32_t slot = 0;
    Packet packet;
    Command command;
  };
  struct Lie {
    TrackIndex track = 0;
    control::Stamp stamp = 0;
  };
  struct Node {
    NodeId id = control::kNoNode;
    std::unique_ptr<Mind> mind;  // none: it is down
    Clock clock;
    Disk disk;
    DataPlane data_plane;
    Random disk_times;
    unsigned load_percent = 0;
    control::BootId boot = 0;
    std::uint16_t life = 0;  // of its timers: others are out of date
    TimeUs wake_us = control::kNever;
    TimeUs due_us = control::kNever;  // by the node's clock: what the wake event is for
    TimeUs stalled_until_us = 0;
    bool is_stalled = false;
    bool has_lost_disk = false;
    bool has_overflowed = false;  // its ring, in this stall
    bool sends_media = true;
    bool takes_media = true;
    std::vector<Waiting> waiting;
    std::size_t waiting_datagrams = 0;
    control::DrainState drain = control::DrainState::none;
    control::NodeSet convicted;
    std::vector<Lie> lies;
    std::uint64_t log_end = 0;  // of its directory
  };
  struct Datagram {
    NodeId from = control::kNoNode;
    std::uint16_t size = 0;
    std::array<std::uint8_t, control::wire::kMaxPlainBytes> bytes;

    std::span<const std::uint8_t> frame() const { return std::span(bytes).first(size); }
  };

  // world.cc
  void happen(const Event& event);
  void on_watch(std::uint32_t slot);
  void sample();
  void schedule(TimeUs at_us, EventKind kind, const Node& node, std::uint32_t slot = 0);

  // world_control.cc
  template <class Give>
  void turn(Node& node, Give&& give);
  void command(Node& node, Command give);
  void on_datagram(Node& node, std::uint32_t slot);
  void report_packet(Node& node, const Packet& packet);
  bool take_place(Node& node);
  void on_wake(Node& node);
  void on_written(Node& node);
  void resume(Node& node);
  void apply(Node& node);
  void apply_tracks(Node& node);
  void send_datagrams(Node& node);
  void schedule_write(Node& node);
  void arm(Node& node);

  // world_notice.cc
  void inspect(Node& node, NodeId to, std::span<const std::uint8_t> frame, const Fate& fate);
  void inspect_relay(const Node& node, NodeId to, const control::wire::Record& record, const Fate& fate);
  void notice_journal(Node& node);
  void notice_convicted(Node& node);
  void notice_drain(Node& node, control::DrainState drain);
  void ask_arbiter(Node& node);
  void at_arbiter(const Node& node, EventKind kind);
  void from_arbiter(Node& node, EventKind kind, bool word);
  TimeUs round_trip_us(NodeId a, NodeId b) const { return backbone_.base_us(a, b) + backbone_.base_us(b, a); }

  // world_media.cc
  void on_packet(Node& node, std::uint32_t slot);
  void on_keepalive(Node& node, TrackIndex track, std::uint16_t life);
  void send_keepalive(Node& node, TrackIndex track);
  void send_packet(const Node& node, const Table& table, Packet packet);

  // world_actions.cc
  void on_action();
  void act_on_network(const Action& action);
  void act_on_clients(const Action& action);
  void note_one_way(SiteId from, SiteId to, bool is_cut);
  void act_on_node(const Action& action);
  void act_on_track(const Action& action);
  template <class Visit>
  void for_each_way(const Action& action, bool both_ways, Visit&& visit);
  void on_publisher(TrackIndex track, std::uint16_t tag);
  void publish(Node& node, TrackIndex track);
  void unpublish(Node& node, TrackIndex track);
  void want(Node& node, TrackIndex track);
  void unwant(Node& node, TrackIndex track);
  void tell_publish(Node& node, TrackIndex track);
  void tell_unpublish(Node& node, TrackIndex track);
  void tell_want(Node& node, TrackIndex track);

  // world_lies.cc
  void lie(Node& node, TrackIndex track, TimeUs for_us);
  void on_lie_ends(Node& node, TrackIndex track);
  std::span<const std::uint8_t> with_lies(const Node& node, std::span<const std::uint8_t> frame);
  static void learn_log(Node& node, const control::wire::Record& record);

  // world_life.cc
  void boot(Node& node);
  void kill(Node& node, TimeUs down_us);
  void stall(Node& node, TimeUs for_us);
  void step_clock(Node& node, TimeUs by_us);
  void judge(const Node& node);

  Plan plan_;
  MindFactory factory_;
  std::vector<std::string> node_names_;
  std::vector<std::string> track_names_;
  std::vector<control::TrackKey> track_keys_;
  std::unordered_map<control::TrackKey, TrackIndex, control::TrackKeyHash> tracks_;
  std::vector<unsigned> media_flows_;  // by track
  control::Membership membership_;

  TimeUs now_us_ = 0;
  std::uint64_t events_ = 0;
  std::size_t next_action_ = 0;
  bool goes_on_ = false;
  EventQueue queue_;
  RunHash hash_;
  Backbone backbone_;
  Facts facts_;
  std::vector<Node> nodes_;
  Pool<Datagram> datagrams_;
  Pool<Packet> packets_;
  std::array<std::uint8_t, control::wire::kMaxPlainBytes> lie_frame_{};  // scratch
  Effects effects_;                                                      // of the mind that was told last
  Coverage coverage_;
  Checker checker_;
  Liveness liveness_;
  Recorder recorder_;
  std::uint64_t samples_ = 0;
  std::vector<std::uint8_t> moves_;  // by track: of its publisher, so that the last one counts
  std::vector<bool> has_clients_;    // by site: its publishers' and subscribers' packets arrive there
  control::verdict::Arbiter arbiter_;
  bool is_arbiter_up_;
  bool was_common_mode_ = false;
};

}  // namespace causeway::sim
