#include <string>
#include <vector>

#include "tools/sim/incidents.h"
#include "tools/sim/sweep_plans.h"

namespace causeway::sim {
namespace {

// a has the track and b wants it, but they hear each other no longer: a relay stands in between, and c may be
// it. Others take the track, too, or only could.
void freeze_a_relay(Incidents& story) {
  const std::vector<int> sites = story.shuffled();
  const int a = sites[0];
  const int b = sites[1];
  const int c = sites[2];
  const std::string track = "talk/" + std::to_string(story.number());
  std::vector<int> takers{b, c};
  story.act(ActionKind::cut, a, b);
  story.pass(3 * kSecUs);
  story.act(ActionKind::publish, story.node_of(a), -1, 0, track);
  story.act(ActionKind::subscribe, story.node_of(c), -1, 0, track);
  for (std::size_t i = 3; i < sites.size(); ++i) {
    if (!story.random().chance(40)) continue;
    takers.push_back(sites[i]);
    story.act(ActionKind::subscribe, story.node_of(sites[i]), -1, 0, track);
  }
  story.pass(2 * kSecUs);
  // In three of ten it is frozen already when it is asked: it says yes and sends nothing.
  const bool is_early = story.random().chance(30);
  if (!is_early) story.act(ActionKind::subscribe, story.node_of(b), -1, 0, track);
  story.pass(2 * kSecUs, 3 * kSecUs);
  story.act(ActionKind::freeze_media, story.node_of(c));
  story.pass(0, 300 * kMsUs);
  if (is_early) story.act(ActionKind::subscribe, story.node_of(b), -1, 0, track);
  story.pass(8 * kSecUs);
  story.act(ActionKind::thaw_media, story.node_of(c));
  story.pass(4 * kSecUs);
  for (const int site : takers)
    story.act(ActionKind::unsubscribe, story.node_of(site), -1, 0, track);
  story.act(ActionKind::unpublish, story.node_of(a), -1, 0, track);
  story.act(ActionKind::heal, a, b);
  story.pass(8 * kSecUs);
}

// A publisher goes from site to site. `at`: where each room's is.
void wander(Incidents& story, std::vector<int>& at) {
  const std::size_t room = static_cast<std::size_t>(story.number()) % at.size();
  const std::string track = "room/" + std::to_string(room);
  Random& random = story.random();
  int before = at[room];
  for (std::uint32_t left = 1 + random.below(4); left > 0; --left) {
    const int others = story.sites() - 1;
    const int other =
        (at[room] + 1 + static_cast<int>(random.below(static_cast<std::uint32_t>(others)))) % story.sites();
    const bool is_back = before != at[room] && random.chance(30);
    const int to = is_back ? before : other;
    before = at[room];
    at[room] = to;
    const std::int64_t pause_ms = random.chance(40) ? 0 : random.between(0, 3000);
    story.act(ActionKind::move, story.node_of(to), -1, pause_ms, track);
    story.pass(pause_ms * kMsUs);
    // On again before everybody was told, or when all have media.
    const bool is_soon = random.chance(50);
    story.pass(is_soon ? kMsUs : 4 * kSecUs, is_soon ? 400 * kMsUs : 5 * kSecUs);
  }
  story.pass(4 * kSecUs);
}

// Who is asked does not have the track: it only says so, or had it until a moment ago.
void ask_in_vain(Incidents& story) {
  const std::vector<int> sites = story.shuffled();
  const int origin = story.node_of(sites[0]);
  const int liar = story.node_of(sites[1]);
  const int asks = story.node_of(sites[2]);
  const int has = story.node_of(sites[3]);
  const std::string track = "talk/" + std::to_string(story.number());
  const bool lies = story.number() % 3 != 2;
  const bool is_published = story.number() % 3 != 1;
  if (is_published) {
    story.act(ActionKind::publish, origin, -1, 0, track);
    story.act(ActionKind::subscribe, has, -1, 0, track);
    story.pass(2 * kSecUs);
  }
  if (lies) {
    story.act(ActionKind::lie_directory, liar, -1, 4000, track);
    story.pass(200 * kMsUs, kSecUs);
  } else {
    story.pass(0, 200 * kMsUs);
    story.act(ActionKind::move, liar, -1, story.random().between(0, 1000), track);
    story.pass(0, 80 * kMsUs);
  }
  story.act(ActionKind::subscribe, asks, -1, 0, track);
  story.pass(6 * kSecUs);
  for (const int node : {asks, has})
    story.act(ActionKind::unsubscribe, node, -1, 0, track);
  for (const int node : {origin, liar})
    story.act(ActionKind::unpublish, node, -1, 0, track);
  story.pass(2 * kSecUs);
}

}  // namespace

// Every path as long as half of 150 ms.
Plan frozen_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count) {
  const bool has_canaries = first / kFrozenPerRun % 2 == 0;
  Incidents story(has_canaries ? plain_plan(seed, shape) : bare_plan(seed, shape), first);
  story.plan().network.base_us = 75 * kMsUs;
  for (std::uint64_t i = 0; i < count; ++i, story.next())
    freeze_a_relay(story);
  return story.finish("frozen");
}

Plan moves_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count) {
  constexpr int kRooms = 4;
  Incidents story(plain_plan(seed, shape), first);
  story.plan().network.jitter_us = 5 * kMsUs;
  story.plan().network.loss_ppm = 1000;
  std::vector<int> at;
  for (int room = 0; room < kRooms; ++room) {
    const std::string track = "room/" + std::to_string(room);
    const std::vector<int> sites = story.shuffled();
    at.push_back(sites[0]);
    story.act(ActionKind::publish, story.node_of(sites[0]), -1, 0, track);
    for (std::size_t i = 1; i < sites.size() - story.random().below(3); ++i)
      story.act(ActionKind::subscribe, story.node_of(sites[i]), -1, 0, track);
  }
  story.pass(5 * kSecUs);
  for (std::uint64_t i = 0; i < count; ++i, story.next())
    wander(story, at);
  return story.finish("moves");
}

// An answer that comes late must not hide behind the network's jitter.
Plan no_track_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count) {
  Incidents story(plain_plan(seed, shape), first);
  story.plan().network.jitter_us = kMsUs / 2;
  for (std::uint64_t i = 0; i < count; ++i, story.next())
    ask_in_vain(story);
  return story.finish("no-track");
}

}  // namespace causeway::sim
