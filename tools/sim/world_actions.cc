// What the plan does to the world.
#include <algorithm>

#include "tools/sim/world.h"

namespace causeway::sim {

namespace {

std::uint32_t percent(std::int64_t value) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 0, 100));
}

}  // namespace

void World::on_action() {
  const Action& action = plan_.actions[next_action_++];
  if (next_action_ < plan_.actions.size()) {
    queue_.push({.at_us = std::max(now_us_, plan_.actions[next_action_].at_us), .kind = EventKind::action});
  }
  coverage_.on_action(action.kind);
  if (action.kind == ActionKind::heal) recorder_.on_heal(now_us_);
  switch (action.kind) {
    case ActionKind::cut:
    case ActionKind::cut_one_way:
    case ActionKind::cut_flow:
    case ActionKind::heal:
    case ActionKind::loss:
    case ActionKind::delay:
    case ActionKind::duplicate:
    case ActionKind::reorder:
      return act_on_network(action);
    case ActionKind::stall:
    case ActionKind::clock_step:
    case ActionKind::restart:
    case ActionKind::freeze_media:
    case ActionKind::thaw_media:
    case ActionKind::lose_directory:
    case ActionKind::lose_watermark:
      if (action.a >= 0 && action.a < static_cast<int>(nodes_.size())) act_on_node(action);
      return;
    case ActionKind::restart_all:
      for (Node& node : nodes_)
        kill(node, control::from_ms(action.value));
      return;
    case ActionKind::lie_directory:
    case ActionKind::publish:
    case ActionKind::unpublish:
    case ActionKind::move:
    case ActionKind::subscribe:
    case ActionKind::unsubscribe:
      if (action.a >= 0 && action.a < static_cast<int>(nodes_.size())) act_on_track(action);
      return;
    case ActionKind::arbiter_down:
      is_arbiter_up_ = false;
      return;
    case ActionKind::arbiter_up:
      is_arbiter_up_ = true;
      return;
  }
}

// visit(SiteId from, SiteId to). -1 stands for every site.
template <class Visit>
void World::for_each_way(const Action& action, bool both_ways, Visit&& visit) {
  const auto sites = static_cast<int>(plan_.sites.size());
  for (int a = 0; a < sites; ++a) {
    for (int b = 0; b < sites; ++b) {
      const bool is_meant = (action.a == a || action.a < 0) && (action.b == b || action.b < 0) && a != b;
      if (!is_meant) continue;
      visit(static_cast<SiteId>(a), static_cast<SiteId>(b));
      if (both_ways) visit(static_cast<SiteId>(b), static_cast<SiteId>(a));
    }
  }
}

// A whole site that is cut off with value 1 has lost its clients, too.
void World::act_on_clients(const Action& action) {
  const bool is_lost = action.kind == ActionKind::cut && action.b < 0 && action.value == 1;
  const bool is_back = action.kind == ActionKind::heal && action.b < 0;
  for (int site = 0; site < static_cast<int>(has_clients_.size()); ++site) {
    if (action.a >= 0 && action.a != site) continue;
    if (is_lost) has_clients_[static_cast<std::size_t>(site)] = false;
    if (is_back) has_clients_[static_cast<std::size_t>(site)] = true;
  }
}

void World::act_on_network(const Action& action) {
  act_on_clients(action);
  const bool both_ways = action.kind != ActionKind::cut_one_way;
  const auto flow = static_cast<unsigned>(action.value) % plan_.heartbeat.flows;
  for_each_way(action, both_ways, [&](SiteId from, SiteId to) {
    switch (action.kind) {
      case ActionKind::cut:
        return backbone_.cut(from, to, kAllFlows);
      case ActionKind::cut_one_way:
        note_one_way(from, to, true);
        return backbone_.cut(from, to, kAllFlows);
      case ActionKind::cut_flow:
        return backbone_.cut(from, to, static_cast<std::uint8_t>(1U << flow));
      case ActionKind::heal:
        note_one_way(from, to, false);
        return backbone_.heal(from, to, now_us_);
      case ActionKind::loss:
        return backbone_.set_loss(from, to, percent(action.value), now_us_);
      case ActionKind::delay:
        return backbone_.set_delay(from, to, static_cast<std::uint32_t>(action.value), now_us_);
      case ActionKind::duplicate:
        return backbone_.set_duplicate(from, to, percent(action.value));
      case ActionKind::reorder:
        return backbone_.set_reorder(from, to, percent(action.value));
      default:
        return;
    }
  });
}

// The nodes of the two sites have to find it out.
void World::note_one_way(SiteId from, SiteId to, bool is_cut) {
  for (unsigned a = 0; a < plan_.nodes_per_site; ++a) {
    for (unsigned b = 0; b < plan_.nodes_per_site; ++b) {
      const auto sender = static_cast<NodeId>(from * plan_.nodes_per_site + a);
      const auto hearer = static_cast<NodeId>(to * plan_.nodes_per_site + b);
      if (is_cut) {
        recorder_.on_cut_one_way(sender, hearer, now_us_);
      } else {
        recorder_.on_heal_one_way(sender, hearer, now_us_);
      }
    }
  }
}

