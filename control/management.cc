#include "control/management.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace causeway::control {
namespace {

constexpr TimeUs kLookUs = 1'000'000;

// Of an appliance that is alone nothing survives a restart: the time of its start tells it from others.
std::uint64_t boot_of(const fleet::Fleet* fleet) {
  return fleet != nullptr ? fleet->boot() : static_cast<std::uint64_t>(wall_ms());
}

}  // namespace

Management::Management(const config::Config& config, session::State& state, Keeper& keeper,
                       fleet::Fleet* fleet, Observed observed, TimeUs now_us)
    : config_(config),
      state_(state),
      keeper_(keeper),
      fleet_(fleet),
      observed_(std::move(observed)),
      boot_(boot_of(fleet)),
      started_us_(now_us),
      now_us_(now_us),
      chronicle_(config, state, fleet) {
  for (const config::Site& site : config.sites)
    sites_.push_back(site.name);
}

void Management::turn(TimeUs now_us) {
  now_us_ = now_us;
  gaps_.turn(now_us);
  if (now_us < look_us_ + kLookUs) return;
  look_us_ = now_us;
  std::vector<std::uint64_t> turns;
  for (const Worker* worker : observed_.workers)
    turns.push_back(worker->counters().turns.read());
  workers_.look(turns, now_us);
}

void Management::take(Journal& entries) {
  std::ranges::move(told_, std::back_inserter(entries));
  told_.clear();
  control::count(entries, journal_);
  chronicle_.take(entries, now_us_);
}

// ---- wishes

session::Outcome Management::take(session::Outcome outcome, bool transports) {
  if (!outcome.changed) return outcome;
  keeper_.changed(outcome.tracks);
  if (transports) keeper_.transports_changed();
  if (fleet_ != nullptr) fleet_->changed(outcome.tracks);
  return outcome;
}

session::Outcome Management::put_transport(const config::Transport& transport, session::IfVersion version) {
  return take(state_.put_transport(transport, version), true);
}
session::Outcome Management::remove_transport(std::string_view name, session::IfVersion version) {
  return take(state_.remove_transport(name, version), true);
}
session::Outcome Management::publish(const config::Track& track, session::IfVersion version) {
  return take(state_.publish(track, version));
}
session::Outcome Management::unpublish(std::string_view id, session::IfVersion version) {
  return take(state_.unpublish(id, version));
}
session::Outcome Management::subscribe(const config::Leg& leg, session::IfVersion version) {
  return take(state_.subscribe(leg, version));
}
session::Outcome Management::unsubscribe(std::string_view name, session::IfVersion version) {
  return take(state_.unsubscribe(name, version));
}
session::Outcome Management::describe(const session::TrackInfo& info, session::IfVersion version) {
  return take(state_.describe(info, version));
}
session::Outcome Management::forget(std::string_view id, session::IfVersion version) {
  return take(state_.forget(id, version));
}

// ---- what is told

FleetView Management::fleet() const {
  FleetView view;
  if (fleet_ != nullptr) {
    const fleet::Roster& roster = fleet_->roster();
    fill(view, fleet_->core(), {roster.membership, roster.names, sites_, roster.self}, now_us_);
    add_shell(view);
  } else {
    view.node = config_.node.name;
    view.site = config_.node.site;
  }
  view.boot = boot_;
  view.up_us = now_us_ - started_us_;
  view.is_drained_by_operator = is_drained_;
  view.journal = journal_;
  const JournalWriter::Counters written = chronicle_.counters();
  view.journal_written = written.written;
  view.journal_lost = written.lost;
  view.journal_failures = written.failures;
  view.longest_gap_us = gaps_.longest_us();
  view.version = state_.version();
  view.transports = state_.transports().size();
  view.subscriptions = state_.subscriptions().size();
  view.tracks = static_cast<std::size_t>(std::ranges::count_if(
      state_.tracks(), [](const auto& track) { return track.second.published.has_value(); }));
  for (const auto& [key, waiting] : keeper_.waiting())
    view.waiting += waiting.size();
  return view;
}

void Management::add_shell(FleetView& view) const {
  const fleet::LinkCounters& links = fleet_->links().counters();
  view.frames_sent = links.sent;
  view.frames_unsent = links.not_sent;
  view.frames_not_authentic = links.not_authentic;
  const auto drops = [this](Drop reason) {
    std::uint64_t sum = 0;
    for (const Worker* worker : observed_.workers)
      sum += worker->counters().drops[static_cast<std::size_t>(reason)].read();
    return sum;
  };
  view.frames_lost = drops(Drop::node_queue_full);
  view.loop_drops = drops(Drop::relay_own_node) + drops(Drop::relay_hop_limit);
  const fleet::WatermarkView watermark = fleet_->watermark();
  view.watermark_wanted = watermark.wanted;
  view.watermark_on_disk = watermark.on_disk;
  view.is_disk_failing = watermark.is_failing;
  view.disk_failures = watermark.failures;
}

const std::vector<std::string>& Management::nodes() const {
  static const std::vector<std::string> kNone;
  return fleet_ == nullptr ? kNone : fleet_->roster().names;
}

RelayView Management::relay(const TrackKey& track) const {
  return fleet_ == nullptr ? RelayView{} : fleet_->relay(track);
}

std::vector<TrackKey> Management::relayed(const TrackKey& after, std::size_t most) const {
  return fleet_ == nullptr ? std::vector<TrackKey>{} : fleet_->core().relayed(after, most);
}

DrainState Management::drain() const {
  return fleet_ == nullptr ? DrainState::none : fleet_->core().drain();
}

void Management::drain_by_operator(bool on) {
  if (on != is_drained_)
    told_.push_back({.at_us = now_us_,
                     .kind = on ? JournalKind::operator_drain : JournalKind::operator_undrain,
                     .track = {},
                     .text = on ? "an operator drains this node: it takes no new sessions"
                                : "an operator ended the drain of this node",
                     .numbers = {}});
  is_drained_ = on;
  if (fleet_ != nullptr) fleet_->drain_by_operator(on);
}

Metrics Management::metrics() const {
  Metrics metrics;
  metrics.version = CAUSEWAY_VERSION;
  metrics.fleet = fleet();
  fill(metrics, observed_);
  if (server_ != nullptr) metrics.api = server_->counters();
  return metrics;
}

}  // namespace causeway::control
