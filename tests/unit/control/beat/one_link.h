// A link with a peer behind it that says what a test wants.
#pragma once

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "control/beat/link.h"

namespace causeway::control::beat {

inline constexpr TimeUs kStartUs = from_ms(1000);

// One link at 100 ms, and the peer behind it: 40 ms of path each way.
class OneLink : public ::testing::Test {
 protected:
  config::Heartbeat heartbeat_;
  LinkTimers timers_{heartbeat_};
  TimeUs now_us_ = kStartUs;
  Link link_{timers_, kStartUs};
  Patience patience_;
  std::uint64_t number_ = 0;
  LinkState peer_says_ = LinkState::up;
  bool peer_hears_ = true;
  std::uint32_t peer_received_ = 0;
  std::map<unsigned, int> changes_;  // how often each bit

  void count(const Changes& changes) {
    for (unsigned bit = 1; bit != 0 && bit <= changes.bits; bit <<= 1) {
      if (changes.has(bit)) ++changes_[bit];
    }
  }
  // Lets time pass; silence is judged exactly when it asks for that.
  void pass(TimeUs time_us) {
    const TimeUs end_us = now_us_ + time_us;
    for (TimeUs wake_us; (wake_us = link_.wake_us(patience_)) <= end_us;) {
      ASSERT_GT(wake_us, now_us_ - 1);
      now_us_ = std::max(wake_us, now_us_);
      count(link_.expire(now_us_, patience_));
    }
    now_us_ = end_us;
  }
  Beat next_beat() {
    Beat own;
    link_.next_beat(own, now_us_ - from_ms(90));
    Beat beat;
    beat.number = ++number_;
    beat.sent_us = now_us_ - from_ms(40);
    beat.state = peer_says_;
    if (peer_hears_) ++peer_received_;
    if (peer_received_ > 0) beat.echo = {peer_hears_ ? own.number : 1, own.sent_us, 10'000};
    beat.received = peer_received_;
    return beat;
  }
  Changes arrive(const Beat& beat) {
    const Changes changes = link_.on_beat(beat, static_cast<std::uint8_t>(beat.number % 3), now_us_, now_us_);
    count(changes);
    return changes;
  }
  void beats(int n) {
    for (int i = 0; i < n; ++i) {
      pass(from_ms(100));
      arrive(next_beat());
    }
  }
  // From Down to Up with what the peer says on the way.
  void come_up() {
    peer_says_ = LinkState::init;
    for (int i = 0; i < 100 && !link_.is_up(); ++i)
      beats(1);
    peer_says_ = LinkState::up;
  }
};

}  // namespace causeway::control::beat
