#include "control/relay/order.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/dataplane/seed.h"

namespace causeway::control::relay {
namespace {

using Edges = std::set<std::pair<NodeId, NodeId>>;

bool reaches(const Edges& edges, NodeId from, NodeId to) {
  std::vector<NodeId> open{from};
  std::set<NodeId> seen;
  while (!open.empty()) {
    const NodeId at = open.back();
    open.pop_back();
    if (at == to) return true;
    if (!seen.insert(at).second) continue;
    for (const auto& [a, b] : edges) {
      if (a == at) open.push_back(b);
    }
  }
  return false;
}

TEST(Order, NamesTheCycleThatAnEdgeWouldClose) {
  Order order;
  EXPECT_TRUE(order.add(1, 2).empty());
  EXPECT_TRUE(order.add(2, 3).empty());
  EXPECT_EQ(order.add(3, 1), (std::vector<NodeId>{3, 1, 2, 3}));
  EXPECT_FALSE(order.contains(3, 1));
  EXPECT_EQ(order.edges(), 2U);
}

TEST(Order, AnEdgeToOneselfIsACycle) {
  Order order;
  EXPECT_EQ(order.add(4, 4), (std::vector<NodeId>{4, 4}));
}

TEST(Order, TakesAnEdgeThatARemovedOneForbade) {
  Order order;
  order.add(1, 2);
  order.remove(1, 2);
  EXPECT_TRUE(order.add(2, 1).empty());
  order.remove(7, 8);  // was never there
  EXPECT_EQ(order.edges(), 1U);
}

TEST(Order, AgreesWithAPlainSearch) {
  const std::uint64_t seed = test::seed();
  SCOPED_TRACE("CAUSEWAY_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    const std::size_t nodes = 2 + random() % 9;
    Order order;
    Edges edges;
    for (int step = 0; step < 120; ++step) {
      const NodeId a = static_cast<NodeId>(random() % nodes);
      const NodeId b = static_cast<NodeId>(random() % nodes);
      if (random() % 3 == 0) {
        order.remove(a, b);
        edges.erase({a, b});
        continue;
      }
      const bool closes = a == b || reaches(edges, b, a);
      const std::vector<NodeId> cycle = order.add(a, b);
      ASSERT_EQ(!cycle.empty(), closes);
      if (!closes) edges.insert({a, b});
      for (std::size_t i = 1; closes && i + 1 < cycle.size(); ++i)
        ASSERT_TRUE(edges.contains({cycle[i], cycle[i + 1]}));
      ASSERT_EQ(order.edges(), edges.size());
    }
  }
}

}  // namespace
}  // namespace causeway::control::relay
