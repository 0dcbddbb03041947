// The keys of a pair, from handshake to grace. Each has a number of this node's own: no peer's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "control/wire/ids.h"
#include "control/wire/seal.h"

namespace causeway::control::pair {

using Generation = std::uint32_t;  // from 1. 0: none

enum class KeyUse : std::uint8_t {
  accept,  // a new key: open frames with it, too
  send,    // seal with it from now on
  forget,  // it is gone: neither
};
struct KeyChange {
  KeyUse use{};
  Generation generation = 0;
  bool operator==(const KeyChange&) const = default;
};
using KeyChanges = std::vector<KeyChange>;

class Keyring {
 public:
  static constexpr std::size_t kMost = 4;

  explicit Keyring(TimeUs grace_us) : grace_us_(grace_us) {}
  ~Keyring();
  Keyring(const Keyring&) = delete;
  Keyring& operator=(const Keyring&) = delete;

  // A peer that has it already is sent to with it at once; so is one with whom there is no other.
  Generation add(const wire::PairKey& key, bool peer_has_it, TimeUs now_us, KeyChanges& changes);
  // The peer sealed with it, so it has it. The older ones are accepted for the time of grace.
  void on_authentic(Generation generation, TimeUs now_us, KeyChanges& changes);
  void tick(TimeUs now_us, KeyChanges& changes);
  TimeUs next_due_us() const;

  // nullptr: not known, or not any more. Valid until the next change.
  const wire::PairKey* find(Generation generation) const;
  Generation sending() const { return sending_; }
  Generation newest() const { return newest_; }

 private:
  struct Entry {
    Generation generation = 0;  // 0: free
    TimeUs until_us = kNever;
    wire::PairKey key{};
  };
  Entry& room(KeyChanges& changes);
  void forget(Entry& entry, KeyChanges& changes);
  void send_with(Generation generation, TimeUs now_us, KeyChanges& changes);

  TimeUs grace_us_;
  std::array<Entry, kMost> entries_{};
  Generation sending_ = 0;
  Generation newest_ = 0;
};

}  // namespace causeway::control::pair
