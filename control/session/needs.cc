#include "control/session/needs.h"

#include <optional>
#include <set>

namespace causeway::control::session {
namespace {

std::optional<Need> need_of(const TrackRecord& record) {
  if (record.published) return Need::published;
  if (!record.subscriptions.empty()) return Need::wanted;
  return std::nullopt;
}

// `from` and `to`: null if there is no need.
void add_change(const TrackKey& key, const NeededTrack* from, const NeededTrack* to, NeedsChange& found) {
  if (from != nullptr && to != nullptr && from->need == to->need) return;
  if (from != nullptr)
    (from->need == Need::wanted ? found.unwant : found.unpublish).push_back({key, from->id});
  if (to != nullptr) (to->need == Need::wanted ? found.want : found.publish).push_back({key, to->id});
}

const NeededTrack* find(const Needs& needs, const TrackKey& key) {
  const auto at = needs.find(key);
  return at == needs.end() ? nullptr : &at->second;
}

}  // namespace

Needs needs(const State& state) {
  Needs all;
  for (const auto& [id, record] : state.tracks()) {
    if (const auto need = need_of(record)) all[record.key] = {id, *need};
  }
  return all;
}

NeedsChange change(const Needs& from, const Needs& to) {
  NeedsChange found;
  auto a = from.begin();
  auto b = to.begin();
  while (a != from.end() || b != to.end()) {
    const bool only_a = b == to.end() || (a != from.end() && a->first < b->first);
    const bool only_b = a == from.end() || (b != to.end() && b->first < a->first);
    add_change(only_b ? b->first : a->first, only_b ? nullptr : &a->second, only_a ? nullptr : &b->second,
               found);
    if (!only_b) ++a;
    if (!only_a) ++b;
  }
  return found;
}

NeedsChange update(Needs& needs, const State& state, std::span<const std::string> tracks) {
  Needs before;
  Needs after;
  std::set<TrackKey> seen;
  for (const std::string& id : tracks) {
    const TrackRecord* record = state.track(id);
    const TrackKey key = record != nullptr ? record->key : track_key(id);
    if (!seen.insert(key).second) continue;
    if (const NeededTrack* standing = find(needs, key)) before[key] = *standing;
    const auto need = record != nullptr ? need_of(*record) : std::nullopt;
    if (need) {
      after[key] = needs[key] = {id, *need};
    } else {
      needs.erase(key);
    }
  }
  return change(before, after);
}

}  // namespace causeway::control::session
