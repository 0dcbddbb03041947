// What a user can get wrong. Each sentence says what is wrong with what, and behind a semicolon what to do.
#include <algorithm>

#include "config/problem.h"
#include "config/text.h"
#include "config/validate.h"
#include "control/session/state.h"
#include "dataplane/srtp/suite.h"

namespace causeway::control::session {
namespace {

using config::quote;

Outcome refuse(Refusal why, const std::string& what, const std::string& mend) {
  return {.refusal = why, .text = what + "; " + mend};
}

Outcome full(std::string_view limit, unsigned value) {
  return refuse(Refusal::full, "limits." + std::string(limit) + " (" + std::to_string(value) + ") is reached",
                "remove what is not needed, or raise it and restart the node");
}

Outcome absent(std::string_view what, const std::string& name, const std::string& mend) {
  return refuse(Refusal::absent, "there is no " + std::string(what) + " " + quote(name), mend);
}

Outcome check_word(const config::TextRule& rule, std::string_view what, const std::string& word) {
  if (rule.holds(word)) return {};
  return refuse(Refusal::invalid, std::string(what) + " " + quote(word) + " is not possible",
                "give " + rule.words());
}

Outcome check_layer_names(const std::string& track, std::vector<std::string> names) {
  if (names.empty() || names.size() > config::kMaxLayersPerTrack) {
    return refuse(Refusal::invalid,
                  "track " + quote(track) + " has " + std::to_string(names.size()) + " layers",
                  "give 1 to " + std::to_string(config::kMaxLayersPerTrack));
  }
  for (const std::string& name : names) {
    if (Outcome no = check_word(config::kName, "layer", name); !no.ok()) return no;
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice == names.end()) return {};
  return refuse(Refusal::invalid, "track " + quote(track) + " has layer " + quote(*twice) + " twice",
                "give each layer a name of its own");
}

Outcome check_number(const std::string& owner, std::uint32_t ssrc) {
  if (ssrc != 0) return {};
  return refuse(Refusal::invalid, owner + " has SSRC 0", "give 1 to 4294967295");
}

bool has_lengths_of_its_suite(const config::Crypto& crypto) {
  const srtp::SuiteInfo& suite = srtp::info(crypto.suite);
  return crypto.key.bytes().size() == suite.key_length && crypto.salt.bytes().size() == suite.salt_length;
}

}  // namespace

bool State::KeyOrder::operator()(const KeyUse& a, const KeyUse& b) const {
  const auto compare = [](const config::Secret& x, const config::Secret& y) {
    return std::lexicographical_compare_three_way(x.bytes().begin(), x.bytes().end(), y.bytes().begin(),
                                                  y.bytes().end());
  };
  if (const auto order = compare(a.crypto->key, b.crypto->key); order != 0) return order < 0;
  if (const auto order = compare(a.crypto->salt, b.crypto->salt); order != 0) return order < 0;
  return std::tie(a.transport, a.to_send) < std::tie(b.transport, b.to_send);
}

Outcome State::check_version(IfVersion if_version) const {
  if (!if_version || *if_version == version_) return {};
  return refuse(
      Refusal::version,
      "the state is at version " + std::to_string(version_) + " and not " + std::to_string(*if_version),
      "read it again, and decide anew");
}

Outcome State::check(const config::Transport& transport) const {
  if (Outcome no = check_word(config::kName, "transport", transport.name); !no.ok()) return no;
  if (!transports_.contains(transport.name) && transports_.size() >= node_->limits.transports)
    return full("transports", node_->limits.transports);
  for (const auto part :
       {&State::check_keys, &State::check_addresses, &State::check_endpoints, &State::check_users}) {
    if (Outcome no = (this->*part)(transport); !no.ok()) return no;
  }
  return {};
}

// The rules of the configuration file, and its words.
Outcome State::check_addresses(const config::Transport& transport) const {
  constexpr std::string_view kPath = "transports[0]";
  config::Config alone = *node_;
  alone.transports = {transport};
  for (const config::Finding& finding : config::validate(alone)) {
    if (finding.level != config::Level::error || !finding.path.starts_with(kPath)) continue;
    const std::string key = finding.path.substr(kPath.size());
    return refuse(Refusal::invalid,
                  "transport " + quote(transport.name) + (key.empty() ? " " : ", " + key.substr(1) + ": ") +
                      finding.what,
                  finding.mend);
  }
  const bool has_ports = transport.local.port != 0 && transport.remote.port != 0 &&
                         (!transport.rtcp || transport.rtcp->remote_port != 0);
  if (has_ports) return {};
  return refuse(Refusal::invalid, "transport " + quote(transport.name) + " has UDP port 0",
                "give 1 to 65535");
}

// A packet belongs to the transport that has its addresses and ports: never to two.
Outcome State::check_endpoints(const config::Transport& transport) const {
  for (const Endpoints& endpoints : endpoints_of(transport)) {
    const auto at = endpoints_.find(endpoints);
    if (at == endpoints_.end() || at->second == transport.name) continue;
    return refuse(Refusal::in_use,
                  "transport " + quote(transport.name) + ": " + endpoints.first.to_string() + " and " +
                      endpoints.second.to_string() + " are the endpoints of transport " + quote(at->second),
                  "give another local port, or remove that one");
  }
  return {};
}

// One key for two directions or two remotes encrypts different packets with one key stream as soon as SSRC
// and index are equal (RFC 3711, 9.1). Several may send to us under one key: that is theirs to answer for.
Outcome State::check_keys(const config::Transport& transport) const {
  const auto other_of = [&](const std::optional<config::Crypto>& crypto, bool to_send) -> const KeyUse* {
    if (!crypto || crypto->key.empty()) return nullptr;
    for (auto at = keys_.lower_bound({&*crypto, "", false}); at != keys_.end(); ++at) {
      if (at->crypto->key != crypto->key || at->crypto->salt != crypto->salt) return nullptr;
      if (at->transport != transport.name && (at->to_send || to_send)) return &*at;
    }
    return nullptr;
  };
  const auto clash = [&](const std::string& direction, const std::string& other) {
    return refuse(
        Refusal::in_use,
        "transport " + quote(transport.name) + ", " + direction + ": has the key and salt of " + other,
        "give each its own: one key stream for two is broken encryption");
  };
  for (const bool to_send : {true, false}) {
    const std::string direction = to_send ? "send" : "receive";
    const auto& crypto = to_send ? transport.send : transport.receive;
    if (crypto && !has_lengths_of_its_suite(*crypto)) {
      return refuse(Refusal::invalid,
                    "transport " + quote(transport.name) + ", " + direction +
                        ": key and salt have not the length that the suite needs",
                    "give a key of this suite");
    }
    if (const KeyUse* use = other_of(crypto, to_send))
      return clash(direction, "transport " + quote(use->transport));
  }
  const auto& send = transport.send;
  const auto& receive = transport.receive;
  if (send && receive && !send->key.empty() && send->key == receive->key && send->salt == receive->salt)
    return clash("send", "receive");
  return {};
}

// Who publishes on the transport, or is subscribed there, needs its direction.
Outcome State::check_users(const config::Transport& transport) const {
  const auto at = transports_.find(transport.name);
  if (at == transports_.end()) return {};
  for (const auto& [ssrc, use] : at->second.ssrcs) {
    if (use.is_leg ? transport.send.has_value() : transport.receive.has_value()) continue;
    const std::string direction = use.is_leg ? "send" : "receive";
    return refuse(Refusal::in_use,
                  "transport " + quote(transport.name) + " has no " + direction + ", which " +
                      (use.is_leg ? "subscription " : "track ") + quote(use.name) + " needs",
                  "keep it, or " + std::string(use.is_leg ? "unsubscribe" : "unpublish") + " first");
  }
  return {};
}

// A remote tells sources apart by SSRC alone, its own included (RFC 3550, 8.2).
Outcome State::check_ssrc(const std::string& transport, std::uint32_t ssrc, const Use& user) const {
  const auto& ssrcs = transports_.find(transport)->second.ssrcs;
  const auto at = ssrcs.find(ssrc);
  if (at == ssrcs.end() || at->second == user) return {};
  return refuse(Refusal::in_use,
                (user.is_leg ? "subscription " : "track ") + quote(user.name) + ": SSRC " +
                    std::to_string(ssrc) + " on transport " + quote(transport) + " is that of " +
                    (at->second.is_leg ? "subscription " : "track ") + quote(at->second.name),
                user.is_leg ? "give another" : "give the one that the publisher uses, or move the other one");
}

Outcome State::check(const config::Track& track) const {
  if (Outcome no = check_word(config::kTrackId, "track", track.id); !no.ok()) return no;
  std::vector<std::string> names;
  for (const config::Layer& layer : track.layers)
    names.push_back(layer.name);
  if (Outcome no = check_layer_names(track.id, std::move(names)); !no.ok()) return no;
  const TrackRecord* record = this->track(track.id);
  if ((record == nullptr || !record->published) && published_ >= node_->limits.tracks)
    return full("tracks", node_->limits.tracks);

  const std::string subject = "track " + quote(track.id);
  const config::Transport* publisher = transport(track.transport);
  if (publisher == nullptr) return absent("transport", track.transport, "put it first");
  if (!publisher->receive) {
    return refuse(Refusal::invalid, subject + ": transport " + quote(track.transport) + " receives nothing",
                  "give it receive, or another transport here");
  }
  std::set<std::uint32_t> own;
  for (const config::Layer& layer : track.layers) {
    if (Outcome no = check_number(subject + ", layer " + quote(layer.name), layer.ssrc); !no.ok()) return no;
    if (Outcome no = check_ssrc(track.transport, layer.ssrc, {false, track.id}); !no.ok()) return no;
    if (own.insert(layer.ssrc).second) continue;
    return refuse(Refusal::invalid, subject + " has SSRC " + std::to_string(layer.ssrc) + " twice",
                  "give the one that the publisher uses");
  }
  if (record == nullptr) return {};
  for (const auto& [name, leg] : record->subscriptions) {
    if (leg->transport != track.transport) continue;
    return refuse(Refusal::in_use,
                  subject + ": subscription " + quote(name) +
                      " would send it back to its publisher, transport " + quote(track.transport),
                  "unsubscribe first");
  }
  return {};
}

Outcome State::check(const config::Leg& leg) const {
  if (Outcome no = check_word(config::kLegName, "subscription", leg.name); !no.ok()) return no;
  if (Outcome no = check_word(config::kTrackId, "track", leg.track); !no.ok()) return no;
  if (!subscriptions_.contains(leg.name) && subscriptions_.size() >= node_->limits.legs)
    return full("legs", node_->limits.legs);
  const std::string subject = "subscription " + quote(leg.name);
  for (const auto& [from, to] : leg.payload_types) {
    if (from < 128 && to < 128) continue;
    return refuse(Refusal::invalid,
                  subject + ": payload type " + std::to_string(std::max(from, to)) + " does not exist",
                  "give 0 to 127");
  }
  const config::Transport* subscriber = transport(leg.transport);
  if (subscriber == nullptr) return absent("transport", leg.transport, "put it first");
  if (!subscriber->send) {
    return refuse(Refusal::invalid, subject + ": transport " + quote(leg.transport) + " sends nothing",
                  "give it send, or another transport here");
  }
  if (Outcome no = check_number(subject, leg.ssrc); !no.ok()) return no;
  if (Outcome no = check_ssrc(leg.transport, leg.ssrc, {true, leg.name}); !no.ok()) return no;
  return check_track_of(leg);
}

Outcome State::check_track_of(const config::Leg& leg) const {
  const std::string subject = "subscription " + quote(leg.name);
  if (!leg.layer.empty()) {
    if (Outcome no = check_word(config::kName, "layer", leg.layer); !no.ok()) return no;
  }
  const TrackRecord* record = track(leg.track);
  const config::Track* shape = record == nullptr ? nullptr : record->shape();
  if (shape == nullptr) return {};  // it may come later
  if (record->published && shape->transport == leg.transport) {
    return refuse(Refusal::invalid,
                  subject + ": transport " + quote(leg.transport) + " publishes track " + quote(leg.track),
                  "give another: a publisher is not sent its own media");
  }
  if (leg.layer.empty()) {
    if (shape->layers.size() == 1) return {};
    return refuse(Refusal::invalid, subject + ": track " + quote(leg.track) + " has several layers",
                  "give one of them");
  }
  if (std::ranges::count(shape->layers, leg.layer, &config::Layer::name) != 0) return {};
  return refuse(Refusal::invalid,
                subject + ": " + quote(leg.layer) + " is no layer of track " + quote(leg.track),
                "give one of its layers");
}

Outcome State::check(const TrackInfo& info) const {
  if (Outcome no = check_word(config::kTrackId, "track", info.id); !no.ok()) return no;
  if (Outcome no = check_layer_names(info.id, info.layers); !no.ok()) return no;
  const TrackRecord* record = track(info.id);
  if ((record == nullptr || !record->described) && described_ >= node_->limits.tracks)
    return full("tracks", node_->limits.tracks);
  return {};
}

}  // namespace causeway::control::session
