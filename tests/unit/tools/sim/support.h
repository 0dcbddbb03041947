// A mind that is simple enough to know what it does: it beats, asks a track's one origin for it, and believes
// what it is told. And plans for it.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "control/relay/message.h"
#include "control/wire/frame.h"
#include "tools/sim/mind.h"
#include "tools/sim/plan.h"
#include "tools/sim/world.h"

namespace causeway::sim::test {

using control::BootId;
using control::CoreSettings;
using control::DrainState;
using control::Edge;
using control::kNever;
using control::kNoNode;
using control::NodeSet;
using control::RelayView;
using control::TokenAnswer;
using control::TrackKey;

// What the toys of a test share: who is the origin of a track, and what a test looks at or changes.
struct Toybox {
  std::map<TrackKey, NodeId> origins;
  std::vector<std::vector<TimeUs>> frames_us;           // by node: when frames arrived, by its clock
  std::vector<std::vector<TimeUs>> given_us;            // when they were given
  std::vector<std::vector<TimeUs>> ticks_us;            // by node
  std::vector<std::vector<control::Stamp>> watermarks;  // by node: what each boot found
  // Makes a view wrong, or anything else.
  std::function<void(NodeId, const TrackKey&, RelayView&)> twist;
  std::function<void(NodeId, TimeUs, Effects&)> at_tick;
  std::function<DrainState(NodeId, TimeUs)> drain;

  bool are_stubborn = false;  // they never notice that media ended
  bool are_patient = false;   // they ask but once, and wait for ever

  explicit Toybox(std::size_t nodes)
      : frames_us(nodes), given_us(nodes), ticks_us(nodes), watermarks(nodes) {}
};

class Toy final : public Mind {
 public:
  Toy(CoreSettings settings, TimeUs now_us, Effects& effects, Toybox& box)
      : settings_(std::move(settings)), box_(box), beat_us_(now_us + 1000), now_us_(now_us) {
    box_.watermarks[settings_.self].push_back(settings_.watermark);
    effects.persist = settings_.watermark + 100;
  }

