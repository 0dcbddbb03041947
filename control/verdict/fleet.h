// The membership as fixed tables: which nodes a site has, which sites there are.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "control/wire/ids.h"
#include "control/wire/membership.h"

namespace causeway::control::verdict {

// A set of sites, one bit each.
using SiteSet = std::uint32_t;
static_assert(kMaxSites <= 32);

constexpr SiteSet only(SiteId site) {
  return site < kMaxSites ? SiteSet{1} << site : 0;
}
constexpr bool has(SiteSet sites, SiteId site) {
  return (sites & only(site)) != 0;
}
constexpr int count(SiteSet sites) {
  return std::popcount(sites);
}

// visit(SiteId), in ascending order.
template <class Visitor>
constexpr void for_each_site(SiteSet sites, Visitor&& visit) {
  for (; sites != 0; sites &= sites - 1)
    visit(static_cast<SiteId>(std::countr_zero(sites)));
}

constexpr NodeSet without(const NodeSet& set, const NodeSet& taken) {
  return NodeSet({set.words()[0] & ~taken.words()[0], set.words()[1] & ~taken.words()[1]});
}

struct Fleet {
  std::size_t nodes = 0;
  std::array<SiteId, kMaxNodes> site_of{};
  std::array<NodeSet, kMaxSites> nodes_of{};
  SiteSet sites = 0;  // those that have a node

  explicit Fleet(const Membership& membership) {
    nodes = membership.nodes() < kMaxNodes ? membership.nodes() : kMaxNodes;
    site_of.fill(kNoSite);
    for (std::size_t n = 0; n < nodes; ++n) {
      const SiteId site = membership.site_of[n];
      if (site >= kMaxSites) continue;
      site_of[n] = site;
      nodes_of[site].insert(static_cast<NodeId>(n));
      sites |= only(site);
    }
  }

  // Ids that are no member's are left out: the set may come from a message.
  SiteSet sites_of(const NodeSet& set) const {
    SiteSet found = 0;
    for_each_site(sites, [&](SiteId site) {
      if (!(set & nodes_of[site]).empty()) found |= only(site);
    });
    return found;
  }
};

}  // namespace causeway::control::verdict
