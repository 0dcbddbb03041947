// A lying directory: a node announces tracks that it does not have, in its own frames and its own log, and
// never says that it does not, though its digests tell it from the truth.
#include <algorithm>

#include "control/directory/message.h"
#include "tools/sim/world.h"

namespace causeway::sim {

using control::kNever;
using control::kNoNode;
using control::wire::RecordType;

namespace {

// A peer that repairs the liar's log again and again waits longer each time, up to so many digests
// (control/directory/copy.cc). Until then it does not hear of the liar's own tracks.
constexpr int kMostRepairDigests = 80;

}  // namespace

// With a stamp above all others, so that everybody believes it first.
void World::lie(Node& node, TrackIndex track, TimeUs for_us) {
  if (node.mind == nullptr || Facts::find(facts_.publishers[track], node.id) != nullptr) return;
  control::Stamp highest = 0;
  for (const Node& each : nodes_) {
    const Label& label = checker_.held(each.id, track).label;
    if (label.origin != kNoNode) highest = std::max(highest, label.stamp);
  }
  std::erase_if(node.lies, [&](const Lie& each) { return each.track == track; });
  node.lies.push_back({track, highest + 1});
  facts_.nodes[node.id].honest_since_us = kNever;
  if (goes_on_) tell_publish(node, track);  // a baseline has no directory: it believes itself
  schedule(now_us_ + for_us, EventKind::lie_ends, node, track);
}

void World::on_lie_ends(Node& node, TrackIndex track) {
  std::erase_if(node.lies, [&](const Lie& each) { return each.track == track; });
  if (goes_on_ && Facts::find(facts_.publishers[track], node.id) == nullptr) tell_unpublish(node, track);
  if (!node.lies.empty()) return;
  const TimeUs repair_us = control::from_ms(kMostRepairDigests * std::uint64_t{plan_.directory.digest_ms});
  facts_.nodes[node.id].honest_since_us = now_us_ + repair_us;
}

// The frame with what its node claims falsely, as the next change of its log.
std::span<const std::uint8_t> World::with_lies(const Node& node, std::span<const std::uint8_t> frame) {
  constexpr std::size_t kChangeBytes = 25;
  constexpr std::size_t kDeltaBytes = control::directory::Delta::kHeaderBytes;
  const std::size_t body = kDeltaBytes + node.lies.size() * kChangeBytes;
  if (frame.size() + control::wire::kRecordHeaderBytes + body > lie_frame_.size()) return frame;
  std::ranges::copy(frame, lie_frame_.begin());
  const std::span<std::uint8_t> room(lie_frame_);
  control::wire::Writer writer(room.subspan(frame.size()));
  writer.u8(static_cast<std::uint8_t>(RecordType::directory_delta));
  writer.u16(static_cast<std::uint16_t>(body));
  writer.u64(node.log_end + 1);
  writer.u16(static_cast<std::uint16_t>(node.lies.size()));
  for (const Lie& each : node.lies) {
    writer.u8(1);
    writer.track(track_keys_[each.track]);
    writer.u64(each.stamp);
  }
  return room.first(frame.size() + writer.size());
}

// Where the log of a node ends, by what it says of it.
void World::learn_log(Node& node, const control::wire::Record& record) {
  control::wire::Reader reader(record.body);
  const std::uint64_t first = reader.u64();
  if (record.type == RecordType::directory_digest) node.log_end = std::max(node.log_end, first);
  if (record.type == RecordType::directory_delta)
    node.log_end = std::max(node.log_end, first + reader.u16() - 1);
}

}  // namespace causeway::sim
