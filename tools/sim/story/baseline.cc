#include "tools/sim/story/baseline.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "control/core/post.h"
#include "control/wire/bytes.h"

namespace causeway::sim {
namespace {

using control::JournalKind;
using control::NodeId;
using control::RelayView;
using control::TrackKey;

constexpr TimeUs kBeatUs = 100'000;
constexpr TimeUs kSilenceUs = 3 * kBeatUs;
constexpr TimeUs kLookUpUs = 500'000;  // in which a new subscriber waits for the origin's claim
// Types that the new design does not know. A body of each: claims, or one track.
constexpr auto kBeat = static_cast<control::wire::RecordType>(200);
constexpr auto kTake = static_cast<control::wire::RecordType>(201);
constexpr auto kLeave = static_cast<control::wire::RecordType>(202);
constexpr std::size_t kMostClaims = 32;
constexpr std::uint64_t kOriginStamp = 1U
                                       << 20;  // packets need some label: the origin's, and everybody else's

class OldMind final : public Mind {
 public:
  OldMind(const control::CoreSettings& settings, TimeUs now_us)
      : settings_(settings),
        post_(settings.self, settings.membership.nodes(), settings.boot, 1),
        heard_us_(settings.membership.nodes(), now_us),
        due_us_(now_us) {}

  void on_frame(NodeId from, std::span<const std::uint8_t> frame, TimeUs, TimeUs now_us,
                Effects& effects) override {
    control::wire::FrameHeader header;
    std::span<const std::uint8_t> records;
    if (control::wire::read_frame(frame, header, records) != control::wire::FrameError::none) return;
    heard_us_[from] = now_us;
    while (const auto record = control::wire::next(records))
      take(from, *record, effects);
    choose(now_us, effects);
    post_.flush(effects);
  }
  void on_media(const TrackKey&, NodeId, const control::Label&, TimeUs, TimeUs, Effects&) override {}
  void on_watermark(control::Stamp, TimeUs, Effects&) override {}
  void on_token(control::TokenAnswer, TimeUs, Effects&) override {}
  void on_common_mode(bool, TimeUs, Effects&) override {}

  void publish(const TrackKey& track, TimeUs now_us, Effects& effects) override {
    Track& mine = tracks_[track];
    mine.is_origin = true;
    if (mine.upstream != control::kNoNode) say(mine.upstream, kLeave, track);
    mine.upstream = control::kNoNode;
    effects.tracks.push_back(track);
    beat(now_us);
    post_.flush(effects);
  }
  void unpublish(const TrackKey& track, TimeUs, Effects& effects) override {
    tracks_[track].is_origin = false;
    effects.tracks.push_back(track);
  }
  void want(const TrackKey& track, TimeUs now_us, Effects& effects) override {
    tracks_[track].is_wanted = true;
    tracks_[track].wanted_us = now_us;
    effects.tracks.push_back(track);
    choose(now_us, effects);
    post_.flush(effects);
  }
  void unwant(const TrackKey& track, TimeUs, Effects& effects) override {
    Track& mine = tracks_[track];
    mine.is_wanted = false;
    if (mine.upstream != control::kNoNode) say(mine.upstream, kLeave, track);
    mine.upstream = control::kNoNode;
    effects.tracks.push_back(track);
    post_.flush(effects);
  }

  void tick(TimeUs now_us, Effects& effects) override {
    if (now_us < due_us_) return;
    due_us_ = now_us + kBeatUs;
    convict(now_us, effects);
    if (!is_offline_) beat(now_us);
    choose(now_us, effects);
    post_.flush(effects);
  }
  TimeUs next_due_us() const override { return due_us_; }

  RelayView relay(const TrackKey& key) const override {
    RelayView view;
    view.label = {1, settings_.self, 1};
    const auto at = tracks_.find(key);
    if (at == tracks_.end()) return view;
    const Track& track = at->second;
    view.is_origin = track.is_origin && !is_offline_;
    view.is_wanted = track.is_wanted;
    if (view.is_origin) view.label = {kOriginStamp, settings_.self, 0};
    if (track.upstream != control::kNoNode) view.active = control::Edge{track.upstream, true, true};
    view.is_fed = view.is_origin || view.active;
    if (!is_offline_) view.legs.assign(track.legs.begin(), track.legs.end());
    return view;
  }
  control::DrainState drain() const override {
    return is_offline_ ? control::DrainState::hard : control::DrainState::none;
  }
  control::NodeSet convicted() const override { return convicted_; }

