// Two nodes and a network between them that loses, doubles and delays, from a seed.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/pair/pair.h"
#include "tests/unit/control/pair/authority.h"

namespace causeway::control::pair {

inline const Authority& fleet() {
  static const Authority authority("fleet CA");
  return authority;
}

inline std::shared_ptr<const Context> context_of(const CertificateFiles& texts) {
  return std::make_shared<const Context>(Certificates(texts, {"chain.pem", "key.pem", "ca.pem"}));
}

inline std::shared_ptr<const Context> context_of(const Wish& wish) {
  return context_of(texts(fleet().issue(wish), fleet().certificate()));
}

struct Network {
  TimeUs delay_us = from_ms(40);
  TimeUs jitter_us = 0;  // on top: what is later is overtaken
  unsigned loss_percent = 0;
  unsigned double_percent = 0;
};

class World {
 public:
  static constexpr int kGermany = 0;  // the client
  static constexpr int kFrance = 1;
  static constexpr TimeUs kFrameUs = from_ms(100);

  explicit World(std::uint64_t seed = 1) : random_(seed) {
    means[kGermany] = shared_context("germany");
    means[kFrance] = shared_context("france");
  }

  void start(int node) {
    Side& side = sides_[index(node)];
    side = {};
    side.pair = std::make_unique<Pair>(PairNames{.self = static_cast<NodeId>(node + 3),
                                                 .peer = static_cast<NodeId>(4 - node),
                                                 .peer_name = name(1 - node)},
                                       timers, means[index(node)], random_.next());
    give(node, [&](PairOutput& out) { side.pair->start(now(), out); });
    side.frame_us = now_us;
  }
  void start_both() {
    start(kGermany);
    start(kFrance);
  }

  // Until then, or until `is_enough`.
  template <class Enough>
  bool run(TimeUs until_us, Enough&& is_enough) {
    while (!is_enough()) {
      const TimeUs next_us = next();
      if (next_us > until_us) {
        now_us = std::max(now_us, until_us);
        return false;
      }
      now_us = std::max(now_us, next_us);
      turn();
    }
    return true;
  }
  void run(TimeUs until_us) {
    run(until_us, [] { return false; });
  }
  bool run_until_keyed(TimeUs within_us) {
    return run(now_us + within_us, [&] { return is_keyed(); });
  }

  // Both send with the same key, and take each other's.
  bool is_keyed() const {
    const wire::PairKey* a = sending_key(kGermany);
    const wire::PairKey* b = sending_key(kFrance);
    return a != nullptr && b != nullptr && *a == *b;
  }
  const wire::PairKey* sending_key(int node) const {
    const Side& side = sides_[index(node)];
    return side.pair ? side.pair->key(side.pair->sending()) : nullptr;
  }
  Pair& pair(int node) { return *sides_[index(node)].pair; }

  template <class Act>
  void give(int node, Act&& act) {
    PairOutput out;
    act(out);
    Side& side = sides_[index(node)];
    for (const Datagram& datagram : out.datagrams)
      send(node, datagram);
    for (const KeyChange& change : out.keys) {
      if (change.use == KeyUse::accept) side.accepted.push_back(change.generation);
      if (change.use == KeyUse::forget) std::erase(side.accepted, change.generation);
      changes[index(node)].push_back(change);
    }
    for (const JournalEntry& entry : out.journal)
      journal[index(node)].push_back(entry);
  }
  void inject(int to, const Datagram& datagram) {
    give(to, [&](PairOutput& out) { pair(to).on_datagram(datagram, now(), out); });
  }

  int written(int node, JournalKind kind) const {
    return static_cast<int>(std::ranges::count(journal[index(node)], kind, &JournalEntry::kind));
  }
  std::string last(int node, JournalKind kind) const {
    std::string text;
    for (const JournalEntry& entry : journal[index(node)])
      text = entry.kind == kind ? entry.text : text;
    return text;
  }
  Moment now() const { return {now_us, wall_s + now_us / 1'000'000}; }

  TimeUs now_us = from_ms(1000);
  std::int64_t wall_s = kWallS;
  Network network;
  PairTimers timers;
  bool cut = false;
  std::array<Means, 2> means;
  std::array<Journal, 2> journal;
  std::array<KeyChanges, 2> changes;
  std::vector<Datagram> seen;        // all that was sent
  std::array<int, 2> frames_sent{};  // with a key, over the whole run
  std::array<int, 2> frames_lost{};  // arrived, and could not be opened
  bool frames = true;

 private:
  struct Side {
    std::unique_ptr<Pair> pair;
    std::vector<Generation> accepted;
    TimeUs frame_us = kNever;
  };
  struct Parcel {
    int to = 0;
    Datagram datagram;
    std::optional<wire::PairKey> sealed_with;  // a frame
  };

  static std::size_t index(int node) { return static_cast<std::size_t>(node); }
  static std::string name(int node) { return node == kGermany ? "germany" : "france"; }
  // Signing takes time: tests share what they can.
  static std::shared_ptr<const Context> shared_context(const std::string& node) {
    static std::map<std::string, std::shared_ptr<const Context>> all;
    auto& found = all[node];
    if (!found) found = context_of(named(node));
    return found;
  }

  bool happens(unsigned percent) { return random_.below(100) < percent; }
  void put(const Parcel& parcel) {
    if (cut || happens(network.loss_percent)) return;
    const int copies = happens(network.double_percent) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      const auto jitter = random_.below(static_cast<std::uint64_t>(network.jitter_us) + 1);
      on_the_way_.emplace(now_us + network.delay_us + static_cast<TimeUs>(jitter), parcel);
    }
  }
  void send(int from, const Datagram& datagram) {
    seen.push_back(datagram);
    put({1 - from, datagram, std::nullopt});
  }
  void send_frame(int from) {
    const wire::PairKey* key = sending_key(from);
    if (key == nullptr || !frames) return;
    ++frames_sent[index(from)];
    put({1 - from, {}, *key});
  }

  TimeUs next() const {
    TimeUs next_us = on_the_way_.empty() ? kNever : on_the_way_.begin()->first;
    for (const Side& side : sides_) {
      if (side.pair) next_us = std::min({next_us, side.pair->next_due_us(), side.frame_us});
    }
    return next_us;
  }
  void turn() {
    while (!on_the_way_.empty() && on_the_way_.begin()->first <= now_us) {
      const Parcel parcel = std::move(on_the_way_.begin()->second);
      on_the_way_.erase(on_the_way_.begin());
      arrive(parcel);
    }
    for (int node = 0; node < 2; ++node) {
      Side& side = sides_[index(node)];
      if (!side.pair) continue;
      if (side.pair->next_due_us() <= now_us)
        give(node, [&](PairOutput& out) { side.pair->tick(now(), out); });
      if (side.frame_us > now_us) continue;
      send_frame(node);
      side.frame_us = now_us + kFrameUs;
    }
  }
  void arrive(const Parcel& parcel) {
    Side& side = sides_[index(parcel.to)];
    if (!side.pair) return;
    if (!parcel.sealed_with) return inject(parcel.to, parcel.datagram);
    for (const Generation generation : side.accepted) {
      if (*side.pair->key(generation) != *parcel.sealed_with) continue;
      return give(parcel.to, [&](PairOutput& out) { side.pair->on_authentic(generation, now(), out); });
    }
    ++frames_lost[index(parcel.to)];
  }

  beat::Random random_;
  std::array<Side, 2> sides_;
  std::multimap<TimeUs, Parcel> on_the_way_;
};

}  // namespace causeway::control::pair
