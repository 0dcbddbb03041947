#include "control/verdict/judge.h"

#include <algorithm>
#include <utility>

namespace causeway::control::verdict {
namespace {

constexpr TimeUs kReportEveryUs = from_ms(1000);
// While all is well: so old is the last matrix at most when a silence begins.
constexpr TimeUs kQuietTurnUs = from_ms(500);

}  // namespace

Judge::Judge(const config::Heartbeat& heartbeat, const config::Isolation& isolation,
             const Membership& membership, std::vector<std::string> names, NodeId self, bool has_arbiter)
    : fleet_(membership),
      timers_(heartbeat),
      id_(self),
      has_arbiter_(has_arbiter),
      words_(fleet_, std::move(names), self),
      peers_(fleet_, timers_, words_, self),
      self_(fleet_, timers_, words_, self),
      drain_(isolation, has_arbiter, words_) {}

void Judge::turn(const View& view, TimeUs now_us, Output& output) {
  now_us = advance(now_us);
  if (view.self != id_ || id_ >= fleet_.nodes || view.peers.size() < fleet_.nodes) {
    due_us_ = now_us + kQuietTurnUs;
    return;
  }
  peers_.turn(view, now_us, output);
  self_.turn(view, now_us, output);
  DrainInput input;
  input.islanded = is_islanded(self_.verdict());
  input.common_mode = self_.is_common_mode();
  input.hears_others = self_.hears_others();
  if (input.islanded) input.room = room(view, fleet_, self_.group());
  drain_.turn(input, now_us, output);
  report(now_us, output);
  due_us_ = find_due_us(now_us);
}

// Also in common mode, since it would end if the reports did, and in shadow mode: what others conclude of
// them can only keep sites in service.
void Judge::report(TimeUs now_us, Output& output) {
  if (!has_arbiter_ || !self_.looks_islanded() || now_us < report_at_us_) return;
  output.report_islanded = true;
  report_at_us_ = now_us + kReportEveryUs;
}

// Where something is wrong, rows and silences grow old each at its own time: a look at every beat finds it.
TimeUs Judge::find_due_us(TimeUs now_us) const {
  const bool is_quiet = peers_.is_quiet() && self_.is_quiet();
  return std::min(now_us + (is_quiet ? kQuietTurnUs : timers_.interval_us),
                  std::max(drain_.next_due_us(), now_us));
}

void Judge::on_token(bool granted, TimeUs now_us) {
  drain_.on_token(granted);
  due_us_ = advance(now_us);
}

void Judge::on_common_mode(bool told) {
  self_.on_common_mode(told);
  due_us_ = now_us_;
}

std::uint64_t Judge::drain_quota(std::uint64_t sessions, TimeUs now_us) {
  return drain_.quota(sessions, advance(now_us));
}

}  // namespace causeway::control::verdict
