#include "control/verdict/drain.h"

#include <algorithm>
#include <string>
#include <utility>

namespace causeway::control::verdict {

Room room(const View& view, const Fleet& fleet, SiteSet group) {
  Room room;
  room.needed_percent = std::min<int>(view.load_percent, 100);
  SiteSet draining = 0;
  SiteSet told = 0;
  for (std::size_t n = 0; n < fleet.nodes; ++n) {
    const Row& row = view.peers[n].row;
    if (n == view.self || row.at_us == kNever) continue;
    told |= only(fleet.site_of[n]);
    if (row.drain != DrainState::none) draining |= only(fleet.site_of[n]);
  }
  const SiteSet left = group & told & ~draining;
  for (std::size_t n = 0; n < fleet.nodes; ++n) {
    const Row& row = view.peers[n].row;
    if (n == view.self || row.at_us == kNever) continue;
    const int load = std::min<int>(row.load_percent, 100);
    if (has(left, fleet.site_of[n])) room.spare_percent += std::max(kFullPercent - load, 0);
    if (fleet.site_of[n] == fleet.site_of[view.self]) room.needed_percent += load;
  }
  room.sites = count(left);
  return room;
}

Drain::Drain(const config::Isolation& isolation, bool has_arbiter, const Words& words)
    : isolation_(isolation),
      has_arbiter_(has_arbiter),
      words_(words),
      soft_us_(from_ms(isolation.soft_drain_ms)),
      hard_us_(from_ms(std::max(isolation.hard_drain_ms, isolation.soft_drain_ms))),
      recover_us_(from_ms(isolation.recover_ms)),
      quota_(isolation.drain_percent_per_s) {}

void Drain::turn(const DrainInput& input, TimeUs now_us, Output& output) {
  const DrainState before = state();
  watch(input, now_us);
  if (state_ != DrainState::none && input.common_mode) {
    end("common mode: nobody drains", now_us, output);
  } else if (state_ != DrainState::none && is_for(heard_since_us_, recover_us_, now_us)) {
    end("another site is heard again", now_us, output);
  }
  take_answer(input, now_us, output);
  if (state_ == DrainState::hard) keep_token(now_us, output);
  if (state_ == DrainState::none && is_for(islanded_since_us_, soft_us_, now_us)) begin_soft(now_us, output);
  if (state_ == DrainState::soft && is_for(islanded_since_us_, hard_us_, now_us)) {
    look_for_hard(input, now_us, output);
  }
  output.drain_changed = output.drain_changed || state() != before;
}

// Any break restarts the clock.
void Drain::watch(const DrainInput& input, TimeUs now_us) {
  const bool counts = input.islanded && !input.common_mode && !input.hears_others;
  if (!counts) islanded_since_us_ = kNever;
  if (counts && islanded_since_us_ == kNever) islanded_since_us_ = now_us;
  if (!input.hears_others) heard_since_us_ = kNever;
  if (input.hears_others && heard_since_us_ == kNever) heard_since_us_ = now_us;
}

void Drain::begin_soft(TimeUs now_us, Output& output) {
  state_ = DrainState::soft;
  began_us_ = now_us;
  ask_again_us_ = kAskAgainMinUs;
  ask_at_us_ = now_us;
  told_limits_ = told_shadow_ = false;
  ++(isolation_.shadow ? counts_.shadow_soft : counts_.soft);
  const TimeUs islanded_us = now_us - islanded_since_us_;
  output.journal.push_back(
      words_.drain(isolation_.shadow ? JournalKind::shadow_drain : JournalKind::soft_drain,
                   (isolation_.shadow ? " would take no new cross-site sessions: islanded for "
                                      : " takes no new cross-site sessions: islanded for ") +
                       ms(islanded_us),
                   now_us));
  output.journal.back().numbers.emplace_back("islanded_ms", islanded_us / 1000);
}

// The site has been islanded for hard_drain_ms, and the token is what is missing.
void Drain::look_for_hard(const DrainInput& input, TimeUs now_us, Output& output) {
  if ((!isolation_.shadow && !has_arbiter_) || now_us < ask_at_us_) return;
  if (!is_allowed(input.room)) {
    ask_at_us_ = now_us + kAskAgainMinUs;
    return tell_limits(input.room, now_us, output);
  }
  if (isolation_.shadow) {  // it does not even ask: a token that it held would keep it from another site
    ask_at_us_ = now_us + kAskAgainMinUs;
    if (std::exchange(told_shadow_, true)) return;
    ++counts_.shadow_hard;
    output.journal.push_back(
        words_.drain(JournalKind::shadow_drain, " would ask for the token of a hard drain", now_us));
    return;
  }
  ask(now_us, output);
  ask_at_us_ = now_us + ask_again_us_;
  ask_again_us_ = std::min(2 * ask_again_us_, kAskAgainMaxUs);
}

// Once in each drain.
void Drain::tell_limits(const Room& room, TimeUs now_us, Output& output) {
  if (std::exchange(told_limits_, true)) return;
  output.journal.push_back(words_.drain(JournalKind::token_refused,
                                        room.has_capacity()
                                            ? " asks for no token: too few sites would be left"
                                            : " asks for no token: those left lack capacity",
                                        now_us));
  output.journal.back().numbers = {{"sites_left", room.sites},
                                   {"spare_percent", room.spare_percent},
                                   {"needed_percent", room.needed_percent}};
}

void Drain::ask(TimeUs now_us, Output& output) {
  output.ask_token = true;
  ++counts_.asked;
  if (unanswered_since_us_ == kNever) unanswered_since_us_ = now_us;
}

void Drain::take_answer(const DrainInput& input, TimeUs now_us, Output& output) {
  if (!answer_) return;
  const bool granted = *std::exchange(answer_, std::nullopt);
  if (!granted) {
    refused(now_us, output);
  } else if (state_ == DrainState::hard) {
    if (unanswered_since_us_ != kNever) lease_ends_us_ = unanswered_since_us_ + kTokenLeaseUs;
  } else if (!take_token(input, now_us, output)) {
    output.release_token = true;
  }
  unanswered_since_us_ = kNever;
}

void Drain::refused(TimeUs now_us, Output& output) {
  if (unanswered_since_us_ == kNever) return;
  ++counts_.refused;
  if (state_ == DrainState::hard) return lose_token("the arbiter gave the token no longer", now_us, output);
  if (state_ != DrainState::soft) return;
  output.journal.push_back(words_.drain(
      JournalKind::token_refused,
      " gets no token of the arbiter, and asks again in " + ms(std::max<TimeUs>(ask_at_us_ - now_us, 0)),
      now_us));
}

// The lease counts from the question: the answer may have been long under way. Everything is checked again.
bool Drain::take_token(const DrainInput& input, TimeUs now_us, Output& output) {
  const bool is_wanted =
      state_ == DrainState::soft && !isolation_.shadow && is_for(islanded_since_us_, hard_us_, now_us);
  const bool is_valid =
      unanswered_since_us_ != kNever && now_us - unanswered_since_us_ < kTokenLeaseUs - kTokenRenewUs;
  if (is_wanted && !is_valid) ask_at_us_ = std::min(ask_at_us_, now_us + kAskAgainMinUs);
  if (!is_wanted || !is_valid || !is_allowed(input.room)) return false;
  state_ = DrainState::hard;
  lease_ends_us_ = unanswered_since_us_ + kTokenLeaseUs;
  ask_at_us_ = unanswered_since_us_ + kTokenRenewUs;
  ++counts_.hard;
  output.journal.push_back(words_.drain(
      JournalKind::hard_drain,
      " asks its sessions to move, at most " + std::to_string(isolation_.drain_percent_per_s) +
          " % in a second: islanded for " + ms(now_us - islanded_since_us_) + ", and the arbiter agrees",
      now_us));
  output.journal.back().numbers = {{"islanded_ms", (now_us - islanded_since_us_) / 1000},
                                   {"sites_left", input.room.sites},
                                   {"spare_percent", input.room.spare_percent},
                                   {"needed_percent", input.room.needed_percent}};
  return true;
}

void Drain::keep_token(TimeUs now_us, Output& output) {
  if (now_us >= lease_ends_us_) return lose_token("the arbiter does not answer", now_us, output);
  if (now_us < ask_at_us_) return;
  ask(now_us, output);
  ask_at_us_ = now_us + kTokenRenewUs;
}

// Its own word is not enough: back to what is allowed without a token. Answers to earlier questions are void,
// since the arbiter has the release after them; so the next question waits until none is under way any more.
void Drain::lose_token(const char* why, TimeUs now_us, Output& output) {
  state_ = DrainState::soft;
  lease_ends_us_ = unanswered_since_us_ = kNever;
  ask_again_us_ = kAskAgainMinUs;
  ask_at_us_ = now_us + kTokenRenewUs;
  output.release_token = true;
  output.journal.push_back(words_.drain(JournalKind::token_refused,
                                        std::string(" asks no more sessions to move: ") + why, now_us));
}

void Drain::end(const char* why, TimeUs now_us, Output& output) {
  output.release_token = output.release_token || state_ == DrainState::hard || unanswered_since_us_ != kNever;
  state_ = DrainState::none;
  islanded_since_us_ = lease_ends_us_ = unanswered_since_us_ = kNever;
  ++counts_.ended;
  output.journal.push_back(words_.drain(
      isolation_.shadow ? JournalKind::shadow_drain : JournalKind::drain_ended,
      std::string(isolation_.shadow ? " would be in service again: " : " is in service again: ") + why +
          ", after " + ms(now_us - began_us_),
      now_us));
  output.journal.back().numbers.emplace_back("drained_ms", (now_us - began_us_) / 1000);
}

std::uint64_t Drain::quota(std::uint64_t sessions, TimeUs now_us) {
  if (state() != DrainState::hard || islanded_since_us_ == kNever || now_us >= lease_ends_us_) return 0;
  return quota_.take(sessions, now_us);
}

TimeUs Drain::next_due_us() const {
  if (answer_) return kLongAgo;
  TimeUs due_us = kNever;
  const auto after = [&](TimeUs since_us, TimeUs span_us) {
    if (since_us != kNever) due_us = std::min(due_us, since_us + span_us);
  };
  if (state_ == DrainState::none) after(islanded_since_us_, soft_us_);
  if (state_ != DrainState::none) after(heard_since_us_, recover_us_);
  if (state_ == DrainState::soft && has_arbiter_ && islanded_since_us_ != kNever) {
    due_us = std::min(due_us, std::max(islanded_since_us_ + hard_us_, ask_at_us_));
  }
  if (state_ == DrainState::hard) due_us = std::min({due_us, ask_at_us_, lease_ends_us_});
  return due_us;
}

}  // namespace causeway::control::verdict
