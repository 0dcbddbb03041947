// The directory at full size: 32 sites, 10^6 tracks, 10^4 changes a second, 75 ms each way, one datagram of a
// thousand lost. Three nodes receive everything; of the others' directories only the sending side runs, to
// all 31 peers each. Prints one JSON object: memory and processor time of one node, what a node sends, and
// how long a change takes. usage: directory-bench [SEED]
//
// Virtual time in steps of a millisecond; processor time is that of the calls into one node's directory.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <memory>
#include <new>
#include <random>
#include <span>
#include <unordered_map>
#include <vector>

#include "control/directory/directory.h"

namespace {

using namespace causeway::control;
using namespace causeway::control::directory;

constexpr std::size_t kNodes = 32;
constexpr std::size_t kTracks = 1'000'000;
constexpr std::size_t kReceivers = 3;  // the first nodes
constexpr unsigned kChangesPerMs = 10;
constexpr TimeUs kOneWayUs = 75'000;
constexpr TimeUs kJitterUs = 1'000;
constexpr unsigned kLossPpm = 1'000;
constexpr TimeUs kMeasuredUs = 10'000'000;
constexpr TimeUs kStepUs = 1'000;

// ---- memory: what was allocated and not freed while it is on

struct Account {
  bool is_on = false;
  std::size_t bytes = 0;
  std::size_t peak = 0;
};
Account account;

void count(void* memory, bool is_taken) {
  if (!account.is_on || memory == nullptr) return;
  const std::size_t bytes = malloc_usable_size(memory) + sizeof(std::size_t);  // and the heap's own word
  account.bytes = is_taken ? account.bytes + bytes : account.bytes - bytes;
  account.peak = std::max(account.peak, account.bytes);
}

}  // namespace

void* operator new(std::size_t size) {
  void* memory = std::malloc(size);  // NOLINT(cppcoreguidelines-no-malloc): this is the allocator
  if (memory == nullptr) throw std::bad_alloc();
  count(memory, true);
  return memory;
}
void operator delete(void* memory) noexcept {
  count(memory, false);
  std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc)
}
void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}

namespace {

// ---- the fleet

class Fleet;

struct Node final : Outbox, Listener {
  void send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body, std::uint8_t) override;
  void on_claims_changed(const TrackKey& track) override;

  Fleet* fleet = nullptr;
  NodeId id = 0;
  std::unique_ptr<Directory> directory;
  std::vector<TrackKey> own;
  bool receives = false;
};

struct Mail {
  NodeId from = 0;
  NodeId to = 0;
  wire::RecordType type{};
  std::vector<std::uint8_t> body;
};

class Fleet {
 public:
  explicit Fleet(std::uint64_t seed) : random_(seed) {
    for (std::size_t i = 0; i < kNodes; ++i)
      membership_.site_of.push_back(static_cast<SiteId>(i));
    for (NodeId id = 0; id < kNodes; ++id) {
      nodes_[id].fleet = this;
      nodes_[id].id = id;
      nodes_[id].receives = id < kReceivers;
      start(id);
      // The measured node will restart, and then all tracks are the others'.
      for (std::size_t i = 0; id != 0 && i < kTracks / (kNodes - 1); ++i)
        put_new(nodes_[id]);
      nodes_[id].directory->tick(now_us_ + 60'000'000);
    }
    now_us_ += 60'000'000;
    NodeSet all;
    for (NodeId id = 0; id < kNodes; ++id)
      all.insert(id);
    all_ = all;
    for (NodeId id = 1; id < kNodes; ++id)
      meet(id);
  }