void World::act_on_node(const Action& action) {
  Node& node = nodes_[static_cast<std::size_t>(action.a)];
  NodeFacts& facts = facts_.nodes[node.id];
  switch (action.kind) {
    case ActionKind::stall:
      return stall(node, control::from_ms(action.value));
    case ActionKind::clock_step:
      return step_clock(node, action.value * 1000);
    case ActionKind::restart:
      return kill(node, control::from_ms(action.value));
    case ActionKind::freeze_media:
      node.sends_media = false;
      facts.sends_since_us = control::kNever;
      recorder_.on_freeze(now_us_);
      return;
    case ActionKind::thaw_media:
      node.sends_media = true;
      facts.sends_since_us = now_us_;
      recorder_.on_thaw(now_us_);
      return;
    case ActionKind::lose_directory:
      return command(
          node, [](Mind& mind, TimeUs own_us, Effects& effects) { mind.forget_directory(own_us, effects); });
    case ActionKind::lose_watermark:
      node.disk.lose();
      node.has_lost_disk = true;
      return;
    default:
      return;
  }
}

void World::act_on_track(const Action& action) {
  const TrackIndex track = tracks_.at(control::track_key(action.track));
  Node& node = nodes_[static_cast<std::size_t>(action.a)];
  switch (action.kind) {
    case ActionKind::publish:
      return publish(node, track);
    case ActionKind::unpublish:
      return unpublish(node, track);
    case ActionKind::subscribe:
      return want(node, track);
    case ActionKind::unsubscribe:
      return unwant(node, track);
    case ActionKind::lie_directory:
      return lie(node, track, control::from_ms(action.value));
    case ActionKind::move:
      for (const Presence& publisher : std::vector(facts_.publishers[track])) {
        if (nodes_[publisher.node].is_stalled) coverage_.on(WorldPath::moved_in_stall);
        unpublish(nodes_[publisher.node], track);
      }
      queue_.push({.at_us = now_us_ + control::from_ms(action.value),
                   .slot = track,
                   .kind = EventKind::publisher,
                   .node = control::kNoNode,
                   .tag = static_cast<std::uint16_t>(++moves_[track] << 8 | node.id)});
      return;
    default:
      return;
  }
}

// A publisher that moved arrives. If it moved again meanwhile, it arrives elsewhere.
void World::on_publisher(TrackIndex track, std::uint16_t tag) {
  if (tag >> 8 == moves_[track]) publish(nodes_[tag & 0xff], track);
}

void World::publish(Node& node, TrackIndex track) {
  auto& publishers = facts_.publishers[track];
  if (Facts::find(publishers, node.id) != nullptr) return;
  publishers.push_back({node.id, now_us_});
  recorder_.on_publish(track);
  if (publishers.size() > 1) coverage_.on(WorldPath::two_publishers);
  tell_publish(node, track);
}

void World::unpublish(Node& node, TrackIndex track) {
  auto& publishers = facts_.publishers[track];
  if (std::erase_if(publishers, [&](const Presence& each) { return each.node == node.id; }) == 0) return;
  liveness_.on_publishers(track, now_us_);
  recorder_.on_unpublish(node.id, track, now_us_);
  // Its own subscribers had it until now.
  if (Presence* want = Facts::find(facts_.wants[track], node.id)) want->since_us = now_us_;
  tell_unpublish(node, track);
}

void World::want(Node& node, TrackIndex track) {
  auto& wants = facts_.wants[track];
  if (Facts::find(wants, node.id) != nullptr) return;
  wants.push_back({node.id, now_us_});
  liveness_.on_want(node.id, track, now_us_);
  tell_want(node, track);
}

void World::unwant(Node& node, TrackIndex track) {
  auto& wants = facts_.wants[track];
  if (std::erase_if(wants, [&](const Presence& each) { return each.node == node.id; }) == 0) return;
  command(node, [key = track_keys_[track]](Mind& mind, TimeUs own_us, Effects& effects) {
    mind.unwant(key, own_us, effects);
  });
}

void World::tell_publish(Node& node, TrackIndex track) {
  command(node, [key = track_keys_[track]](Mind& mind, TimeUs own_us, Effects& effects) {
    mind.publish(key, own_us, effects);
  });
}

void World::tell_unpublish(Node& node, TrackIndex track) {
  command(node, [key = track_keys_[track]](Mind& mind, TimeUs own_us, Effects& effects) {
    mind.unpublish(key, own_us, effects);
  });
}

void World::tell_want(Node& node, TrackIndex track) {
  command(node, [key = track_keys_[track]](Mind& mind, TimeUs own_us, Effects& effects) {
    mind.want(key, own_us, effects);
  });
}

}  // namespace causeway::sim
