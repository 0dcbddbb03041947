// The fleet as every node of it is configured: which nodes there are, in which sites.
#pragma once

#include <cstddef>
#include <vector>

#include "control/wire/ids.h"

namespace causeway::control {

struct Membership {
  std::vector<SiteId> site_of;  // by NodeId; at most kMaxNodes, each below kMaxSites

  std::size_t nodes() const { return site_of.size(); }
  bool contains(NodeId node) const { return node < site_of.size(); }
  std::size_t sites() const {
    std::size_t count = 0;
    for (const SiteId site : site_of)
      count = site + std::size_t{1} > count ? site + std::size_t{1} : count;
    return count;
  }
  NodeSet nodes_of(SiteId site) const {
    NodeSet nodes;
    for (std::size_t node = 0; node < site_of.size(); ++node) {
      if (site_of[node] == site) nodes.insert(static_cast<NodeId>(node));
    }
    return nodes;
  }
};

}  // namespace causeway::control
