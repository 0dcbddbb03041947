// What the network does to a publisher's packets, by rate: seeded, so that a run can be repeated. What really
// happened is counted where it happens (sender.h).
#pragma once

#include <cstdint>
#include <random>

#include "tools/pktgen/languages.h"

namespace causeway::pktgen {

enum class Fate : std::uint8_t { sent, lost, reordered, duplicated, corrupted, replayed };

class Dice {
 public:
  Dice(const Impairments& rates, std::uint64_t seed) : rates_(rates), any_(rates.any()), random_(seed) {}

  Fate fate();     // of an RTP packet
  bool garbage();  // is something sent behind it that nobody wants?
  std::uint64_t number() { return random_(); }
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

 private:
  double share() { return static_cast<double>(random_() >> 11) * 0x1p-53; }  // 0 <= share < 1

  Impairments rates_;
  bool any_;
  std::mt19937_64 random_;
};

inline Fate Dice::fate() {
  if (!any_) return Fate::sent;
  double share = this->share();
  const auto falls_on = [&share](double rate) {
    const bool hit = share < rate;
    share -= rate;
    return hit;
  };
  if (falls_on(rates_.loss)) return Fate::lost;
  if (falls_on(rates_.reorder)) return Fate::reordered;
  if (falls_on(rates_.duplicate)) return Fate::duplicated;
  if (falls_on(rates_.corrupt)) return Fate::corrupted;
  if (falls_on(rates_.replay)) return Fate::replayed;
  return Fate::sent;
}

inline bool Dice::garbage() {
  return any_ && rates_.garbage > 0 && share() < rates_.garbage;
}

}  // namespace causeway::pktgen
