// The configuration's values as the session layer keeps them: compared by what they say, not by where they
// were written, and shared by copies instead of copied.
#pragma once

#include <memory>
#include <utility>

#include "config/config.h"

namespace causeway::control::session {

bool same(const config::Transport& a, const config::Transport& b);
bool same(const config::Track& a, const config::Track& b);
bool same(const config::Leg& a, const config::Leg& b);

// An immutable value. A plan of 10^5 legs is made anew for every change of a relay: it shares them with the
// state, and what is shared is known to be equal without a look.
template <class T>
class Shared {
 public:
  explicit Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  friend bool operator==(const Shared& a, const Shared& b) {
    return a.value_ == b.value_ || same(*a.value_, *b.value_);
  }

 private:
  std::shared_ptr<const T> value_;
};

}  // namespace causeway::control::session