  void on_frame(NodeId from, std::span<const std::uint8_t> frame, TimeUs arrived_us, TimeUs now_us,
                Effects& effects) override {
    now_us_ = now_us;
    box_.frames_us[settings_.self].push_back(arrived_us);
    box_.given_us[settings_.self].push_back(now_us);
    control::wire::FrameHeader header;
    std::span<const std::uint8_t> records;
    if (control::wire::read_frame(frame, header, records) != control::wire::FrameError::none) return;
    while (const auto record = control::wire::next(records))
      on_record(from, *record, effects);
  }
  void on_media(const TrackKey& track, NodeId from, const Label& label, TimeUs, TimeUs now_us,
                Effects& effects) override {
    now_us_ = now_us;
    RelayView& view = at(track);
    if (view.pending && view.pending->upstream == from) {
      view.active = Edge{from, true, true};
      view.pending.reset();
      view.is_fed = true;
      view.label = control::below(label);
      effects.tracks.push_back(track);
    }
    fed_us_[track] = now_us;
  }
  void on_watermark(control::Stamp, TimeUs, Effects&) override {}
  void on_token(TokenAnswer, TimeUs, Effects&) override {}
  void on_common_mode(bool, TimeUs, Effects&) override {}
  void publish(const TrackKey& track, TimeUs, Effects& effects) override {
    RelayView& view = at(track);
    view.is_origin = view.is_fed = true;
    view.label = {settings_.watermark + ++stamps_, settings_.self, 0};
    box_.origins[track] = settings_.self;
    effects.tracks.push_back(track);
  }
  void unpublish(const TrackKey& track, TimeUs, Effects& effects) override {
    views_[track].is_origin = views_[track].is_fed = false;
    effects.tracks.push_back(track);
  }
  void want(const TrackKey& track, TimeUs, Effects& effects) override {
    at(track).is_wanted = true;
    if (!views_[track].is_origin) ask(track, effects);
  }
  void unwant(const TrackKey& track, TimeUs, Effects& effects) override {
    views_[track].is_wanted = false;
    views_[track].active.reset();
    effects.tracks.push_back(track);
  }
  void tick(TimeUs now_us, Effects& effects) override {
    now_us_ = now_us;
    box_.ticks_us[settings_.self].push_back(now_us);
    if (box_.at_tick) box_.at_tick(settings_.self, now_us, effects);
    if (now_us < beat_us_) return;
    beat_us_ = now_us + 100'000;
    for (std::size_t node = 0; node < settings_.membership.nodes(); ++node) {
      if (node != settings_.self)
        say(static_cast<NodeId>(node), control::wire::RecordType::beat, {}, effects);
    }
    for (auto& [track, view] : views_) {
      if (!box_.are_stubborn && view.active && view.active->fed && now_us - fed_us_[track] > 280'000)
        lose(track, view, effects);
      if (!box_.are_patient && view.is_wanted && !view.is_fed) ask(track, effects);
    }
  }
  TimeUs next_due_us() const override { return beat_us_; }
  RelayView relay(const TrackKey& track) const override {
    const auto at = views_.find(track);
    RelayView view = at == views_.end() ? unknown() : at->second;
    if (box_.twist) box_.twist(settings_.self, track, view);
    return view;
  }
  DrainState drain() const override {
    return box_.drain ? box_.drain(settings_.self, now_us_) : DrainState::none;
  }
  NodeSet convicted() const override { return {}; }

 private:
  RelayView unknown() const {
    RelayView view;
    view.label = {settings_.watermark, kNoNode, 0};
    return view;
  }
  RelayView& at(const TrackKey& track) { return views_.try_emplace(track, unknown()).first->second; }
  void on_record(NodeId from, const control::wire::Record& record, Effects& effects) {
    namespace relay = control::relay;
    relay::Subscribe subscribe;
    relay::Ack ack;
    if (record.type == control::wire::RecordType::subscribe && relay::read(record.body, subscribe)) {
      RelayView& view = at(subscribe.track);
      if (!view.is_fed) return answer(from, relay::Nack{subscribe.track, subscribe.nonce}, effects);
      if (std::ranges::count(view.legs, from) == 0) view.legs.push_back(from);
      effects.tracks.push_back(subscribe.track);
      answer(from, relay::Ack{subscribe.track, subscribe.nonce, view.label, relay::Path(settings_.self)},
             effects);
    } else if (record.type == control::wire::RecordType::ack && relay::read(record.body, ack)) {
      RelayView& view = at(ack.track);
      if (view.pending) view.pending->acknowledged = true;
      effects.tracks.push_back(ack.track);
    }
  }
  void ask(const TrackKey& track, Effects& effects) {
    const auto origin = box_.origins.find(track);
    if (origin == box_.origins.end() || origin->second == settings_.self) return;
    at(track).pending = Edge{origin->second, false, false};
    at(track).active.reset();
    effects.tracks.push_back(track);
    answer(origin->second,
           control::relay::Subscribe{track, {}, ++nonce_, control::relay::Path(settings_.self)}, effects);
  }
  void lose(const TrackKey& track, RelayView& view, Effects& effects) {
    view.active->fed = view.is_fed = false;
    effects.tracks.push_back(track);
  }
  template <class Message>
  void answer(NodeId to, const Message& message, Effects& effects) {
    std::array<std::uint8_t, 64> bytes{};
    control::wire::Writer writer(bytes);
    write(writer, message);
    say(to, control::relay::record_type<Message>(), writer.written(), effects);
  }
  void say(NodeId to, control::wire::RecordType type, std::span<const std::uint8_t> body, Effects& effects) {
    control::wire::FrameBuilder builder;
    builder.add(type, [&](control::wire::Writer& writer) { writer.bytes(body); });
    ++sequence_;
    const auto flow = static_cast<std::uint8_t>(sequence_ % settings_.heartbeat.flows);
    const auto frame = builder.finish({settings_.self, flow, settings_.boot, 0, sequence_});
    effects.datagrams.push_back({to, flow, static_cast<std::uint32_t>(effects.bytes.size()),
                                 static_cast<std::uint32_t>(frame.size())});
    effects.bytes.insert(effects.bytes.end(), frame.begin(), frame.end());
  }

  CoreSettings settings_;
  Toybox& box_;
  std::map<TrackKey, RelayView> views_;
  std::map<TrackKey, TimeUs> fed_us_;
  TimeUs beat_us_;
  TimeUs now_us_;
  control::Stamp stamps_ = 0;
  std::uint32_t nonce_ = 0;
  std::uint64_t sequence_ = 0;
};

inline MindFactory toys(Toybox& box) {
  return [&box](const CoreSettings& settings, TimeUs now_us, Effects& effects) {
    return std::make_unique<Toy>(settings, now_us, effects, box);
  };
}

constexpr TimeUs kSecond = 1'000'000;

inline Plan quiet_plan(std::size_t sites, TimeUs length_us) {
  Plan plan;
  for (std::size_t i = 0; i < sites; ++i)
    plan.sites.push_back("s" + std::to_string(i));
  plan.length_us = length_us;
  plan.network.jitter_us = 0;
  return plan;
}

inline Action at(TimeUs at_us, ActionKind kind, int a, int b = -1, std::int64_t value = 0,
                 std::string track = {}) {
  return {at_us, kind, a, b, value, std::move(track)};
}

// Each site publishes a track, and all others take it.
inline void add_canaries(Plan& plan) {
  const auto sites = static_cast<int>(plan.sites.size());
  for (int site = 0; site < sites; ++site) {
    const std::string track = "canary/" + plan.sites[static_cast<std::size_t>(site)];
    plan.actions.push_back(at(0, ActionKind::publish, site, -1, 0, track));
    for (int other = 0; other < sites; ++other) {
      if (other != site) plan.actions.push_back(at(1000, ActionKind::subscribe, other, -1, 0, track));
    }
  }
}

}  // namespace causeway::sim::test
