#include "control/session/transport_order.h"

#include <cstdint>
#include <utility>

#include "dataplane/net/address.h"

namespace causeway::control::session {
namespace {

using Endpoints = std::pair<net::Endpoint, net::Endpoint>;

std::vector<Endpoints> endpoints_of(const config::Transport& transport) {
  std::vector<Endpoints> all{{transport.local, transport.remote}};
  if (transport.rtcp) {
    all.push_back({{transport.local.address, transport.rtcp->local_port},
                   {transport.remote.address, transport.rtcp->remote_port}});
  }
  return all;
}

class Order {
 public:
  Order(const Transports& a, const Transports& b) {
    for (const auto& [name, now] : a) {
      const auto next = b.find(name);
      if (next == b.end()) continue;
      take(*now);
      if (now != next->second) waiting_.emplace(name, Change{now, next->second});
    }
  }

  std::vector<Shared<config::Transport>> run() {
    while (!waiting_.empty()) {
      const std::size_t before = waiting_.size();
      std::erase_if(waiting_, [this](const auto& change) { return try_to(change.second); });
      if (waiting_.size() == before) step_aside();
    }
    return std::move(done_);
  }

 private:
  struct Change {
    Shared<config::Transport> now;
    Shared<config::Transport> next;
  };

  void take(const config::Transport& transport) {
    for (const Endpoints& endpoints : endpoints_of(transport))
      taken_[endpoints] = transport.name;
  }
  void give_back(const config::Transport& transport) {
    for (const Endpoints& endpoints : endpoints_of(transport))
      taken_.erase(endpoints);
  }

  // Another transport that has what this one wants; nullptr if none has.
  const std::string* in_the_way_of(const config::Transport& next) const {
    for (const Endpoints& endpoints : endpoints_of(next)) {
      const auto at = taken_.find(endpoints);
      if (at != taken_.end() && at->second != next.name) return &at->second;
    }
    return nullptr;
  }

  bool try_to(const Change& change) {
    if (in_the_way_of(*change.next) != nullptr) return false;
    give_back(*change.now);
    take(*change.next);
    done_.push_back(change.next);
    return true;
  }

  // Everybody waits for somebody: whoever follows that comes to a circle.
  void step_aside() {
    auto in_circle = waiting_.begin();
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      const auto next = waiting_.find(*in_the_way_of(*in_circle->second.next));
      if (next == waiting_.end()) break;  // two of b's transports have the same endpoints
      in_circle = next;
    }
    Change& change = in_circle->second;
    if (change.now->local.port == 0) {  // it is one of these two, and did what it could
      done_.push_back(change.next);
      waiting_.erase(in_circle);
      return;
    }
    give_back(*change.now);
    config::Transport aside = *change.now;
    aside.local.port = 0;
    aside.remote.port = aside_++;
    aside.rtcp.reset();
    change.now = Shared(std::move(aside));
    done_.push_back(change.now);
  }

  std::map<std::string, Change, std::less<>> waiting_;
  std::map<Endpoints, std::string> taken_;
  std::vector<Shared<config::Transport>> done_;
  std::uint16_t aside_ = 0;
};

}  // namespace

std::vector<Shared<config::Transport>> order_of_changes(const Transports& a, const Transports& b) {
  return Order(a, b).run();
}

}  // namespace causeway::control::session
