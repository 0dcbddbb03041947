// Writes down what happens in a run: times, counts and, if asked for, the nodes' journals.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "control/journal/entry.h"
#include "control/verdict/view.h"
#include "tools/sim/awaited.h"
#include "tools/sim/data_plane.h"
#include "tools/sim/facts.h"
#include "tools/sim/measures.h"
#include "tools/sim/plan.h"

namespace causeway::sim {

class Recorder {
 public:
  Recorder(const Facts& facts, const Plan& plan, std::size_t tracks);

  void keep_journal(std::size_t most) { most_kept_ = most; }

  void on_heard(NodeId node, NodeId peer, TimeUs now_us) { heard_us_[node * nodes_ + peer] = now_us; }
  void on_question(NodeId node, NodeId to, std::uint32_t nonce, TimeUs now_us);
  // arrives_us: at who asked; kNever: it is lost.
  void on_answer(NodeId node, NodeId to, std::uint32_t nonce, TimeUs arrives_us, TimeUs round_trip_us,
                 bool is_nack);
  // A packet that its origin made: when, and whose.
  struct Made {
    TimeUs at_us = control::kLongAgo;
    NodeId by = control::kNoNode;
  };
  // A packet came to the node's subscribers.
  void on_media(NodeId node, TrackIndex track, NodeId maker, const Made& before, TimeUs now_us) {
    if (now_us - before.at_us > feed_us_ || maker != before.by) on_gap(node, track, maker, before, now_us);
  }
  void on_heal(TimeUs now_us) { healed_us_ = now_us; }
  void on_freeze(TimeUs now_us) { frozen_us_ = now_us; }
  void on_thaw(TimeUs now_us) { mended_us_ = thawed_us_ = now_us; }
  void on_boot(NodeId node, TimeUs now_us);
  void on_death(NodeId node, TimeUs now_us);
  void on_publish(TrackIndex track) { ++publishers_[track]; }
  void on_unpublish(NodeId node, TrackIndex track, TimeUs now_us) {
    left_us_[track * nodes_ + node] = now_us;
  }
  // What `from` sends to `to` is lost from now on, and no longer.
  void on_cut_one_way(NodeId from, NodeId to, TimeUs now_us);
  void on_heal_one_way(NodeId from, NodeId to, TimeUs now_us);
  // track: that it is about, if it is about one; packet_us: when the last packet of it came.
  void on_journal(NodeId node, const control::JournalEntry& entry, TrackIndex track, TimeUs packet_us,
                  TimeUs now_us);
  void on_convicted(NodeId node, NodeId peer, bool is_wrong, TimeUs now_us);
  void on_drain(control::DrainState drain);
  // The run is over. packet_us(node, track): when the node's subscribers got the last packet; kNever: it is
  // down.
  template <class PacketUs>
  void on_end(PacketUs&& packet_us, TimeUs now_us) {
    for (TrackIndex track = 0; track < facts_.wants.size(); ++track) {
      for (const Presence& want : facts_.wants[track])
        note_missing(want, track, packet_us(want.node, track), now_us);
    }
    end_awaited(now_us);
  }

  const Measures& measures() const { return measures_; }
  const std::vector<Happening>& journal() const { return journal_; }

 private:
  struct Question {
    NodeId node = control::kNoNode;
    NodeId to = control::kNoNode;
    std::uint32_t nonce = 0;
    TimeUs asked_us = 0;
  };
  static constexpr std::size_t kQuestions = 1024;  // that are remembered
  static constexpr TimeUs kAnswerUs = 1'000'000;   // no round trip is that long
  static constexpr TimeUs kSettleUs = 5'000'000;   // what begins so soon after a start comes of it

  static std::size_t place(NodeId node, NodeId to, std::uint32_t nonce) {
    return (node * 7919U + to * 104'729U + nonce) % kQuestions;
  }
  void on_gap(NodeId node, TrackIndex track, NodeId maker, const Made& before, TimeUs now_us);
  void end_outage(const Presence& want, TrackIndex track, TimeUs before_us, TimeUs now_us);
  void note_missing(const Presence& want, TrackIndex track, TimeUs packet_us, TimeUs now_us);
  void note_frozen(TrackIndex track, TimeUs before_us, TimeUs now_us);
  bool has_source(TrackIndex track, TimeUs since_us) const;
  void end_awaited(TimeUs now_us);
  void forget(Question& question, TimeUs now_us);
  TimeUs published_us(TrackIndex track) const;
  bool is_settled(NodeId node, TimeUs now_us) const;
  NodeId node_count() const { return static_cast<NodeId>(nodes_); }  // control::kMaxNodes at most

  const Facts& facts_;
  std::size_t nodes_;
  unsigned nodes_per_site_;
  TimeUs feed_us_;                // the feed window and its jitter: a longer pause is an outage
  TimeUs startup_us_;             // no verdict on anybody
  std::vector<TimeUs> heard_us_;  // by node and peer
  std::array<Question, kQuestions> questions_;
  TimeUs healed_us_ = control::kLongAgo;
  TimeUs mended_us_ = control::kLongAgo;
  TimeUs booted_us_ = control::kLongAgo;
  TimeUs frozen_us_ = control::kLongAgo;
  TimeUs thawed_us_ = control::kLongAgo;
  std::vector<std::uint32_t> publishers_;  // by track: how many came
  std::vector<TimeUs> left_us_;            // by track and node: when it was the origin, the last time
  std::vector<TimeUs> fooled_us_;          // likewise: when it found an upstream to be a black hole
  Awaited suspicions_;
  Awaited convictions_;
  Awaited half_open_in_;   // at who hears nothing
  Awaited half_open_out_;  // at who is not heard
  Measures measures_;
  std::size_t most_kept_ = 0;
  std::vector<Happening> journal_;
};

}  // namespace causeway::sim
