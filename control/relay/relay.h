// The relay protocol of one node: every track that it originates, wants or relays, acyclic at every instant.
// The rules R1 to R10 and why they hold: docs/relay-protocol.md. Pure: (state, event, now) to state and
// Output.
//
// Files in the order of an incident: seek.cc (a feed ends, another upstream is sought and asked), upstream.cc
// (it answers, and proves itself), downstream.cc (peers ask, are answered, take, leave), tracks.cc (tracks
// come and go, timers).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/timers.h"
#include "control/journal/entry.h"
#include "control/relay/counters.h"
#include "control/relay/message.h"
#include "control/relay/surroundings.h"
#include "control/relay/tally.h"
#include "control/relay/track.h"
#include "control/relay/view.h"
#include "control/relay/watermark.h"
#include "control/wire/membership.h"
#include "control/wire/outbox.h"

namespace causeway::control::relay {

// What is to be done besides sending. The owner takes it after each event, and clears it.
struct Output {
  std::vector<TrackKey> changed;     // bring the data plane in line with view()
  std::vector<TrackKey> keepalives;  // of an own track, whose label is new: send one at once
  struct Announcement {
    TrackKey track;
    Stamp stamp = 0;  // 0: this node is not the origin any more
  };
  std::vector<Announcement> announcements;  // for the directory
  Journal journal;
};

class Relay {
 public:
  Relay(NodeId self, const Membership& membership, std::vector<std::string> names,
        const config::Relaying& config, Stamp watermark, const Surroundings& surroundings, Outbox& outbox,
        TimeUs now_us);

  // The session's decisions. Idempotent. False: there is no room.
  bool publish(const TrackKey& key, TimeUs now_us);
  void unpublish(const TrackKey& key, TimeUs now_us);
  bool want(const TrackKey& key, TimeUs now_us);
  void unwant(const TrackKey& key, TimeUs now_us);

  // Messages of authenticated peers.
  void on_subscribe(NodeId from, const Subscribe& message, TimeUs now_us);
  void on_ack(NodeId from, const Ack& message, TimeUs now_us);
  void on_nack(NodeId from, const Nack& message, TimeUs now_us);
  void on_unsubscribe(NodeId from, const Unsubscribe& message, TimeUs now_us);
  void on_withdraw(NodeId from, const Withdraw& message, TimeUs now_us);
  void on_stamp_request(NodeId from, const StampRequest& message, TimeUs now_us);
  void on_advert(NodeId from, const Advert& message, TimeUs now_us);
  // An authenticated packet of a peer, with the label on it (R6, R7).
  void on_media(const TrackKey& key, NodeId from, const Label& label, TimeUs arrived_us, TimeUs now_us);

  // Rule R8: a frame of a newer boot of the peer arrived.
  void on_peer_boot(NodeId peer, TimeUs now_us);
  // Something that seekers wait for may have changed: a peer is heard again, a row of the matrix changed.
  void on_heard_again(NodeId peer, TimeUs now_us);
  void on_matrix_changed(NodeId peer, TimeUs now_us);
  void on_settled(NodeId peer, TimeUs now_us);  // its link may be preferred again
  void on_claims_changed(const TrackKey& key, TimeUs now_us);
  void on_watermark(Stamp on_disk, TimeUs now_us);
  void see(Stamp stamp) { watermark_.see(stamp); }

  void tick(TimeUs now_us);
  TimeUs next_due_us() const { return timers_.empty() ? kNever : timers_.top().first; }

  Stamp clock() const { return watermark_.clock(); }
  std::optional<Stamp> take_watermark_request() { return watermark_.take_request(); }
  RelayView view(const TrackKey& key) const;
  std::size_t tracks() const { return tracks_.size(); }
  std::size_t starving() const { return starving_; }
  // Looks at all tracks: some 10 ms for 10^5.
  Tally tally() const;
  // The tracks behind `after` in the order of their keys, at most `most`. Looks at all of them.
  std::vector<TrackKey> keys(const TrackKey& after, std::size_t most) const;
  const Counters& counters() const { return counters_; }
  Output& output() { return output_; }

 private:
  // tracks.cc
  Track* find(const TrackKey& key);
  // is_own: for an own publisher or subscriber.
  Track* find_or_add(const TrackKey& key, bool is_own, TimeUs now_us);
  bool make_room(bool is_own, TimeUs now_us);
  std::optional<TimeUs> turn(Track& track, TimeUs now_us);
  TimeUs next_due(const Track& track) const;
  void settle(Track& track, TimeUs now_us);
  // visit(Track&) for each; those for which it says true are settled.
  template <class Visit>
  void for_each_track(TimeUs now_us, Visit&& visit) {
    scratch_.clear();
    for (auto& [key, track] : tracks_) {
      if (visit(track)) scratch_.push_back(key);
    }
    for (const TrackKey& key : scratch_) {
      if (Track* track = find(key)) settle(*track, now_us);
    }
  }
  void changed(const Track& track) { output_.changed.push_back(track.key); }
  void issue_stamp(Track& track, Stamp above, TimeUs now_us);
  void update_need(Track& track, TimeUs now_us);
  void note(JournalKind kind, const Track& track, NodeId peer, std::string text, TimeUs now_us,
            std::vector<std::pair<std::string_view, std::int64_t>> numbers = {});
  const std::string& name(NodeId node) const { return names_[node]; }
  bool is_of_another(const Label& label) const {
    return membership_.contains(label.origin) && label.origin != self_;
  }
  bool are_known(const Path& path) const {
    return std::ranges::all_of(path.nodes(), [&](NodeId node) { return membership_.contains(node); });
  }

