// The network between the nodes: delay, loss, doubling, reordering and cuts, for datagrams of control and
// packets of media alike. Faults are between sites; whatever is on its way when one begins still arrives.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "control/wire/frame.h"
#include "control/wire/ids.h"
#include "tools/sim/plan.h"
#include "tools/sim/random.h"

namespace causeway::sim {

using control::NodeId;
using control::SiteId;

inline constexpr std::uint8_t kAllFlows = 0xff;
inline constexpr TimeUs kLateUs = 200'000;  // what a reordered datagram is late by, at most

// What becomes of a datagram: it arrives never, once or twice, after so long.
struct Fate {
  unsigned copies = 0;
  std::array<TimeUs, 2> after_us{};
};

enum class Lane : std::uint8_t { datagrams, media };

class Backbone {
 public:
  // flows: source ports that a pair of nodes has; those beyond carry nothing.
  Backbone(const Network& settings, std::size_t sites, unsigned nodes_per_site, unsigned flows,
           std::uint64_t seed);

  Fate send(NodeId from, NodeId to, unsigned flow, Lane lane) {
    Link& link = links_[from * nodes_ + to];
    const std::uint64_t random = link.streams[static_cast<std::size_t>(lane)].next();
    const bool lost = (link.cut >> flow & 1) != 0 || static_cast<std::uint32_t>(random) < link.loss;
    if (lost) return {};
    const auto more_us = static_cast<TimeUs>((random >> 32) * link.jitter_us >> 32);
    Fate fate{1, {link.base_us + more_us, 0}};
    if ((link.duplicate | link.reorder) != 0) disturb(link, lane, fate);
    return fate;
  }

  // Faults of one direction, from site to site.
  void cut(SiteId from, SiteId to, std::uint8_t flows);  // a bit for each flow
  void heal(SiteId from, SiteId to, TimeUs now_us);
  void set_loss(SiteId from, SiteId to, std::uint32_t percent, TimeUs now_us);
  void set_delay(SiteId from, SiteId to, std::uint32_t percent, TimeUs now_us);  // 100: as usual
  void set_duplicate(SiteId from, SiteId to, std::uint32_t percent);
  void set_reorder(SiteId from, SiteId to, std::uint32_t percent);

  SiteId site_of(NodeId node) const { return static_cast<SiteId>(node / nodes_per_site_); }
  std::size_t nodes() const { return nodes_; }
  TimeUs base_us(NodeId from, NodeId to) const { return links_[from * nodes_ + to].base_us; }
  // Since when a flow from `from` to `to` carries almost everything, in almost the usual time; kNever: it
  // does not.
  TimeUs good_since_us(NodeId from, NodeId to, unsigned flow) const {
    const Way& way = ways_[site_of(from) * sites_ + site_of(to)];
    return (way.cut >> flow & 1) != 0 ? control::kNever : std::max(way.good_since_us, way.healed_us[flow]);
  }
  // Likewise of at least one flow of the pair.
  TimeUs heard_since_us(NodeId from, NodeId to) const;

 private:
  struct Link {  // from node to node
    std::uint32_t base_us = 0;
    std::uint32_t jitter_us = 0;
    std::uint32_t loss = 0;  // of 2^32
    std::uint32_t duplicate = 0;
    std::uint32_t reorder = 0;
    std::uint8_t cut = 0;  // a bit for each flow
    std::array<Random, 2> streams;
  };
  struct Way {  // from site to site: what the links are made of
    TimeUs base_us = 0;
    TimeUs jitter_us = 0;
    std::uint32_t loss_percent = 0;
    std::uint32_t delay_percent = 100;
    std::uint32_t duplicate_percent = 0;
    std::uint32_t reorder_percent = 0;
    std::uint8_t cut = 0;
    TimeUs good_since_us = 0;
    std::array<TimeUs, control::wire::kMaxFlows> healed_us{};
  };

  void disturb(Link& link, Lane lane, Fate& fate);
  void apply(SiteId from, SiteId to);
  void judge(Way& way, TimeUs now_us) const;
  Way& way(SiteId from, SiteId to) { return ways_[from * sites_ + to]; }

  std::size_t sites_;
  unsigned nodes_per_site_;
  unsigned flows_;
  std::size_t nodes_;
  std::uint32_t usual_loss_;
  std::vector<Link> links_;
  std::vector<Way> ways_;
};

}  // namespace causeway::sim
