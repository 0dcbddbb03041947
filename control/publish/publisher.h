// From desired state to the tables that workers read. The only writer of Tables, TransportIndex and the
// snapshot pointer. Whatever a worker may still be looking at is freed only after a grace period.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "dataplane/grace.h"
#include "dataplane/tables.h"

namespace causeway::control {

// What an id stands for, for people. Index: the id.
struct Inventory {
  struct LayerName {
    std::string track;
    std::string layer;
  };
  std::vector<std::string> ports;
  std::vector<std::string> transports;
  std::vector<LayerName> layers;
  std::vector<std::string> legs;
};

// Control thread only. add_* throw std::length_error if a table is full; names must be unique and refer to
// what was added (config::validate has made sure).
class Publisher {
 public:
  Publisher(Tables& tables, TransportRegistry& registry, const srtp::Engine& engine, GracePeriods& grace);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // The pointer that workers read. Replaces the snapshot; the old one is freed after a grace period.
  const std::atomic<const Snapshot*>& snapshot() const { return snapshot_; }
  void publish_snapshot(std::unique_ptr<const Snapshot> next, std::vector<std::string> port_names);

  Id add_transport(const config::Transport& transport);
  void add_track(const config::Track& track);
  Id add_leg(const config::Leg& leg);

  // Frees what has had its grace period. Returns how many things still wait.
  std::size_t reclaim();

  const Inventory& inventory() const { return inventory_; }
  const Tables& tables() const { return tables_; }

 private:
  template <class T>
  void replace(std::atomic<const T*>& pointer, std::unique_ptr<const T> next);
  void settle_own_ssrc(Transport& transport);

  Tables& tables_;
  TransportRegistry& registry_;
  const srtp::Engine& engine_;
  GracePeriods& grace_;
  std::atomic<const Snapshot*> snapshot_{nullptr};
  Inventory inventory_;  // its sizes are the numbers of used slots
  std::map<std::string, Id> transports_;
  std::map<std::string, std::map<std::string, Id>> layers_;  // by track and layer name
  struct Retired {
    std::uint64_t token;
    std::function<void()> free;
  };
  std::deque<Retired> retired_;
};

}  // namespace causeway::control
