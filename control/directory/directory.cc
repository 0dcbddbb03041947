#include "control/directory/directory.h"

#include <string_view>

namespace causeway::control::directory {
namespace {

// An unanswered question is asked again after a quarter of the time between digests.
constexpr TimeUs kMinRetryUs = 50'000;
// Lies of one peer in the journal are this far apart, and so many at most wait to be taken away.
constexpr TimeUs kNoteUs = 10'000'000;
constexpr std::size_t kMaxNotes = 64;

}  // namespace

Directory::Directory(const config::DirectoryTimers& config, const Membership& membership, NodeId self,
                     BootId boot, std::uint64_t seed, Outbox& outbox, Listener& listener, TimeUs now_us)
    : self_(self),
      table_({.tracks = config.max_tracks, .own_tracks = config.max_own_tracks}, membership.nodes(), self,
             listener, counters_),
      sender_(config, membership, self, seed ^ boot ^ std::uint64_t{self} << 56, table_, outbox, counters_,
              now_us),
      context_{.table = table_,
               .stamps = stamps_,
               .counters = counters_,
               .retry_us = std::max(from_ms(config.digest_ms) / 4, kMinRetryUs),
               .digest_us = from_ms(config.digest_ms)},
      boots_(membership.nodes()),
      noted_us_(membership.nodes(), -kNever) {
  for (std::size_t node = 0; node < membership.nodes(); ++node)
    copies_.emplace_back(static_cast<NodeId>(node), context_);
}

bool Directory::put(const TrackKey& track, Stamp stamp, TimeUs now_us) {
  switch (table_.put(self_, track, stamp)) {
    case Stored::unchanged:
      return false;
    case Stored::refused:
      ++counters_.refused_own;
      return false;
    case Stored::changed:
      break;
  }
  stamps_.set_clock(stamp);
  stamps_.see(stamp);
  ++counters_.own_changes;
  sender_.append({track, stamp, false}, now_us);
  return true;
}

bool Directory::remove(const TrackKey& track, TimeUs now_us) {
  if (!table_.remove(self_, track)) return false;
  ++counters_.own_changes;
  sender_.append({track, 0, true}, now_us);
  return true;
}

RecordError Directory::on_record(NodeId from, wire::RecordType type, std::span<const std::uint8_t> body,
                                 TimeUs now_us) {
  if (!is_peer(from)) return RecordError::sender;
  Lie lie = Lie::none;
  const RecordError error = take(from, type, body, now_us, lie);
  if (error == RecordError::malformed) ++counters_.malformed;
  if (copies_[from].is_asking()) {
    asking_.insert(from);
  } else {
    asking_.erase(from);
  }
  if (lie == Lie::none) return error;
  note(from, lie, now_us);
  return RecordError::lie;
}

namespace {

// take(message) if the body can be read.
template <class Message, class Take>
RecordError with(std::span<const std::uint8_t> body, Take&& take) {
  Message message;
  if (!read(body, message)) return RecordError::malformed;
  take(message);
  return RecordError::none;
}

}  // namespace

RecordError Directory::take(NodeId from, wire::RecordType type, std::span<const std::uint8_t> body,
                            TimeUs now_us, Lie& lie) {
  using enum wire::RecordType;
  Copy& copy = copies_[from];
  switch (type) {
    case directory_delta:
      return with<Delta>(body, [&](const Delta& delta) { lie = copy.on_delta(delta, now_us); });
    case directory_digest:
      return with<Digest>(body, [&](const Digest& digest) { lie = copy.on_digest(digest, now_us); });
    case directory_request:
      return with<Request>(body, [&](const Request& request) { sender_.on_request(from, request); });
    case directory_bucket_hashes:
      return with<BucketHashes>(body, [&](const BucketHashes& hashes) { copy.on_hashes(hashes, now_us); });
    case directory_bucket:
      return with<BucketPart>(body, [&](const BucketPart& part) { lie = copy.on_part(part, now_us); });
    default:
      return RecordError::type;
  }
}

void Directory::on_peer_boot(NodeId peer, BootId boot, TimeUs now_us) {
  if (!is_peer(peer) || boot <= boots_[peer]) return;
  boots_[peer] = boot;
  copies_[peer].restart(now_us);
  asking_.insert(peer);
  sender_.on_peer_boot(peer);
}

void Directory::set_reachable(const NodeSet& reachable, TimeUs now_us) {
  reachable.for_each([&](NodeId peer) {
    if (is_peer(peer) && !sender_.reachable().contains(peer)) copies_[peer].wake(now_us);
  });
  sender_.set_reachable(reachable);
}

void Directory::forget_peers(TimeUs now_us) {
  table_.clear_peers();
  for (std::size_t node = 0; node < copies_.size(); ++node) {
    const auto peer = static_cast<NodeId>(node);
    if (!is_peer(peer)) continue;
    copies_[peer].restart(now_us);
    asking_.insert(peer);
  }
}

void Directory::tick(TimeUs now_us) {
  if (!sender_.is_ready(now_us)) return;
  sender_.send_changes(now_us);
  asking_.for_each([&](NodeId peer) {
    if (copies_[peer].ask_at_us() <= now_us) sender_.send_request(peer, copies_[peer].ask(now_us));
  });
  sender_.send_digests(now_us);
  sender_.send_repairs(now_us);
}

TimeUs Directory::ask_at_us() const {
  TimeUs at_us = kNever;
  asking_.for_each([&](NodeId peer) { at_us = std::min(at_us, copies_[peer].ask_at_us()); });
  return at_us;
}

TimeUs Directory::next_due_us() const {
  return sender_.next_due_us(ask_at_us());
}

void Directory::note(NodeId peer, Lie lie, TimeUs now_us) {
  if (now_us < noted_us_[peer] + kNoteUs || journal_.size() >= kMaxNotes) return;
  noted_us_[peer] = now_us;
  const std::string_view text =
      lie == Lie::stamp ? "announces a stamp that no node can have issued; it is not used"
                        : "says that its log of tracks went back, without a restart; it is read anew";
  journal_.push_back({now_us,
                      JournalKind::lie,
                      peer,
                      {},
                      std::string(text),
                      {{"refused_stamps", static_cast<std::int64_t>(counters_.refused_stamps)}}});
}

}  // namespace causeway::control::directory
