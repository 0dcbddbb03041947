// One node's directory with an honest peer, whose datagrams get lost and doubled, and two that say anything:
// what it holds and sends stays bounded, its own claims are its own, and in the end it knows exactly what the
// honest one announces. A step is a kind and its bytes.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <map>
#include <vector>

#include "control/directory/directory.h"

namespace {

using namespace causeway::control;
using namespace causeway::control::directory;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr NodeId kSelf = 0;
constexpr NodeId kHonest = 1;
constexpr std::size_t kNodes = 4;
constexpr std::size_t kMostHonestTracks = 12;  // its equal share: whatever the others announce, there is room
constexpr std::size_t kMostQueued = 64;
constexpr TimeUs kHealUs = 300'000'000;  // the longest wait between two repairs is a minute

struct Mail {
  wire::RecordType type{};
  std::vector<std::uint8_t> body;
};

class World {
 public:
  World() {
    self_.world = honest_.world = this;
    for (Node* node : {&self_, &honest_}) {
      node->directory.set_reachable(NodeSet({0xf, 0}), now_us_);
      node->directory.on_peer_boot(node == &self_ ? kHonest : kSelf, 1, now_us_);
    }
  }

  // Takes one step off the bytes.
  void step(std::span<const std::uint8_t>& bytes) {
    const std::uint8_t kind = take(bytes);
    switch (kind % 13) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: {
        const auto liar = static_cast<NodeId>(2 + kind / 13 % 2);
        const std::size_t size = std::min<std::size_t>(take(bytes) * 5U, bytes.size());
        self_.directory.on_record(liar, static_cast<wire::RecordType>(32 + kind % 13), bytes.first(size),
                                  now_us_);
        bytes = bytes.subspan(size);
        break;
      }
      case 5:
        put(self_, take(bytes), take(bytes));
        break;
      case 6:
        remove(self_, take(bytes));
        break;
      case 7:
        put(honest_, take(bytes), take(bytes));
        break;
      case 8:
        remove(honest_, take(bytes));
        break;
      case 9:
        pass(self_, honest_, take(bytes));
        break;
      case 10:
        pass(honest_, self_, take(bytes));
        break;
      case 11:
        now_us_ += take(bytes) * TimeUs{4'000};
        tick();
        break;
      default:
        other(take(bytes));
    }
    check();
  }

  void heal() {
    self_.queue.clear();
    honest_.queue.clear();
    self_.directory.set_reachable(NodeSet({0xf, 0}), now_us_);
    honest_.directory.set_reachable(NodeSet({0xf, 0}), now_us_);
    const TimeUs end_us = now_us_ + kHealUs;
    while (!is_equal()) {
      require(now_us_ < end_us);
      now_us_ =
          std::max(now_us_ + 1'000, std::min(self_.directory.next_due_us(), honest_.directory.next_due_us()));
      tick();
      while (!self_.queue.empty())
        pass(self_, honest_, 2);
      while (!honest_.queue.empty())
        pass(honest_, self_, 2);
      check();
    }
  }

 private:
  struct Node final : Outbox, Listener {
    explicit Node(NodeId given) : id(given), directory(timers(), members(), given, 1, 7, *this, *this, 0) {}

    void send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body, std::uint8_t) override {
      require(to != id && to < kNodes && body.size() <= wire::kMaxRecordBytes);
      ++sent;
      if (to > kHonest) return;
      if (queue.size() == kMostQueued) queue.pop_front();
      queue.push_back({type, {body.begin(), body.end()}});
    }
    void on_claims_changed(const TrackKey& track) override {
      std::array<Claim, kNodes> claims;
      directory.claims(track, std::span<Claim>(claims));
    }

    NodeId id;
    World* world = nullptr;
    std::map<TrackKey, Stamp> own;
    std::deque<Mail> queue;
    std::size_t sent = 0;
    Directory directory;
  };

  static causeway::config::DirectoryTimers timers() {
    causeway::config::DirectoryTimers timers;
    timers.max_tracks = 64;
    timers.max_own_tracks = 20;
    timers.log_entries = 64;
    timers.kbit_per_s = 1000;
    return timers;
  }
  static Membership members() { return {{0, 1, 2, 3}}; }
  static std::uint8_t take(std::span<const std::uint8_t>& bytes) {
    if (bytes.empty()) return 0;
    const std::uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    return byte;
  }
  static TrackKey key(std::uint8_t number) {
    return {std::uint64_t{number % 32U} << 59 | (number & 3U), number};
  }

