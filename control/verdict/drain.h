// From islanded to a drain, and back.
//
// A site of several nodes: each of them runs this for its own sessions, from the site's verdict (self.h), so
// they begin and end within a beat and its way of each other. Each asks the arbiter, which gives its one
// token to a site: to all nodes of that site that ask. It is free again once the last of them has released
// it.
#pragma once

#include <cstdint>
#include <optional>

#include "config/timers.h"
#include "control/verdict/fleet.h"
#include "control/verdict/matrix.h"
#include "control/verdict/output.h"
#include "control/verdict/quota.h"
#include "control/verdict/view.h"
#include "control/verdict/words.h"

namespace causeway::control::verdict {

// A token that is not asked for again within this time is free, and who held it has stopped by then.
inline constexpr TimeUs kTokenLeaseUs = from_ms(30000);
// Between two questions of one that holds it.
inline constexpr TimeUs kTokenRenewUs = kTokenLeaseUs / 3;
// After a question that brought no token: this long, doubled each time.
inline constexpr TimeUs kAskAgainMinUs = from_ms(5000);
inline constexpr TimeUs kAskAgainMaxUs = from_ms(60000);

// What would be left for this site's sessions, by the last rows of the others.
struct Room {
  int sites = 0;  // connected to each other, and no node of them drains
  int spare_percent = 0;
  int needed_percent = 0;  // both in hundredths of a node
  bool has_capacity() const { return spare_percent >= needed_percent; }
};
// No site that stays is to be filled above this.
inline constexpr int kFullPercent = 90;
Room room(const View& view, const Fleet& fleet, SiteSet group);

struct DrainInput {
  bool islanded = false;     // the site's verdict, now
  bool common_mode = false;  // likewise
  bool hears_others = false;
  Room room;  // looked at only while islanded
};

struct DrainCounts {
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
  std::uint64_t ended = 0;
  std::uint64_t asked = 0;
  std::uint64_t refused = 0;
  std::uint64_t shadow_soft = 0;  // what would have been
  std::uint64_t shadow_hard = 0;  // would have asked for a token
};

// Thread: one. Nothing allocates but a change, for its words.
class Drain {
 public:
  Drain(const config::Isolation& isolation, bool has_arbiter, const Words& words);

  void on_token(bool granted) { answer_ = granted; }
  void turn(const DrainInput& input, TimeUs now_us, Output& output);

  DrainState state() const { return isolation_.shadow ? DrainState::none : state_; }
  // Of the node's sessions that may be asked to move now, besides those that were. 0 unless the drain is hard
  // and the site is islanded still.
  std::uint64_t quota(std::uint64_t sessions, TimeUs now_us);
  TimeUs next_due_us() const;
  const DrainCounts& counts() const { return counts_; }

 private:
  void watch(const DrainInput& input, TimeUs now_us);
  void take_answer(const DrainInput& input, TimeUs now_us, Output& output);
  bool take_token(const DrainInput& input, TimeUs now_us, Output& output);
  void refused(TimeUs now_us, Output& output);
  void begin_soft(TimeUs now_us, Output& output);
  void look_for_hard(const DrainInput& input, TimeUs now_us, Output& output);
  void tell_limits(const Room& room, TimeUs now_us, Output& output);
  void keep_token(TimeUs now_us, Output& output);
  void lose_token(const char* why, TimeUs now_us, Output& output);
  void ask(TimeUs now_us, Output& output);
  void end(const char* why, TimeUs now_us, Output& output);
  bool is_for(TimeUs since_us, TimeUs span_us, TimeUs now_us) const {
    return since_us != kNever && now_us - since_us >= span_us;
  }
  bool is_allowed(const Room& room) const {
    return room.sites >= static_cast<int>(isolation_.min_sites) && room.has_capacity();
  }

  config::Isolation isolation_;
  bool has_arbiter_;
  const Words& words_;
  TimeUs soft_us_;
  TimeUs hard_us_;
  TimeUs recover_us_;

  DrainState state_ = DrainState::none;
  TimeUs islanded_since_us_ = kNever;
  TimeUs heard_since_us_ = kNever;
  TimeUs began_us_ = 0;

  std::optional<bool> answer_;
  TimeUs ask_at_us_ = 0;  // not before
  TimeUs ask_again_us_ = kAskAgainMinUs;
  TimeUs unanswered_since_us_ = kNever;  // the first question since the last answer
  TimeUs lease_ends_us_ = kNever;
  bool told_limits_ = false;  // in this drain: why no token is asked for
  bool told_shadow_ = false;
  Quota quota_;
  DrainCounts counts_;
};

}  // namespace causeway::control::verdict