  // An empty directory.
  void start(NodeId id) {
    Node& node = nodes_[id];
    node.own.clear();
    const Use use(*this, id);
    node.directory.reset();
    node.directory =
        std::make_unique<Directory>(config_, membership_, id, ++boot_, random_(), node, node, now_us_);
  }
  void meet(NodeId id) {
    const Use use(*this, id);
    Directory& directory = *nodes_[id].directory;
    for (NodeId peer = 0; peer < kNodes; ++peer) {
      if (nodes_[id].receives) directory.on_peer_boot(peer, 1, now_us_);
      if (id == 0 && peer != 0) nodes_[peer].directory->on_peer_boot(id, boot_, now_us_);
    }
    directory.set_reachable(all_, now_us_);
  }

  void step() {
    now_us_ += kStepUs;
    for (unsigned i = 0; i < kChangesPerMs; ++i)
      change(nodes_[random_() % kNodes]);
    std::vector<Mail>& due = mail_[slot(now_us_)];
    for (const Mail& mail : due) {
      const Use use(*this, mail.to);
      nodes_[mail.to].directory->on_record(mail.from, mail.type, mail.body, now_us_);
    }
    due.clear();
    for (NodeId id = 0; id < kNodes; ++id) {
      const Use use(*this, id);
      Directory& directory = *nodes_[id].directory;
      if (directory.next_due_us() <= now_us_) directory.tick(now_us_);
    }
  }

  // From a restart of node 0 until it has nearly all, and until each of its copies was proved right once.
  struct Restart {
    TimeUs nearly_us = 0;
    TimeUs proved_us = 0;
  };
  Restart restart() {
    start(0);
    account.peak = account.bytes;
    meet(0);
    const TimeUs begin_us = now_us_;
    Restart times;
    std::array<bool, kNodes> proved{true};
    while (std::ranges::count(proved, false) > 0) {
      step();
      std::size_t tracks = 0;
      for (NodeId peer = 1; peer < kNodes; ++peer) {
        tracks += nodes_[peer].own.size();
        proved[peer] = proved[peer] || nodes_[0].directory->is_synced(peer);
      }
      if (times.nearly_us == 0 && nodes_[0].directory->tracks() >= tracks - tracks / 1000) {
        times.nearly_us = now_us_ - begin_us;
      }
    }
    times.proved_us = now_us_ - begin_us;
    return times;
  }
  void run(TimeUs length_us) {
    for (const TimeUs end_us = now_us_ + length_us; now_us_ < end_us;)
      step();
  }
  // What was under way is not measured.
  void begin_measuring() {
    cpu_ns_ = 0;
    delays_us_.clear();
    measured_from_us_ = now_us_;
  }

  void post(NodeId from, NodeId to, wire::RecordType type, std::span<const std::uint8_t> body) {
    // Who only sends needs no more than the questions.
    if (!nodes_[to].receives && type != wire::RecordType::directory_request) return;
    if (random_() % 1'000'000 < kLossPpm) return;
    const TimeUs at_us = now_us_ + kOneWayUs + static_cast<TimeUs>(random_() % kJitterUs);
    mail_[slot(at_us + kStepUs - 1)].push_back({from, to, type, {body.begin(), body.end()}});
  }
  void on_change(const Node& node, const TrackKey& track) {
    if (!node.receives || measured_from_us_ == 0) return;
    const auto made = made_us_.find(track);
    if (made == made_us_.end() || made->second.node == node.id) return;
    Claim best;
    const std::size_t found = node.directory->claims(track, std::span(&best, 1));
    const Stamp stamp = found == 0 ? 0 : best.stamp;
    if (stamp == made->second.stamp && made->second.at_us >= measured_from_us_) {
      delays_us_.push_back(now_us_ - made->second.at_us);
    }
  }

  Directory& directory(NodeId id) { return *nodes_[id].directory; }
  double cpu_s() const { return static_cast<double>(cpu_ns_) * 1e-9; }
  std::vector<TimeUs>& delays_us() { return delays_us_; }
  std::uint64_t lost_sight_of() const { return overwritten_; }

