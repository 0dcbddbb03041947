// What this node concludes of itself and its site.
//
// A site of several nodes: each node judges for the site, by its own ears and by the rows of its site mates.
// They agree to within a beat and its way, since what one of them hears all of them know. A node that hears
// neither its mates nor anybody else takes the site to be islanded; so it is, as far as the sessions on that
// node are concerned. One that stalled, or has just started, does not judge, and its mates do not count it.
#pragma once

#include <array>
#include <cstdint>

#include "control/verdict/evidence.h"
#include "control/verdict/fleet.h"
#include "control/verdict/matrix.h"
#include "control/verdict/output.h"
#include "control/verdict/timers.h"
#include "control/verdict/words.h"

namespace causeway::control::verdict {

// Thread: one. Nothing allocates but a change, for its words.
class Self {
 public:
  Self(const Fleet& fleet, const Timers& timers, const Words& words, NodeId self)
      : fleet_(fleet), timers_(timers), words_(words), self_(self) {}

  // The arbiter's word. It holds until the arbiter says something else: who cannot hear it does not drain.
  void on_common_mode(bool told) { told_ = told; }
  void turn(const View& view, TimeUs now_us, Output& output);

  SelfVerdict verdict() const { return verdict_; }
  bool is_common_mode() const { return common_; }      // also while it stalls
  bool hears_others() const { return hears_others_; }  // another site, by any node of this one
  // All that ISLANDED asks of this site itself. What it does not ask here: how the others are.
  bool looks_islanded() const { return looks_islanded_; }
  SiteSet group() const { return group_; }  // the largest group of other sites, by the last matrix
  // The matrix that counts: of now, or while nothing is heard the last one before, with this site cut off.
  const Matrix& matrix() const { return matrix_; }
  bool is_quiet() const {
    return hears_others_ && verdict_ == SelfVerdict::none && !matrix_common_ && !told_;
  }
  std::uint64_t times(SelfVerdict verdict) const { return times_[static_cast<std::size_t>(verdict)]; }

 private:
  SiteId own_site() const { return self_ < fleet_.nodes ? fleet_.site_of[self_] : kNoSite; }
  void listen(const View& view, TimeUs now_us);
  void take_matrix(const View& view, TimeUs now_us);
  bool has_answer(const View& view, TimeUs now_us);
  bool has_local_media(const View& view, TimeUs now_us) const;
  void judge_common_mode(TimeUs now_us);
  void judge_local_media(const View& view, TimeUs now_us);
  SelfVerdict conclude(const View& view) const;
  void change(SelfVerdict to, TimeUs now_us, Output& output);

  const Fleet& fleet_;
  const Timers& timers_;
  const Words& words_;
  NodeId self_;

  Matrix last_;  // the last one in which another site was heard
  TimeUs last_us_ = kNever;
  Matrix matrix_;
  SiteSet group_ = 0;
  SiteSet islanded_ = 0;

  struct Answer {
    ProbeResult seen = ProbeResult::none;
    TimeUs at_us = kLongAgo;
  };
  std::array<Answer, kMaxNodes> answers_{};  // of helpers, about each node
  NodeSet heard_;
  TimeUs silent_us_ = 0;
  bool hears_others_ = false;
  bool looks_islanded_ = false;

  bool told_ = false;
  bool common_ = false;
  bool matrix_common_ = false;
  TimeUs common_since_us_ = kNever;  // the matrix shows it
  TimeUs common_last_us_ = kLongAgo;
  bool local_media_ = false;
  TimeUs local_media_until_us_ = 0;  // when it last was as local_media_ says

  SelfVerdict verdict_ = SelfVerdict::none;
  TimeUs since_us_ = 0;
  std::array<std::uint64_t, kSelfVerdicts> times_{};
};

}  // namespace causeway::control::verdict