 private:
  struct Track {
    bool is_origin = false;
    bool is_wanted = false;
    TimeUs wanted_us = 0;
    NodeId upstream = control::kNoNode;
    std::set<NodeId> legs;
    std::map<NodeId, bool> claims;  // who says that it has it, and whether as its origin; never forgotten
  };

  void say(NodeId to, control::wire::RecordType type, const TrackKey& track) {
    std::array<std::uint8_t, 16> body;
    control::wire::Writer writer(body);
    writer.track(track);
    post_.send(to, type, body, 0);
  }

  // Claims every track that it publishes or takes, whether it gets it or not.
  void beat(TimeUs) {
    std::array<std::uint8_t, kMostClaims * 17> body;
    control::wire::Writer writer(body);
    for (const auto& [key, track] : tracks_) {
      if ((!track.is_origin && !track.is_wanted) || writer.left() < 17) continue;
      writer.track(key);
      writer.u8(track.is_origin ? 1 : 0);
    }
    for (std::size_t node = 0; node < heard_us_.size(); ++node) {
      if (node != settings_.self) post_.send(static_cast<NodeId>(node), kBeat, writer.written(), 0);
    }
  }

  void take(NodeId from, const control::wire::Record& record, Effects& effects) {
    control::wire::Reader reader(record.body);
    if (record.type == kBeat) {
      while (reader.left() >= 17) {
        const TrackKey key = reader.track();
        tracks_[key].claims[from] = reader.u8() == 1;
      }
    } else if (record.type == kTake || record.type == kLeave) {
      const TrackKey key = reader.track();
      if (reader.failed()) return;
      if (record.type == kTake) tracks_[key].legs.insert(from);
      if (record.type == kLeave) tracks_[key].legs.erase(from);
      effects.tracks.push_back(key);
    }
  }

  bool is_heard(NodeId node, TimeUs now_us) const { return now_us - heard_us_[node] <= kSilenceUs; }

  void convict(TimeUs now_us, Effects& effects) {
    bool is_alone = true;
    for (std::size_t i = 0; i < heard_us_.size(); ++i) {
      const auto node = static_cast<NodeId>(i);
      if (node == settings_.self) continue;
      if (is_heard(node, now_us)) {
        is_alone = false;
        convicted_.erase(node);
      } else if (!convicted_.contains(node)) {
        convicted_.insert(node);
        note(effects, JournalKind::verdict, node, {},
             "takes " + settings_.names[i] + " for dead: three beats are missing", now_us);
      }
    }
    if (!is_alone || is_offline_ || heard_us_.size() < 2) return;
    is_offline_ = true;
    note(effects, JournalKind::hard_drain, control::kNoNode, {},
         "reaches no other site and takes itself offline", now_us);
    for (const auto& [key, track] : tracks_)
      effects.tracks.push_back(key);
  }

  // The claimed origin, or else anybody who claims the track.
  NodeId claimer(const Track& track, TimeUs now_us) const {
    NodeId found = control::kNoNode;
    for (const auto& [node, is_origin] : track.claims) {
      if (!is_heard(node, now_us)) continue;
      if (is_origin) return node;
      if (found == control::kNoNode && now_us - track.wanted_us > kLookUpUs) found = node;
    }
    return found;
  }

  // Who has an upstream that is heard keeps it.
  void choose(TimeUs now_us, Effects& effects) {
    if (is_offline_) return;
    for (auto& [key, track] : tracks_) {
      const bool keeps = track.upstream != control::kNoNode && is_heard(track.upstream, now_us);
      if (track.is_origin || !track.is_wanted || keeps) continue;
      const NodeId next = claimer(track, now_us);
      if (next == track.upstream) continue;
      track.upstream = next;
      effects.tracks.push_back(key);
      if (next == control::kNoNode) continue;
      say(next, kTake, key);
      note(effects, JournalKind::relay_up, next, key,
           "takes it from " + settings_.names[next] + ", which claims it", now_us);
    }
  }

  static void note(Effects& effects, JournalKind kind, NodeId peer, const TrackKey& track, std::string text,
                   TimeUs now_us) {
    effects.journal.push_back({now_us, kind, peer, track, std::move(text), {}});
  }

  control::CoreSettings settings_;
  control::Post post_;
  std::map<TrackKey, Track> tracks_;
  std::vector<TimeUs> heard_us_;
  control::NodeSet convicted_;
  bool is_offline_ = false;
  TimeUs due_us_;
};

}  // namespace

MindFactory baseline_minds() {
  return [](const control::CoreSettings& settings, TimeUs now_us, Effects&) {
    return std::make_unique<OldMind>(settings, now_us);
  };
}

}  // namespace causeway::sim