  void put(Node& node, std::uint8_t number, std::uint8_t stamp) {
    if (node.id == kHonest && node.own.size() == kMostHonestTracks && !node.own.contains(key(number))) return;
    const bool is_change = node.directory.put(key(number), stamp, now_us_);
    const auto at = node.own.find(key(number));
    if (is_change) {
      node.own[key(number)] = stamp;
    } else {
      require(at == node.own.end() ? node.own.size() == 20 : at->second == stamp);
    }
  }
  void remove(Node& node, std::uint8_t number) {
    require(node.directory.remove(key(number), now_us_) == (node.own.erase(key(number)) == 1));
  }
  // The next one of the queue is lost, doubled, late or arrives.
  void pass(Node& from, Node& to, std::uint8_t how) {
    if (from.queue.empty()) return;
    const Mail mail = from.queue.front();
    from.queue.pop_front();
    if (how % 4 == 0) return;
    if (how % 4 == 1) return from.queue.push_back(mail);
    for (int times = how % 4 == 3 ? 2 : 1; times > 0; --times) {
      const RecordError error = to.directory.on_record(from.id, mail.type, mail.body, now_us_);
      // What is late by more than a network can be looks like a log that went back.
      require(error == RecordError::none || error == RecordError::lie);
    }
  }
  void other(std::uint8_t what) {
    switch (what % 4) {
      case 0:
        return self_.directory.set_reachable(NodeSet({std::uint64_t{what} >> 2, 0}), now_us_);
      case 1:
        return self_.directory.on_peer_boot(static_cast<NodeId>(2 + (what >> 2) % 2), what, now_us_);
      case 2:
        return self_.directory.forget_peers(now_us_);
      default:
        self_.directory.set_clock(Stamp{1} << (what >> 2));
    }
  }
  void tick() {
    for (Node* node : {&self_, &honest_}) {
      node->sent = 0;
      node->directory.tick(now_us_);
      // Changes while there is budget, for each peer a question and a digest, and a turn of repair.
      require(node->sent <= 130 + 3 * kNodes + 256);
      require(node->directory.next_due_us() > now_us_);
    }
  }

  void check() {
    const Directory& directory = self_.directory;
    require(directory.tracks() <= 64);
    require(directory.summary(kSelf).tracks == self_.own.size());
    for (const auto& [track, stamp] : self_.own)
      check_claims(track, stamp);
    for (const auto& [track, stamp] : honest_.own)
      check_claims(track, 0);
    std::uint64_t hash = 0;
    for (const auto& [track, stamp] : self_.own)
      hash += entry_hash(track, stamp);
    require(directory.summary(kSelf).hash == hash);
    for (NodeId node = 0; node < kNodes; ++node)
      require(directory.summary(node).tracks <= 20);
    require(self_.directory.journal().size() <= 64);
  }
  // In order, each origin once, and the own one as it is.
  void check_claims(const TrackKey& track, Stamp own) const {
    std::array<Claim, kNodes> claims;
    const std::size_t found = self_.directory.claims(track, std::span<Claim>(claims));
    require(found <= kNodes);
    for (std::size_t i = 1; i < found; ++i) {
      require(claims[i - 1].stamp > claims[i].stamp ||
              (claims[i - 1].stamp == claims[i].stamp && claims[i - 1].origin > claims[i].origin));
    }
    const bool is_there = std::ranges::any_of(std::span(claims).first(found), [&](const Claim& claim) {
      return claim.origin == kSelf && claim.stamp == own;
    });
    require(is_there || !self_.own.contains(track) || own == 0);
  }
  bool is_equal() const {
    const Summary& theirs = honest_.directory.summary(kHonest);
    const Summary& copy = self_.directory.summary(kHonest);
    return theirs.tracks == copy.tracks && theirs.hash == copy.hash && theirs.buckets == copy.buckets;
  }

  TimeUs now_us_ = 1'000'000;
  Node self_{kSelf};
  Node honest_{kHonest};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 8192) return 0;
  World world;
  std::span<const std::uint8_t> bytes(data, size);
  while (!bytes.empty())
    world.step(bytes);
  world.heal();
  return 0;
}
