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
  // What to ask now: each track twice in quick succession, then each kRetryUs.
  std::vector<Question> due(TimeUs now_us);

 private:
  static constexpr TimeUs kFirstRetryUs = 50'000;
  static constexpr TimeUs kRetryUs = 250'000;
  struct Lacking {
    std::vector<NodeId> from;
    TimeUs due_us = 0;
    unsigned asked = 0;
  };
  std::map<TrackKey, Lacking> lacking_;
};

}  // namespace causeway::control::session
