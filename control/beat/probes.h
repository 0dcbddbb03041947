// Indirect evidence on a silent peer. Who hears nothing of it asks helpers; a helper asks the peer itself, by
// a beat, and says what came of it. "I asked, it is silent" confirms; no answer at all accuses the one who
// asked (Lifeguard, 2018).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "config/timers.h"
#include "control/beat/link.h"
#include "control/beat/message.h"
#include "control/beat/random.h"
#include "control/verdict/view.h"
#include "control/wire/ids.h"
#include "control/wire/membership.h"

namespace causeway::control::beat {

// When to ask, and when to conclude.
struct ProbeTimers {
  explicit ProbeTimers(const config::Heartbeat& heartbeat);

  TimeUs ask_us;     // of silence: the answers are there by detect_us
  TimeUs detect_us;  // of silence: LinkTimers::detect_us
  TimeUs probe_us;   // a helper's patience
  TimeUs round_us;   // from asking to a conclusion, at least
  TimeUs period_us;  // from asking to asking again
  unsigned helpers;
};

// What one node asks about one silent peer, round after round while the silence lasts.
class Inquiry {
 public:
  // When something is to be done: to ask (not before not_before_us), or to conclude.
  TimeUs due_us(const ProbeTimers& timers, TimeUs silent_since_us, TimeUs not_before_us) const;
  bool is_open() const { return open_; }  // a round awaits answers

  // nonce: not 0. No helpers: nobody can be asked, and so nobody answers.
  void begin(std::uint32_t nonce, const NodeSet& helpers, TimeUs now_us);
  // These return true if result() changed.
  bool conclude();
  // An answer counts once, from who was asked, with the nonce of this round or the one before: it may have
  // been long under way. Whether it counted is `used`.
  bool on_reply(NodeId from, const ProbeReply& reply, bool& used);
  // The round under way can no longer be judged: the node itself stood still.
  void abandon() { open_ = false; }
  void reset() { *this = Inquiry(); }  // the peer was heard

  ProbeResult result() const { return result_; }

 private:
  struct Round {
    std::uint32_t nonce = 0;
    NodeSet asked;
    NodeSet answered;
  };
  bool set(ProbeResult result);

  Round round_;
  Round before_;
  TimeUs asked_us_ = kLongAgo;
  bool open_ = false;
  bool alive_ = false;   // said in this round
  bool silent_ = false;  // likewise
  ProbeResult result_ = ProbeResult::none;
};

// Chooses up to `most` of the candidates, at random: first one from each site that is neither side's, then
// more of those sites, then of the two sites themselves. Different sites see the peer by different paths.
NodeSet choose_helpers(const NodeSet& candidates, const Membership& membership, NodeId self, NodeId target,
                       unsigned most, Random& random);

// What a helper was asked and has not answered yet.
class HelpDesk {
 public:
  static constexpr std::size_t kMostPerRequester = 2;
  struct Task {
    NodeId from = kNoNode;
    ProbeRequest request;
    std::uint64_t beat = 0;  // the first one to the target that counts
    TimeUs asked_us = 0;
    TimeUs ends_us = 0;
  };

  explicit HelpDesk(std::size_t nodes) { tasks_.reserve(nodes * kMostPerRequester); }

  // False if the requester has too many under way, or asked the same before.
  bool has_room(NodeId from, const ProbeRequest& request) const;
  void add(const Task& task) {
    tasks_.push_back(task);
    note_awaited();
  }
  bool is_awaited(NodeId target) const { return awaited_.contains(target); }
  bool empty() const { return tasks_.empty(); }
  TimeUs next_due_us() const;

  // Takes out each task that `is_done`, and gives it to `use`.
  template <class Done, class Use>
  void settle(Done&& is_done, Use&& use) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      const Task task = tasks_[i];
      if (is_done(task)) {
        use(task);
      } else {
        tasks_[kept++] = task;
      }
    }
    tasks_.resize(kept);
    note_awaited();
  }
  void clear() {
    tasks_.clear();
    note_awaited();
  }

 private:
  void note_awaited();

  std::vector<Task> tasks_;
  NodeSet awaited_;
};

}  // namespace causeway::control::beat
