#include "control/core/post.h"

namespace causeway::control {

Post::Post(NodeId self, std::size_t nodes, BootId boot, unsigned flows)
    : self_(self), boot_(boot), flows_(flows), peers_(nodes) {}

void Post::send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body, std::uint8_t flow) {
  if (to >= peers_.size() || to == self_) {
    ++dropped_;
    return;
  }
  Peer& peer = peers_[to];
  if (!peer.frame.empty() && flow != kAnyFlow && flow != peer.flow) close(to, early_);
  const auto write = [&](wire::Writer& writer) { writer.bytes(body); };
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (peer.frame.empty()) {
      peer.flow = flow == kAnyFlow ? choose_flow(peer) : flow;
      peer.next_flow = static_cast<std::uint8_t>((peer.flow + 1U) % flows_);
    }
    if (peer.frame.add(type, write)) {
      open_.insert(to);
      return;
    }
    if (peer.frame.empty()) break;  // longer than a frame
    close(to, early_);
  }
  ++dropped_;
}

std::uint8_t Post::choose_flow(const Peer& peer) const {
  for (unsigned i = 0; i < flows_; ++i) {
    const unsigned flow = (peer.next_flow + i) % flows_;
    if ((peer.broken_flows >> flow & 1) == 0) return static_cast<std::uint8_t>(flow);
  }
  return peer.next_flow;
}

void Post::close(NodeId to, Effects& effects) {
  Peer& peer = peers_[to];
  const auto frame = peer.frame.finish({self_, peer.flow, boot_, peer.boot, ++peer.sequence});
  effects.datagrams.push_back({to, peer.flow, static_cast<std::uint32_t>(effects.bytes.size()),
                               static_cast<std::uint32_t>(frame.size())});
  effects.bytes.insert(effects.bytes.end(), frame.begin(), frame.end());
  peer.frame.clear();
}

void Post::flush(Effects& effects) {
  for (const Effects::Datagram& datagram : early_.datagrams) {
    const auto frame = early_.frame(datagram);
    effects.datagrams.push_back(
        {datagram.to, datagram.flow, static_cast<std::uint32_t>(effects.bytes.size()), datagram.size});
    effects.bytes.insert(effects.bytes.end(), frame.begin(), frame.end());
  }
  early_.datagrams.clear();
  early_.bytes.clear();
  open_.for_each([&](NodeId to) {
    if (!peers_[to].frame.empty()) close(to, effects);
  });
  open_ = {};
}

}  // namespace causeway::control
