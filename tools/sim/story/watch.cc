#include <algorithm>

#include "tools/sim/story/story.h"

namespace causeway::sim {
namespace {

constexpr TimeUs kLookUs = 20'000;
constexpr std::size_t kMostJournal = 20'000;
constexpr std::size_t kMostStretches = 50'000;

bool same(const Stretch& a, const Stretch& b) {
  return a.part == b.part;
}
bool same(const Shift& a, const Shift& b) {
  return a.is_up == b.is_up && a.drain == b.drain;
}

// Keeps what changes: the open interval of each place is its last one.
template <class Interval>
class Keeper {
 public:
  explicit Keeper(std::size_t places) : open_(places), is_open_(places, false) {}

  void see(std::size_t place, Interval now, TimeUs at_us, std::vector<Interval>& out) {
    if (is_open_[place] && same(open_[place], now)) return;
    close(place, at_us, out);
    now.from_us = at_us;
    open_[place] = now;
    is_open_[place] = true;
  }
  void close(std::size_t place, TimeUs at_us, std::vector<Interval>& out) {
    if (!is_open_[place] || out.size() >= kMostStretches) return;
    open_[place].to_us = at_us;
    if (open_[place].from_us < at_us) out.push_back(open_[place]);
    is_open_[place] = false;
  }
  std::size_t places() const { return open_.size(); }

 private:
  std::vector<Interval> open_;
  std::vector<bool> is_open_;
};

}  // namespace

Story watch(const Plan& plan, const MindFactory& factory, bool is_baseline) {
  World world(plan, factory);
  if (is_baseline) world.judge_as_baseline();
  world.recorder().keep_journal(kMostJournal);
  Story story;
  story.plan = plan;
  story.nodes = world.node_names();
  story.tracks = world.track_names();
  const std::size_t nodes = story.nodes.size();
  Keeper<Stretch> stretches(nodes * story.tracks.size());
  Keeper<Shift> shifts(nodes);
  bool runs = true;
  for (TimeUs at_us = 0; runs && at_us < plan.length_us;) {
    at_us = std::min(at_us + kLookUs, plan.length_us);
    runs = world.run_until(at_us);
    for (std::size_t i = 0; i < nodes; ++i) {
      const auto node = static_cast<NodeId>(i);
      const bool is_up = world.is_up(node);
      const auto drain = is_up ? world.mind(node).drain() : control::DrainState::none;
      shifts.see(i, {node, 0, 0, is_up, drain}, world.now_us(), story.shifts);
      for (std::size_t track = 0; track < story.tracks.size(); ++track)
        stretches.see(track * nodes + i,
                      {node, track, 0, 0, world.part(node, static_cast<TrackIndex>(track))}, world.now_us(),
                      story.stretches);
    }
  }
  for (std::size_t i = 0; i < shifts.places(); ++i)
    shifts.close(i, world.now_us(), story.shifts);
  for (std::size_t i = 0; i < stretches.places(); ++i)
    stretches.close(i, world.now_us(), story.stretches);
  story.result = result_of(world, plan.seed);
  story.journal = world.recorder().journal();
  return story;
}

}  // namespace causeway::sim
