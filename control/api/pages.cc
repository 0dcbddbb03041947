#include "control/api/pages.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

#include "config/problem.h"
#include "control/journal/record.h"

namespace causeway::control::api::pages {
namespace {

constexpr std::string_view word(beat::LinkState state) {
  switch (state) {
    case beat::LinkState::down:
      return "down";
    case beat::LinkState::init:
      return "init";
    case beat::LinkState::up:
      return "up";
  }
  return "";
}

constexpr std::string_view word(DrainState state) {
  switch (state) {
    case DrainState::none:
      return "none";
    case DrainState::soft:
      return "soft";
    case DrainState::hard:
      return "hard";
  }
  return "";
}

double seconds(TimeUs us) {
  return static_cast<double>(us) / 1e6;
}

Json drain_json(const Service& service) {
  return {{"state", word(service.drain())}, {"by_operator", service.is_drained_by_operator()}};
}

Json peer_json(const FleetView::Peer& peer) {
  const PeerReport& link = peer.link;
  Json broken = Json::array();
  for (unsigned flow = 0; flow < 8; ++flow) {
    if ((link.broken_flows >> flow & 1) != 0) broken.push_back(flow);
  }
  return {{"name", peer.name},
          {"site", peer.site},
          {"link", word(link.link)},
          {"reachable", link.is_reachable},
          {"two_way", link.is_two_way},
          {"settled", link.is_settled},
          {"silent_seconds", seconds(link.silent_us)},
          {"round_trip_seconds", seconds(link.round_trip_us)},
          {"lost_from_ratio", link.lost_from_peer_ppm / 1e6},
          {"lost_to_ratio", link.lost_to_peer_ppm / 1e6},
          {"broken_flows", broken},
          {"flaps", link.flaps},
          {"penalty_seconds", seconds(link.hold_us)},
          {"verdict", name(link.verdict)},
          {"drain", word(link.drain)},
          {"load_percent", link.load_percent},
          {"stalled", link.is_stalled}};
}

std::string node_name(const Service& service, NodeId node) {
  return node < service.nodes().size() ? service.nodes()[node] : "";
}

Json edge_json(const Service& service, const std::optional<Edge>& edge) {
  if (!edge) return nullptr;
  return {
      {"node", node_name(service, edge->upstream)}, {"acknowledged", edge->acknowledged}, {"fed", edge->fed}};
}

bool says_something(const RelayView& view) {
  return view.is_origin || view.is_wanted || view.active || view.pending || !view.legs.empty();
}

Json relay_json(const Service& service, const TrackKey& key, const RelayView& view) {
  const std::string* id = service.state().track_id(key);
  Json legs = Json::array();
  for (const NodeId leg : view.legs)
    legs.push_back(node_name(service, leg));
  return {{"key", to_text(key)},
          {"track", id == nullptr ? Json() : Json(*id)},
          {"origin_here", view.is_origin},
          {"wanted", view.is_wanted},
          {"fed", view.is_fed},
          {"label",
           {{"stamp", view.label.stamp},
            {"origin", node_name(service, view.label.origin)},
            {"depth", view.label.depth}}},
          {"upstream", edge_json(service, view.active)},
          {"pending", edge_json(service, view.pending)},
          {"legs", legs}};
}

std::optional<TrackKey> parse_key(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  TrackKey key;
  const auto half = [](std::string_view digits, std::uint64_t& out) {
    return std::from_chars(digits.data(), digits.data() + digits.size(), out, 16).ptr == digits.data() + 16;
  };
  if (!half(text.substr(0, 16), key.high) || !half(text.substr(16), key.low)) return std::nullopt;
  return key;
}

}  // namespace

Response status(const Call&, Service& service) {
  const FleetView fleet = service.fleet();
  const auto up = std::ranges::count_if(
      fleet.peers, [](const FleetView::Peer& peer) { return peer.link.link == beat::LinkState::up; });
  return answer({{"node", fleet.node},
                 {"site", fleet.site},
                 {"version", CAUSEWAY_VERSION},
                 {"boot", fleet.boot},
                 {"up_seconds", seconds(fleet.up_us)},
                 {"fleet", fleet.is_fleet},
                 {"drain", drain_json(service)},
                 {"verdict", name(fleet.self.verdict)},
                 {"frozen", fleet.self.is_frozen},
                 {"session",
                  {{"version", fleet.version},
                   {"transports", fleet.transports},
                   {"tracks", fleet.tracks},
                   {"subscriptions", fleet.subscriptions},
                   {"waiting", fleet.waiting}}},
                 {"peers", {{"total", fleet.peers.size()}, {"up", up}}},
                 {"relays",
                  {{"up", fleet.relays.up},
                   {"pending", fleet.relays.pending},
                   {"starving", fleet.relays.starving},
                   {"wanted", fleet.relays.wanted},
                   {"unfed", fleet.relays.wanted - fleet.relays.fed}}}});
}

Response peers(const Call&, Service& service) {
  Json items = Json::array();
  for (const FleetView::Peer& peer : service.fleet().peers)
    items.push_back(peer_json(peer));
  return answer({{"items", std::move(items)}});
}

Response verdicts(const Call&, Service& service) {
  const FleetView fleet = service.fleet();
  Json items = Json::array();
  for (const FleetView::Peer& peer : fleet.peers) {
    items.push_back({{"name", peer.name},
                     {"site", peer.site},
                     {"verdict", name(peer.link.verdict)},
                     {"meaning", help(peer.link.verdict)}});
  }
  return answer({{"self", {{"verdict", name(fleet.self.verdict)}, {"meaning", help(fleet.self.verdict)}}},
                 {"drain", drain_json(service)},
                 {"peers", std::move(items)}});
}

Response relays(const Call& call, Service& service) {
  const auto given = page_of(call);
  if (const auto* wrong = std::get_if<Response>(&given)) return *wrong;
  const Page& page = std::get<Page>(given);
  TrackKey after;
  if (!page.after.empty()) {
    const auto key = parse_key(page.after);
    if (!key) return error(400, "bad_query", "after is no key of a track; give what next said");
    after = *key;
  }
  std::vector<TrackKey> keys = service.relayed(after, page.limit + 1);
  const bool more = keys.size() > page.limit;
  if (more) keys.resize(page.limit);
  Json items = Json::array();
  for (const TrackKey& key : keys)
    items.push_back(relay_json(service, key, service.relay(key)));
  return answer({{"items", std::move(items)}, {"next", more ? Json(to_text(keys.back())) : Json()}});
}

// By its id, or its key: a node that only relays a track does not know how it is called.
Response relay(const Call& call, Service& service) {
  const auto key = parse_key(call.name);
  const TrackKey by_name = track_key(call.name);
  if (const RelayView view = service.relay(by_name);
      says_something(view) || service.state().track(call.name) != nullptr)
    return answer(relay_json(service, by_name, view));
  if (key) {
    if (const RelayView view = service.relay(*key); says_something(view))
      return answer(relay_json(service, *key, view));
  }
  return error(404, "not_found",
               "nothing is known here of track " + config::quote(call.name) + "; see /v1/relays for what is");
}

Response drain(const Call&, Service& service) {
  service.drain_by_operator(true);
  return answer(drain_json(service));
}

Response undrain(const Call&, Service& service) {
  service.drain_by_operator(false);
  return answer(drain_json(service));
}

Response events(const Call&, Service&) {
  Response response;
  response.is_stream = true;
  response.content_type = "text/event-stream";
  return response;
}

// Values are taken at once; the text, some 100 KB of it, is written on another thread.
Response metrics(const Call&, Service& service) {
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.write_later = [metrics = std::make_shared<const Metrics>(service.metrics())] {
    return to_text(*metrics);
  };
  return response;
}

// That there is an answer says that the control thread turns.
Response healthz(const Call&, Service& service) {
  const std::vector<std::size_t> stuck = service.stuck_workers();
  if (stuck.empty()) return answer({{"status", "ok"}});
  std::string which;
  for (const std::size_t worker : stuck)
    which += (which.empty() ? "" : ", ") + std::to_string(worker);
  return error(503, "worker_stuck", "workers that stand still: " + which + "; restart the node");
}

Response readyz(const Call&, Service& service) {
  const DrainState state = service.drain();
  if (service.is_drained_by_operator())
    return error(503, "draining", "an operator drains this node; POST /v1/undrain ends that");
  if (state == DrainState::none) return answer({{"status", "ready"}});
  return error(503, "draining",
               "the site looks islanded and drains (" + std::string(word(state)) + "); see /v1/verdicts");
}

}  // namespace causeway::control::api::pages
