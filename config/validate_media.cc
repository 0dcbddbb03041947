#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>

#include "config/checker.h"

namespace causeway::config {
namespace {

// Reports a name that is not in the index.
const std::size_t* find(const NameIndex& index, const std::string& name, std::string_view list,
                        const std::string& path, Findings& findings) {
  const auto found = index.find(name);
  if (found != index.end()) return &found->second;
  findings.error(path, quote(name) + " is none of " + std::string(list), "give the name of one",
                 {std::string(list)});
  return nullptr;
}

bool is_media_port(const Config& config, std::uint16_t port) {
  return port >= config.media.port_range.first && port <= config.media.port_range.last;
}

void check_media_port(const Config& config, std::uint16_t port, const std::string& path, Findings& findings) {
  if (is_media_port(config, port)) return;
  const PortRange& range = config.media.port_range;
  findings.error(path,
                 "UDP port " + std::to_string(port) + " is outside media.port_range (" +
                     std::to_string(range.first) + "-" + std::to_string(range.last) + ")",
                 "give one inside, or widen the range", {"media"});
}

// Can nothing at all lead packets to the remote? Without the kernel's help only static neighbours are
// reached.
bool is_unreachable(const Port& port, const net::IpAddress& remote) {
  if (!port.exception_interface.empty() || port.gateway_v4 || port.gateway_v6) return false;
  return std::none_of(port.neighbours.begin(), port.neighbours.end(),
                      [&](const StaticNeighbour& neighbour) { return neighbour.address == remote; });
}

void check_remote(const Config& config, const Transport& transport, const std::string& path,
                  Findings& findings) {
  const net::IpAddress& remote = transport.remote.address;
  std::string what;
  if (const std::string_view unusable = unusable_address(remote); !unusable.empty()) {
    what = " is " + std::string(unusable);
  } else if (remote.is_v4() != transport.local.address.is_v4()) {
    what = " is not of the local address's family";
  }
  for (const Port& port : config.ports) {
    for (const net::InterfaceAddress& own : port.addresses) {
      if (own.address == remote) what = " is an address of the appliance itself";
    }
  }
  if (what.empty()) return;
  findings.error(path + ".remote", remote.to_string() + what, "give another host's address", {"ports"});
}

void check_transport(const Config& config, const Transport& transport, const std::string& path,
                     const NameIndex& ports, Findings& findings) {
  check_media_port(config, transport.local.port, path + ".local", findings);
  if (transport.rtcp) {
    const std::string local_path = path + ".rtcp.local_port";
    check_media_port(config, transport.rtcp->local_port, local_path, findings);
    if (transport.rtcp->local_port == transport.local.port) {
      findings.error(local_path, "is the port of RTP, too",
                     "give another, or leave rtcp out: RTP and RTCP then share one port (RFC 5761)");
    }
  }
  check_remote(config, transport, path, findings);
  if (!transport.receive && !transport.send) {
    findings.error(path, "neither receives nor sends", "add receive, send or both");
  }
  const std::size_t* index = find(ports, transport.port, "ports", path + ".port", findings);
  if (index == nullptr) return;
  const Port& port = config.ports[*index];
  const std::string port_path = join("ports", *index);
  if (std::none_of(port.addresses.begin(), port.addresses.end(), [&](const net::InterfaceAddress& own) {
        return own.address == transport.local.address;
      })) {
    findings.error(path + ".local",
                   transport.local.address.to_string() + " is not an address of port " + port.name,
                   "give one of " + port_path + ".addresses", {port_path});
  } else if (is_unreachable(port, transport.remote.address)) {
    findings.warning(path + ".remote",
                     transport.remote.address.to_string() + " cannot be reached: port " + port.name +
                         " has no exception interface, and no neighbour of this address",
                     "add exception_interface or a neighbour to " + port_path, {port_path});
  }
}

// A packet belongs to the transport that has its addresses and ports: never to two.
void check_five_tuples(const Config& config, Findings& findings) {
  std::map<std::pair<net::Endpoint, net::Endpoint>, std::size_t> seen;
  const auto check = [&](std::size_t i, const net::Endpoint& local, const net::Endpoint& remote,
                         const char* key) {
    const auto [first, is_new] = seen.emplace(std::pair(local, remote), i);
    if (is_new || first->second == i) return;
    const std::string other = join("transports", first->second);
    findings.error(
        join("transports", i) + key,
        local.to_string() + " and " + remote.to_string() + " are the endpoints of " + other + ", too",
        "give one of them another local port", {other});
  };
  for (std::size_t i = 0; i < config.transports.size(); ++i) {
    const Transport& transport = config.transports[i];
    check(i, transport.local, transport.remote, ".local");
    if (!transport.rtcp) continue;
    check(i, {transport.local.address, transport.rtcp->local_port},
          {transport.remote.address, transport.rtcp->remote_port}, ".rtcp.local_port");
  }
}

}  // namespace

void check_transports(const Config& config, const NameIndex& ports, Findings& findings) {
  for (std::size_t i = 0; i < config.transports.size(); ++i) {
    check_transport(config, config.transports[i], join("transports", i), ports, findings);
  }
  check_five_tuples(config, findings);
}

// One key for two directions or two remotes encrypts different packets with one key stream as soon as SSRC
// and index are equal (RFC 3711, 9.1). What several remotes send us under one key is theirs to answer for.
void check_keys(const Config& config, Findings& findings) {
  struct Less {
    bool operator()(const Crypto* a, const Crypto* b) const {
      return less(a->key, b->key) || (a->key == b->key && less(a->salt, b->salt));
    }
    static bool less(const Secret& a, const Secret& b) {
      return std::lexicographical_compare(a.bytes().begin(), a.bytes().end(), b.bytes().begin(),
                                          b.bytes().end());
    }
  };
  std::map<const Crypto*, std::string, Less> senders;
  for (std::size_t i = 0; i < config.transports.size(); ++i) {
    const Transport& transport = config.transports[i];
    if (!transport.send || transport.send->key.empty()) continue;
    const std::string path = join("transports", i) + ".send";
    const auto [first, is_new] = senders.emplace(&*transport.send, path);
    if (is_new) continue;
    findings.error(path, "has the key and salt of " + first->second,
                   "give each its own: one key stream for two is broken encryption", {first->second});
  }
  for (std::size_t i = 0; i < config.transports.size(); ++i) {
    const Transport& transport = config.transports[i];
    if (!transport.receive || transport.receive->key.empty()) continue;
    const auto sender = senders.find(&*transport.receive);
    if (sender == senders.end()) continue;
    findings.error(join("transports", i) + ".receive", "has the key and salt of " + sender->second,
                   "give each direction its own: one key stream for two is broken encryption",
                   {sender->second});
  }
}

void check_tracks(const Config& config, const NameIndex& transports, Findings& findings) {
  std::map<std::pair<std::string_view, std::uint32_t>, std::string> ssrcs;
  for (std::size_t i = 0; i < config.tracks.size(); ++i) {
    const Track& track = config.tracks[i];
    const std::string path = join("tracks", i);
    const std::size_t* publisher =
        find(transports, track.transport, "transports", path + ".transport", findings);
    if (publisher != nullptr && !config.transports[*publisher].receive) {
      findings.error(path + ".transport", "transport " + track.transport + " receives nothing",
                     "give it receive, or another transport here", {join("transports", *publisher)});
    }
    std::set<std::string_view> names;
    for (std::size_t j = 0; j < track.layers.size(); ++j) {
      const Layer& layer = track.layers[j];
      const std::string layer_path = join(path + ".layers", j);
      if (!names.insert(layer.name).second) {
        findings.error(layer_path + ".name", quote(layer.name) + " is the name of another layer, too",
                       "give it another");
      }
      const auto [first, is_new] =
          ssrcs.emplace(std::pair(std::string_view(track.transport), layer.ssrc), layer_path);
      if (is_new) continue;
      findings.error(
          layer_path + ".ssrc",
          std::to_string(layer.ssrc) + " is the SSRC of " + first->second + ", too, on the same transport",
          "give the one that the publisher uses", {first->second});
    }
  }
}

namespace {

void check_layer(const Leg& leg, const Track& track, const std::string& path, const std::string& track_path,
                 Findings& findings) {
  if (leg.layer.empty()) {
    if (track.layers.size() < 2) return;
    findings.error(path + ".layer", "is missing: track " + track.id + " has several layers",
                   "give one of them", {track_path});
  } else if (std::none_of(track.layers.begin(), track.layers.end(),
                          [&](const Layer& layer) { return layer.name == leg.layer; })) {
    findings.error(path + ".layer", quote(leg.layer) + " is no layer of track " + track.id,
                   "give one of its layers", {track_path});
  }
}

}  // namespace

void check_legs(const Config& config, const NameIndex& transports, const NameIndex& tracks,
                Findings& findings) {
  // A remote tells sources apart by SSRC alone, its own included (RFC 3550, 8.2).
  std::map<std::pair<std::string_view, std::uint32_t>, std::string> ssrcs;
  for (std::size_t i = 0; i < config.tracks.size(); ++i) {
    for (const Layer& layer : config.tracks[i].layers) {
      ssrcs.emplace(std::pair(std::string_view(config.tracks[i].transport), layer.ssrc), join("tracks", i));
    }
  }
  for (std::size_t i = 0; i < config.legs.size(); ++i) {
    const Leg& leg = config.legs[i];
    const std::string path = join("legs", i);
    // Another node may publish it.
    const bool may_be_elsewhere = !config.fleet.nodes.empty() && !tracks.contains(leg.track);
    const std::size_t* track =
        may_be_elsewhere ? nullptr : find(tracks, leg.track, "tracks", path + ".track", findings);
    const std::size_t* transport =
        find(transports, leg.transport, "transports", path + ".transport", findings);
    if (track != nullptr) check_layer(leg, config.tracks[*track], path, join("tracks", *track), findings);
    if (transport != nullptr && !config.transports[*transport].send) {
      findings.error(path + ".transport", "transport " + leg.transport + " sends nothing",
                     "give it send, or another transport here", {join("transports", *transport)});
    }
    if (track != nullptr && config.tracks[*track].transport == leg.transport) {
      findings.error(path + ".transport", "transport " + leg.transport + " publishes the track itself",
                     "give another: a publisher is not sent its own media", {join("tracks", *track)});
      continue;
    }
    const auto [first, is_new] = ssrcs.emplace(std::pair(std::string_view(leg.transport), leg.ssrc), path);
    if (is_new) continue;
    findings.error(
        path + ".ssrc",
        std::to_string(leg.ssrc) + " is the SSRC of " + first->second + ", too, on the same transport",
        "give another", {first->second});
  }
}

}  // namespace causeway::config
