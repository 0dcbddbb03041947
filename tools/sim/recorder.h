// Writes down what happens in a run: outages, times, counts and, if asked for, the nodes' journals.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "control/journal/entry.h"
#include "control/verdict/view.h"
#include "tools/sim/data_plane.h"
#include "tools/sim/facts.h"
#include "tools/sim/measures.h"

namespace causeway::sim {

class Recorder {
 public:
  // The feed window and its jitter: a longer pause is an outage.
  Recorder(const Facts& facts, std::size_t nodes, TimeUs feed_us)
      : facts_(facts), nodes_(nodes), feed_us_(feed_us), heard_us_(nodes * nodes, control::kLongAgo) {}

  void keep_journal(std::size_t most) { most_kept_ = most; }

  void on_heard(NodeId node, NodeId peer, TimeUs now_us) { heard_us_[node * nodes_ + peer] = now_us; }
  void on_question(NodeId node, NodeId to, std::uint32_t nonce, TimeUs now_us);
  // arrives_us: at who asked; kNever: it is lost.
  void on_answer(NodeId node, NodeId to, std::uint32_t nonce, TimeUs arrives_us, TimeUs round_trip_us,
                 bool is_nack);
  // A packet came to the node's subscribers; the one before at before_us.
  void on_media(NodeId node, TrackIndex track, TimeUs before_us, TimeUs now_us) {
    if (now_us - before_us > feed_us_) end_outage(node, track, before_us, now_us);
  }
  void on_heal(TimeUs now_us) { healed_us_ = now_us; }
  void on_thaw(TimeUs now_us) { mended_us_ = now_us; }
  void on_boot(TimeUs now_us) { mended_us_ = now_us; }
  void on_journal(NodeId node, const control::JournalEntry& entry, TimeUs packet_us, TimeUs now_us);
  void on_convicted(NodeId node, NodeId peer, bool is_wrong, TimeUs now_us);
  void on_drain(control::DrainState drain);

  const Measures& measures() const { return measures_; }
  const std::vector<Outage>& outages() const { return outages_; }
  const std::vector<Happening>& journal() const { return journal_; }

 private:
  struct Question {
    NodeId node = control::kNoNode;
    NodeId to = control::kNoNode;
    std::uint32_t nonce = 0;
    TimeUs asked_us = 0;
  };
  static constexpr std::size_t kQuestions = 1024;  // that are remembered
  static constexpr std::size_t kMostOutages = 100'000;

  static std::size_t place(NodeId node, NodeId to, std::uint32_t nonce) {
    return (node * 7919U + to * 104'729U + nonce) % kQuestions;
  }
  void end_outage(NodeId node, TrackIndex track, TimeUs before_us, TimeUs now_us);

  const Facts& facts_;
  std::size_t nodes_;
  TimeUs feed_us_;
  std::vector<TimeUs> heard_us_;  // by node and peer
  std::array<Question, kQuestions> questions_;
  TimeUs healed_us_ = control::kLongAgo;
  TimeUs mended_us_ = control::kLongAgo;
  Measures measures_;
  std::vector<Outage> outages_;
  std::size_t most_kept_ = 0;
  std::vector<Happening> journal_;
};

}  // namespace causeway::sim
