#include "control/session/values.h"

#include <algorithm>
#include <tuple>

namespace causeway::control::session {
namespace {

bool same(const std::optional<config::Crypto>& a, const std::optional<config::Crypto>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->suite == b->suite && a->key == b->key && a->salt == b->salt;
}

bool same(const std::optional<config::RtcpPorts>& a, const std::optional<config::RtcpPorts>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->local_port == b->local_port && a->remote_port == b->remote_port;
}

}  // namespace

bool same(const config::Transport& a, const config::Transport& b) {
  return std::tie(a.name, a.port, a.local, a.remote) == std::tie(b.name, b.port, b.local, b.remote) &&
         same(a.rtcp, b.rtcp) && same(a.receive, b.receive) && same(a.send, b.send);
}

bool same(const config::Track& a, const config::Track& b) {
  return std::tie(a.id, a.transport, a.priority) == std::tie(b.id, b.transport, b.priority) &&
         std::ranges::equal(a.layers, b.layers, [](const config::Layer& x, const config::Layer& y) {
           return x.name == y.name && x.ssrc == y.ssrc;
         });
}

bool same(const config::Leg& a, const config::Leg& b) {
  const auto all = [](const config::Leg& leg) {
    return std::tie(leg.name, leg.track, leg.layer, leg.transport, leg.ssrc, leg.payload_types,
                    leg.sequence_offset, leg.timestamp_offset, leg.priority);
  };
  return all(a) == all(b);
}

}  // namespace causeway::control::session
