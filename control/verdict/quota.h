// How many sessions may be asked to move now: at most so many percent of them in any second, however often
// and in whatever rhythm it is asked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "control/wire/ids.h"

namespace causeway::control::verdict {

class Quota {
 public:
  static constexpr TimeUs kSecondUs = 1'000'000;

  explicit Quota(unsigned percent_per_s) : percent_(percent_per_s) {}

  // What it returns counts as used. sessions: how many there are, those that were asked and are still there
  // included. Where the share is less than one session, it is one in as many seconds as that takes.
  std::uint64_t take(std::uint64_t sessions, TimeUs now_us) {
    // Hundredths of a session.
    const std::uint64_t hundredths = (sessions < kMostSessions ? sessions : kMostSessions) * percent_;
    if (hundredths == 0 || (newest_us_ != kNever && now_us - newest_us_ < kSecondUs / TimeUs{kGrants}))
      return 0;
    const std::uint64_t per_s = hundredths / 100;
    if (per_s == 0) {
      const auto wait_us = static_cast<TimeUs>(100 * kSecondUs / hundredths + 1);
      return newest_us_ != kNever && now_us - newest_us_ < wait_us ? 0 : grant(1, now_us);
    }
    std::uint64_t used = 0;
    for (const Grant& each : grants_) {
      if (each.sessions != 0 && now_us - each.at_us < kSecondUs) used += each.sessions;
    }
    return used < per_s ? grant(per_s - used, now_us) : 0;
  }

 private:
  static constexpr std::uint64_t kMostSessions = 1'000'000'000;
  static constexpr std::size_t kGrants = 16;  // no more in a second, so that all of a second are known

  struct Grant {
    TimeUs at_us = 0;
    std::uint64_t sessions = 0;
  };

  std::uint64_t grant(std::uint64_t sessions, TimeUs now_us) {
    grants_[next_++ % kGrants] = {now_us, sessions};
    newest_us_ = now_us;
    return sessions;
  }

  unsigned percent_;
  std::array<Grant, kGrants> grants_{};
  std::size_t next_ = 0;
  TimeUs newest_us_ = kNever;
};

}  // namespace causeway::control::verdict
