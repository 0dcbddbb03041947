// What tracks of other nodes look like. A node that relays a track, or has subscribers for it, must know its
// layers, and nobody told it: it asks its upstream, which is the origin or has asked its own. Pure.
//
// DESCRIBE_REQUEST is a track's key. DESCRIBE is key (16), priority (1), length and id, count and layers,
// each with its length.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "control/session/state.h"
#include "control/wire/bytes.h"
#include "control/wire/ids.h"

namespace causeway::control::session {

// nullopt: the body is malformed, or its id is not its key's.
std::optional<TrackKey> read_describe_request(std::span<const std::uint8_t> body);
std::optional<TrackInfo> read_description(std::span<const std::uint8_t> body);
// Nothing is written if it does not fit into a record.
std::vector<std::uint8_t> write_describe_request(const TrackKey& key);
std::vector<std::uint8_t> write_description(const TrackRecord& record);

// Which tracks lack a description, and when who is asked for it.
class Descriptions {
 public:
  struct Question {
    TrackKey key;
    NodeId to = kNoNode;
  };
  // The track lacks it, and these nodes should have it; none: it does not, or not any more.
  void lack(const TrackKey& key, std::vector<NodeId> from);
  bool is_lacking(const TrackKey& key) const { return lacking_.contains(key); }
  // A peer has described it. Its name is kept as long as it is in use.
  void learned(const TrackKey& key, TimeUs now_us) { learned_[key] = now_us; }
  // Of some of the learned ones at each call, all of them in turn: those that is_used(key) was last true of
  // kForgetUs ago. They are not learned any more.
  template <class IsUsed>
  std::vector<TrackKey> unused(TimeUs now_us, IsUsed&& is_used) {
    std::vector<TrackKey> found;
    auto at = learned_.lower_bound(next_);
    for (std::size_t i = 0; i < kPerCall && at != learned_.end(); ++i) {
      if (is_used(at->first)) at->second = now_us;
      if (now_us - at->second < kForgetUs) {
        ++at;
      } else {
        found.push_back(at->first);
        at = learned_.erase(at);
      }
    }
    next_ = at == learned_.end() ? TrackKey{} : at->first;
    return found;
  }

  // What to ask now: each track twice in quick succession, then each kRetryUs.
  std::vector<Question> due(TimeUs now_us);

 private:
  static constexpr TimeUs kFirstRetryUs = 50'000;
  static constexpr TimeUs kRetryUs = 250'000;
  static constexpr TimeUs kForgetUs = 60'000'000;
  static constexpr std::size_t kPerCall = 256;
  struct Lacking {
    std::vector<NodeId> from;
    TimeUs due_us = 0;
    unsigned asked = 0;
  };
  std::map<TrackKey, Lacking> lacking_;
  std::map<TrackKey, TimeUs> learned_;  // and when it was used last
  TrackKey next_;                       // of these, to be looked at
};

}  // namespace causeway::control::session
