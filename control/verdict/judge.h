// The verdicts of one node, and its site's drain: a function of the views that the detector gives, one after
// the other, and of the arbiter's words. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/timers.h"
#include "control/verdict/drain.h"
#include "control/verdict/output.h"
#include "control/verdict/peers.h"
#include "control/verdict/self.h"
#include "control/verdict/view.h"
#include "control/wire/ids.h"
#include "control/wire/membership.h"

namespace causeway::control::verdict {

// Thread: one. A now_us that steps back is taken to stand still. Nothing allocates but a change, for its
// words.
class Judge {
 public:
  // names: of the nodes, for people. Without an arbiter there is no hard drain.
  Judge(const config::Heartbeat& heartbeat, const config::Isolation& isolation, const Membership& membership,
        std::vector<std::string> names, NodeId self, bool has_arbiter);
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  // To be called when the view says something new, and else by next_due_us(). view.membership is not looked
  // at: it is the constructor's. A view of fewer peers than that is left out.
  void turn(const View& view, TimeUs now_us, Output& output);

  // These take effect with the next turn, which is due at once. Of several answers the last one counts.
  void on_token(bool granted, TimeUs now_us);
  void on_common_mode(bool told);

  Verdict verdict(NodeId peer) const { return peers_.verdict(peer); }
  SelfVerdict self_verdict() const { return self_.verdict(); }
  DrainState drain() const { return drain_.state(); }
  NodeSet convicted() const { return peers_.convicted(); }  // of peer_gone
  const Matrix& matrix() const { return self_.matrix(); }
  // How many of `sessions`, this node's, may be asked to move now.
  std::uint64_t drain_quota(std::uint64_t sessions, TimeUs now_us);
  TimeUs next_due_us() const { return due_us_; }

  // For metrics: how often each began.
  std::uint64_t times(Verdict verdict) const { return peers_.times(verdict); }
  std::uint64_t times(SelfVerdict verdict) const { return self_.times(verdict); }
  const DrainCounts& drain_counts() const { return drain_.counts(); }

 private:
  TimeUs advance(TimeUs now_us) { return now_us_ = now_us > now_us_ ? now_us : now_us_; }
  void report(TimeUs now_us, Output& output);
  TimeUs find_due_us(TimeUs now_us) const;

  Fleet fleet_;
  Timers timers_;
  NodeId id_;
  bool has_arbiter_;
  Words words_;
  Peers peers_;
  Self self_;
  Drain drain_;
  TimeUs now_us_ = kLongAgo;
  TimeUs due_us_ = kLongAgo;
  TimeUs report_at_us_ = kLongAgo;
};

}  // namespace causeway::control::verdict
