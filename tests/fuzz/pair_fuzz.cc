// Two nodes between whom anything is lost, doubled, altered or made up: nobody reads too far, little is sent,
// no timer stands in the past, and a key that the client has is one that the server has, too.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <memory>
#include <set>
#include <span>
#include <string>

#include "control/pair/pair.h"
#include "tests/unit/control/pair/authority.h"

namespace {

using namespace causeway::control;
using namespace causeway::control::pair;

void require(bool holds) {
  if (!holds) std::abort();
}

class Input {
 public:
  explicit Input(std::span<const std::uint8_t> data) : data_(data) {}
  bool empty() const { return data_.empty(); }
  std::uint8_t byte() {
    if (data_.empty()) return 0;
    const std::uint8_t value = data_.front();
    data_ = data_.subspan(1);
    return value;
  }
  Datagram bytes(std::size_t most) {
    const auto taken = data_.first(std::min(most, data_.size()));
    data_ = data_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

 private:
  std::span<const std::uint8_t> data_;
};

std::shared_ptr<const Context> context_of(const std::string& name) {
  static const Authority fleet("fleet CA");
  return std::make_shared<const Context>(
      Certificates(texts(fleet.issue(named(name)), fleet.certificate()), {"chain", "key", "ca"}));
}

class Run {
 public:
  Run() {
    restart(0);
    restart(1);
  }

  void step(Input& input) {
    const std::uint8_t op = input.byte();
    const std::size_t node = op & 1;
    switch (op >> 1 & 7) {
      case 0:
      case 1:
        return deliver(node, true);
      case 2:
        return deliver(node, false);  // and it stays on its way
      case 3:
        return alter(node, input);
      case 4:
        return give(node, input.bytes(input.byte()));
      case 5:
        return pass(TimeUs{input.byte()} * from_ms(20));
      case 6:
        if ((op & 16) != 0) return restart(node);
        return act(node, [&](PairOutput& out) { pairs_[node]->on_unheard(now(), out); });
      default:
        return act(node, [&](PairOutput& out) {
          pairs_[node]->on_authentic(pairs_[node]->sending() + (op >> 4 & 1), now(), out);
        });
    }
  }

 private:
  static constexpr std::size_t kMostQueued = 64;

  Moment now() const { return {now_us_, kWallS + now_us_ / 1'000'000}; }

  void restart(std::size_t node) {
    static const std::array contexts{context_of("germany"), context_of("france")};
    static const std::array<std::string, 2> names{"germany", "france"};
    pairs_[node] = std::make_unique<Pair>(PairNames{.self = static_cast<NodeId>(node),
                                                    .peer = static_cast<NodeId>(1 - node),
                                                    .peer_name = names[1 - node]},
                                          PairTimers{}, contexts[node], node);
    act(node, [&](PairOutput& out) { pairs_[node]->start(now(), out); });
  }

  template <class Act>
  void act(std::size_t node, Act&& act) {
    PairOutput out;
    act(out);
    require(out.datagrams.size() <= 16 && out.journal.size() <= 2 && out.keys.size() <= 8);
    for (const Datagram& datagram : out.datagrams) {
      require(is_dtls(datagram) && datagram.size() <= kMaxDatagramBytes);
      if (queues_[node].size() < kMostQueued) queues_[node].push_back(datagram);
    }
    for (const KeyChange& change : out.keys) {
      const wire::PairKey* key = pairs_[node]->key(change.generation);
      require((change.use == KeyUse::forget) == (key == nullptr));
      if (change.use != KeyUse::accept) continue;
      if (node == 1) served_.insert(*key);
      require(served_.contains(*key));
    }
  }

  void give(std::size_t to, const Datagram& datagram) {
    act(to, [&](PairOutput& out) { pairs_[to]->on_datagram(datagram, now(), out); });
  }
  void deliver(std::size_t from, bool take) {
    if (queues_[from].empty()) return;
    const Datagram datagram = queues_[from].front();
    queues_[from].pop_front();
    if (!take) queues_[from].push_back(datagram);
    give(1 - from, datagram);
  }
  void alter(std::size_t from, Input& input) {
    if (queues_[from].empty()) return;
    Datagram datagram = queues_[from][input.byte() % queues_[from].size()];
    const std::size_t at = std::size_t{input.byte()} * datagram.size() / 256;
    datagram[at] ^= input.byte();
    const Datagram more = input.bytes(input.byte() % 8);
    datagram.insert(datagram.end(), more.begin(), more.end());
    give(input.byte() % 2, datagram);
  }
  void pass(TimeUs us) {
    now_us_ += us;
    for (std::size_t node = 0; node < pairs_.size(); ++node) {
      act(node, [&](PairOutput& out) { pairs_[node]->tick(now(), out); });
      require(pairs_[node]->next_due_us() > now_us_);
    }
  }

  TimeUs now_us_ = 1'000'000;
  std::array<std::unique_ptr<Pair>, 2> pairs_;
  std::array<std::deque<Datagram>, 2> queues_;
  std::set<wire::PairKey> served_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  Input input({data, size});
  Run run;
  while (!input.empty())
    run.step(input);
  return 0;
}