  // A call into a node's directory, or the rig's own work within one: what the measured node uses.
  class Use {
   public:
    Use(Fleet& fleet, NodeId id, bool is_call = true)
        : fleet_(fleet),
          sign_(id != 0   ? 0
                : is_call ? 1
                          : -1),
          was_on_(account.is_on) {
      account.is_on = sign_ > 0;
      begin_ = std::chrono::steady_clock::now();
    }
    ~Use() {
      fleet_.cpu_ns_ += sign_ * (std::chrono::steady_clock::now() - begin_).count();
      account.is_on = was_on_;
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    Fleet& fleet_;
    int sign_;
    bool was_on_;
    std::chrono::steady_clock::time_point begin_;
  };

 private:
  struct Made {
    TimeUs at_us = 0;
    NodeId node = 0;
    Stamp stamp = 0;  // 0: removed
  };

  static std::size_t slot(TimeUs at_us) { return static_cast<std::size_t>(at_us / kStepUs) % 128; }

  void put_new(Node& node) {
    node.own.push_back({random_(), random_()});
    put(node, node.own.back());
  }
  void put(Node& node, const TrackKey& track) {
    note(node, track, ++stamp_);
    const Use use(*this, node.id);
    node.directory->put(track, stamp_, now_us_);
  }
  // A new stamp, a new track or the end of one.
  void change(Node& node) {
    const std::uint64_t what = random_() % 4;
    if (node.own.empty() || what == 0) return put_new(node);
    TrackKey& track = node.own[random_() % node.own.size()];
    if (what > 1) return put(node, track);
    note(node, track, 0);
    const Use use(*this, node.id);
    node.directory->remove(track, now_us_);
    track = node.own.back();
    node.own.pop_back();
  }
  void note(const Node& node, const TrackKey& track, Stamp stamp) {
    if (measured_from_us_ == 0) return;
    Made& made = made_us_[track];
    if (now_us_ - made.at_us < 1'000'000) ++overwritten_;
    made = {now_us_, node.id, stamp};
  }

  causeway::config::DirectoryTimers config_;
  std::mt19937_64 random_;
  Membership membership_;
  std::array<Node, kNodes> nodes_;
  std::array<std::vector<Mail>, 128> mail_;
  NodeSet all_;
  BootId boot_ = 1;
  Stamp stamp_ = 0;
  TimeUs now_us_ = 1'000'000;
  TimeUs measured_from_us_ = 0;
  std::int64_t cpu_ns_ = 0;
  std::unordered_map<TrackKey, Made, TrackKeyHash> made_us_;
  std::vector<TimeUs> delays_us_;
  std::uint64_t overwritten_ = 0;  // changes of a track before its last one had arrived
};

void Node::send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body, std::uint8_t) {
  const Fleet::Use rig(*fleet, id, false);
  fleet->post(id, to, type, body);
}
void Node::on_claims_changed(const TrackKey& track) {
  const Fleet::Use rig(*fleet, id, false);
  fleet->on_change(*this, track);
}

// ---- memory alone, with all tracks at one owner

struct Nothing final : Outbox, Listener {
  void send(NodeId, wire::RecordType, std::span<const std::uint8_t>, std::uint8_t) override {}
  void on_claims_changed(const TrackKey&) override {}
};

// owner 0 is the node itself.
Account memory_of_one_owner(NodeId owner, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Membership membership;
  for (std::size_t i = 0; i < kNodes; ++i)
    membership.site_of.push_back(static_cast<SiteId>(i));
  Nothing nothing;
  account = {.is_on = true};
  Directory directory({}, membership, 0, 1, seed, nothing, nothing, 0);
  std::array<std::uint8_t, wire::kMaxRecordBytes> bytes;
  Delta delta;
  delta.count = 40;
  for (std::size_t i = 0; i < kTracks; i += delta.count, delta.first += delta.count) {
    for (std::size_t j = 0; j < delta.count; ++j) {
      delta.changes[j] = {{random(), random()}, i + 1, false};
      if (owner == 0) directory.put(delta.changes[j].track, i + 1, 0);
    }
    wire::Writer writer(bytes);
    write(writer, delta);
    if (owner != 0) directory.on_record(owner, wire::RecordType::directory_delta, writer.written(), 0);
  }
  account.is_on = false;
  if (directory.tracks() != kTracks) std::abort();
  return account;
}