  // seek.cc and upstream.cc
  void turn_upstream(Track& track, TimeUs now_us);
  void judge_upstream(Track& track, TimeUs now_us);
  void on_answer(Track& track, const Ack& message, TimeUs now_us);
  void seek(Track& track, TimeUs now_us);
  void seek_anew(Track& track, TimeUs now_us);
  void ask(Track& track, NodeId peer, TimeUs now_us);
  void subscribe(const Track& track, const Upstream& upstream);
  void ask_again(Track& track, TimeUs now_us);
  void refresh(Track& track, TimeUs now_us);
  void improve(Track& track, TimeUs now_us);
  void move_to(Track& track, NodeId origin, TimeUs now_us);
  NodeId find_nearer(const Track& track, TimeUs now_us) const;
  NodeId find_shortcut(const Track& track, TimeUs now_us) const;
  void draw_nearer(Track& track, TimeUs now_us);
  void fail_pending(Track& track, TimeUs now_us);
  static bool gives_way(const Track& track, NodeId from);
  void accept_invitation(Track& track, NodeId from, TimeUs now_us);
  void drop_pending(Track& track, bool tell);
  void leave(const Track& track, const Upstream& upstream);
  void drop_active(Track& track, TimeUs now_us, bool tell);
  void lose_feed(Track& track, TimeUs now_us, std::string_view why);
  void starve(Track& track, TimeUs now_us);
  void end_starvation(Track& track, TimeUs now_us);
  void feed(Track& track, TimeUs arrived_us, TimeUs now_us);
  void adopt(Track& track, const Label& label, TimeUs arrived_us, TimeUs now_us);
  void improve_label(Track& track, const Label& label);
  void take_over_pending(Track& track, TimeUs now_us);
  void avoid(Track& track, NodeId peer, TimeUs now_us);
  bool better_claim(const Track& track, Claim& best) const;
  bool learn_path(Track& track, Upstream& upstream, const Path& path, TimeUs now_us);
  void refuse_cycle(Track& track, std::span<const NodeId> cycle, TimeUs now_us);
  bool is_path_of(NodeId peer, const Path& path) const;
  bool is_acceptable(const Track& track, NodeId from, const Ack& message) const;
  TimeUs patience_us(NodeId peer, unsigned beyond_ms) const;

  // downstream.cc
  std::optional<NackReason> refusal(Track& track, NodeId from, const Subscribe& message, TimeUs now_us);
  void acknowledge(Track& track, NodeId from, const Subscribe& message, TimeUs now_us);
  void nack(NodeId to, const Subscribe& message, NackReason reason, const Label& label);
  void wait(Track& track, NodeId from, const Subscribe& message, TimeUs now_us);
  void press(Track& track, TimeUs now_us);
  void remove_downstream(Track& track, NodeId peer);
  void withdraw(Track& track, WithdrawReason reason);
  void end_legs_in_path(Track& track);
  void advertise(Track& track, bool to_legs);
  void request_stamp(Track& track, Stamp above, std::uint8_t hops_left, TimeUs now_us);
  void send_stamp_request(const TrackKey& key, NodeId origin, Stamp above, std::uint8_t hops_left);
  Path path_of(const Track& track) const;  // from the origin to this node
  struct Behalf {
    Path path;
    NodeId origin = kNoNode;
  };
  Behalf behalf_of(const Track& track, NodeId asked) const;
  std::uint8_t reach_of(const Track& track) const;
  bool has_origin(const Track* track, const TrackKey& key) const;

  template <class Message>
  void send(NodeId to, const Message& message) {
    std::array<std::uint8_t, 64> bytes;
    wire::Writer writer(bytes);
    write(writer, message);
    outbox_.send(to, record_type<Message>(), writer.written());
  }

  const NodeId self_;
  const Membership membership_;
  const std::vector<std::string> names_;
  const config::Relaying config_;
  const TimeUs feed_window_us_;
  const Surroundings& surroundings_;
  Outbox& outbox_;
  Watermark watermark_;
  std::unordered_map<TrackKey, Track, TrackKeyHash> tracks_;
  // (due, track): an entry that is not the track's due_us is out of date.
  using Timer = std::pair<TimeUs, TrackKey>;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<TrackKey> scratch_;
  std::uint32_t nonce_ = 0;
  std::size_t legs_ = 0;
  std::size_t starving_ = 0;
  TimeUs room_at_us_ = kLongAgo;  // a full table is not searched again before
  // In tick() only: elsewhere what proves the contrary may wait in a queue behind what is handled.
  bool is_judging_ = false;
  double tokens_ = 0;  // SUBSCRIBEs that may be sent now
  TimeUs tokens_us_ = 0;
  Output output_;
  Counters counters_;
};

}  // namespace causeway::control::relay
