// Bytes make a fleet and a sequence of views, of the arbiter's words and of questions to the arbiter.
// Whatever they are, the rules of verdicts and drains hold (tests/unit/control/verdict/watched.h).
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "tests/unit/control/verdict/watched.h"

namespace {

using namespace causeway::control;
using namespace causeway::control::verdict;

void require(const char* broken) {
  if (broken == nullptr) return;
  std::fprintf(stderr, "%s\n", broken);
  std::abort();
}

class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t next() {
    if (bytes_.empty()) return 0;
    const std::uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }
  NodeSet nodes() {
    const std::uint64_t low = next() | std::uint64_t{next()} << 8;
    return NodeSet({low, low << 48});
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

// nodes, sites, self, flags, min_sites, then the times in steps that make drains come soon.
test::WatchedSettings settings(Bytes& bytes) {
  test::WatchedSettings made;
  const unsigned nodes = 1 + bytes.next() % 12;
  const unsigned sites = 1 + bytes.next() % 6;
  for (unsigned n = 0; n < nodes; ++n)
    made.membership.site_of.push_back(static_cast<SiteId>(n % sites));
  made.self = static_cast<NodeId>(bytes.next() % nodes);
  const unsigned flags = bytes.next();
  made.has_arbiter = (flags & 1) == 0;
  made.isolation.shadow = (flags & 2) != 0;
  made.isolation.min_sites = 2 + bytes.next() % 3;
  made.isolation.soft_drain_ms = 6000 + 100 * bytes.next();
  made.isolation.hard_drain_ms = 2 * made.isolation.soft_drain_ms;
  made.isolation.recover_ms = 10 * bytes.next();
  return made;
}

class Run {
 public:
  Run(Bytes& bytes, const test::WatchedSettings& settings)
      : bytes_(bytes),
        settings_(settings),
        judge_(settings),
        arbiter_(settings.membership, settings.isolation.min_sites, now_us_) {
    view_.self = settings.self;
    view_.peers.resize(settings.membership.nodes());
  }

  void step() {
    const unsigned what = bytes_.next();
    switch (what % 16) {
      case 0:
        return cut(what >> 4);
      case 1:
        return change_peer();
      case 2:
        return change_row();
      case 3:
        return set_flags();
      case 4:
        return heal();
      case 5:
        return judge_.on_token((what & 16) != 0, now_us_);
      case 6:
        return judge_.on_common_mode((what & 16) != 0);
      case 7:
        return require(judge_.take_quota(std::uint64_t{bytes_.next()} << (what >> 4), now_us_));
      case 8:
        return require(arbiter_.ask(bytes_.next(), now_us_));
      case 9:
        return require(arbiter_.release(bytes_.next(), now_us_));
      case 10:
        return require(arbiter_.report(bytes_.next(), now_us_));
      default:
        return pass_time(what >> 4);
    }
  }

 private:
  // Nothing of other sites arrives any more. helpers: what they say of them.
  void cut(unsigned helpers) {
    for (std::size_t n = 0; n < view_.peers.size(); ++n) {
      if (settings_.membership.site_of[n] == settings_.membership.site_of[settings_.self]) continue;
      view_.peers[n].beats_heard = view_.peers[n].beats_two_way = view_.peers[n].media_heard = false;
      view_.peers[n].probe = static_cast<ProbeResult>(helpers % 4);
    }
  }
  void heal() {
    for (PeerView& peer : view_.peers) {
      peer.beats_heard = peer.beats_two_way = true;
      peer.probe = ProbeResult::none;
      peer.row = {};
      peer.row.heard = peer.row.two_way = NodeSet({0xffff, 0});
      peer.row.at_us = now_us_;
    }
  }
  PeerView& some_peer() { return view_.peers[bytes_.next() % view_.peers.size()]; }
  void change_peer() {
    PeerView& peer = some_peer();
    const unsigned bits = bytes_.next();
    peer.beats_heard = (bits & 1) != 0;
    peer.beats_two_way = (bits & 2) != 0;
    peer.media_heard = (bits & 4) != 0;
    peer.link_up = (bits & 8) != 0;
    peer.probe = static_cast<ProbeResult>(bits >> 4 & 3);
  }
  void change_row() {
    Row& row = some_peer().row;
    row.heard = bytes_.nodes();
    row.two_way = bytes_.nodes();
    row.hear_us = bytes_.nodes();
    const unsigned bits = bytes_.next();
    row.drain = static_cast<DrainState>(bits % 3);
    row.stalled = (bits & 16) != 0;
    row.local_media = (bits & 32) != 0;
    row.load_percent = bytes_.next();
    row.at_us = (bits & 64) != 0 ? kNever : now_us_;
  }
  void set_flags() {
    const unsigned bits = bytes_.next();
    view_.frozen = (bits & 7) == 7;
    view_.starting = (bits & 56) == 56;
    view_.local_media = (bits & 64) != 0;
    view_.load_percent = bytes_.next();
  }
  // Up to 3.2 s, a turn each 200 ms.
  void pass_time(unsigned more) {
    for (unsigned turn = 0; turn <= more; ++turn) {
      now_us_ += from_ms(200);
      for (PeerView& peer : view_.peers) {
        if (!peer.beats_heard && !peer.media_heard) continue;
        peer.silent_since_us = now_us_;
        if (peer.beats_heard && peer.row.at_us != kNever) peer.row.at_us = now_us_;
      }
      require(judge_.turn(view_, now_us_));
    }
  }

  Bytes& bytes_;
  const test::WatchedSettings& settings_;
  TimeUs now_us_ = from_ms(1'000'000);
  test::Watched judge_;
  test::WatchedArbiter arbiter_;
  View view_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1024) return 0;
  Bytes bytes({data, size});
  const test::WatchedSettings made = settings(bytes);
  Run run(bytes, made);
  while (!bytes.empty())
    run.step();
  return 0;
}
