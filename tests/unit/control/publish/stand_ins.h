// What the publisher of tables is given in tests in place of workers: their index, their grace periods, a
// port.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "control/publish/publisher.h"

namespace causeway::control::test {

// Remembers what was made findable.
class Registry : public TransportRegistry {
 public:
  Added add(const TransportKey& key, Id transport) override {
    if (keys.size() == capacity) return Added::full;
    return keys.emplace(key, transport).second ? Added::yes : Added::taken;
  }
  void remove(const TransportKey& key) override { EXPECT_EQ(keys.erase(key), 1U); }
  std::size_t capacity = 100;
  std::map<TransportKey, Id> keys;
};

// Grace periods that pass when the test says so.
class Grace : public GracePeriods {
 public:
  std::uint64_t begin() override { return ++last; }
  bool passed(std::uint64_t token) override { return token <= quiescent; }
  std::uint64_t last = 0;
  std::uint64_t quiescent = 0;
};

inline std::unique_ptr<Snapshot> one_port() {
  auto snapshot = std::make_unique<Snapshot>();
  snapshot->ports.push_back({.mac = *net::MacAddress::parse("02:00:00:00:00:01"), .addresses = {}});
  return snapshot;
}

}  // namespace causeway::control::test