double mb(std::size_t bytes) {
  return static_cast<double>(bytes) * 1e-6;
}

double ms_at(std::vector<TimeUs>& sorted, double part) {
  const auto at = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1));
  return static_cast<double>(sorted[at]) * 1e-3;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 1;
  const Account own = memory_of_one_owner(0, seed);
  const Account one_peer = memory_of_one_owner(1, seed);
  account = {};

  Fleet fleet(seed);
  fleet.run(10'000'000);  // the other receivers get everything
  const Fleet::Restart restart = fleet.restart();
  fleet.run(3'000'000);
  fleet.begin_measuring();
  const std::uint64_t sent_by_owner = fleet.directory(kNodes - 1).counters().bytes_sent;
  const std::uint64_t sent_by_node = fleet.directory(0).counters().bytes_sent;
  const std::uint64_t applied = fleet.directory(0).counters().changes_applied;
  fleet.run(kMeasuredUs);
  const double seconds = static_cast<double>(kMeasuredUs) * 1e-6;
  const double cpu_s = fleet.cpu_s();
  const auto kbit_per_s = [&](NodeId id, std::uint64_t before) {
    return static_cast<double>(fleet.directory(id).counters().bytes_sent - before) * 8e-3 / seconds;
  };
  const double owner_kbit_per_s = kbit_per_s(kNodes - 1, sent_by_owner);
  const double node_kbit_per_s = kbit_per_s(0, sent_by_node);
  const double changes_per_s =
      static_cast<double>(fleet.directory(0).counters().changes_applied - applied) / seconds;
  std::vector<TimeUs>& delays = fleet.delays_us();
  std::ranges::sort(delays);
  const Counters& counters = fleet.directory(0).counters();
  std::printf(
      "{\n"
      "  \"sites\": %zu, \"tracks_at_node\": %zu, \"changes_applied_per_s\": %.0f,\n"
      "  \"memory_mb\": %.1f, \"memory_peak_mb\": %.1f, \"memory_all_own_peak_mb\": %.1f, "
      "\"memory_all_of_one_peer_peak_mb\": %.1f,\n"
      "  \"cpu_s_per_s\": %.4f,\n"
      "  \"kbit_per_s_sent_to_31\": %.0f, \"kbit_per_s_sent_by_the_receiver\": %.0f,\n"
      "  \"restart_nearly_all_ms\": %.0f, \"restart_proved_ms\": %.0f,\n"
      "  \"rtt_ms\": %.0f, \"converged_ms\": {\"samples\": %zu, \"p50\": %.1f, \"p99\": %.1f, \"p999\": "
      "%.1f, "
      "\"max\": %.1f},\n"
      "  \"p99_minus_rtt_ms\": %.1f,\n"
      "  \"gaps\": %llu, \"repairs\": %llu, \"not_measured\": %llu\n"
      "}\n",
      kNodes, fleet.directory(0).tracks(), changes_per_s, mb(account.bytes), mb(account.peak), mb(own.peak),
      mb(one_peer.peak), cpu_s / seconds, owner_kbit_per_s, node_kbit_per_s,
      static_cast<double>(restart.nearly_us) * 1e-3, static_cast<double>(restart.proved_us) * 1e-3,
      static_cast<double>(2 * kOneWayUs) * 1e-3, delays.size(), ms_at(delays, 0.5), ms_at(delays, 0.99),
      ms_at(delays, 0.999), ms_at(delays, 1.0),
      ms_at(delays, 0.99) - static_cast<double>(2 * kOneWayUs) * 1e-3,
      static_cast<unsigned long long>(counters.deltas_early),
      static_cast<unsigned long long>(counters.repairs),
      static_cast<unsigned long long>(fleet.lost_sight_of()));
  return 0;
}
