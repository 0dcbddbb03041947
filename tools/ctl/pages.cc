#include "tools/ctl/pages.h"

#include <cstdint>

#include "control/journal/time_text.h"
#include "tools/ctl/table.h"

namespace causeway::ctl {
namespace {

std::string text(const Json& json, const char* key) {
  return json.at(key).get<std::string>();
}
std::string count(const Json& json, const char* key) {
  return std::to_string(json.at(key).get<std::int64_t>());
}
bool is(const Json& json, const char* key) {
  return json.at(key).get<bool>();
}
double number(const Json& json, const char* key) {
  return json.at(key).get<double>();
}

// "none" is what is well, and shall not catch the eye.
std::string unless_none(const std::string& word) {
  return word == "none" ? "-" : word;
}

std::string drain_words(const Json& drain) {
  const std::string state = text(drain, "state");
  if (is(drain, "by_operator"))
    return state == "none" ? "drained by an operator"
                           : "drained by an operator, and by the verdicts (" + state + ")";
  return state == "none" ? "in service" : "drained by the verdicts (" + state + ")";
}

std::string link_words(const Json& peer) {
  std::string words = text(peer, "link");
  if (words == "up" && !is(peer, "two_way")) words += ", one way";
  if (words == "up" && !is(peer, "settled")) words += ", not settled";
  if (is(peer, "stalled")) words += ", stalled";
  return words;
}

// A link that is no more says nothing of its quality.
std::string if_up(const Json& peer, const std::string& value) {
  return text(peer, "link") == "up" ? value : "-";
}

std::string name_of(const Json& relay) {
  return relay.at("track").is_null() ? text(relay, "key") : text(relay, "track");
}

std::string upstream_words(const Json& relay) {
  if (is(relay, "origin_here")) return "this node";
  const Json& edge = relay.at("upstream");
  return edge.is_null() ? "-" : text(edge, "node");
}

std::string joined(const Json& names) {
  std::string all;
  for (const Json& name : names)
    all += (all.empty() ? "" : ", ") + name.get<std::string>();
  return all.empty() ? "-" : all;
}

std::string state_words(const Json& relay) {
  const Json& pending = relay.at("pending");
  std::string words = is(relay, "origin_here") || is(relay, "fed") ? "flows"
                      : is(relay, "wanted")                        ? "STARVES"
                                                                   : "idle";
  if (!pending.is_null()) words += ", asks " + text(pending, "node");
  return words;
}

}  // namespace

std::string status_text(const Json& status) {
  const Json& session = status.at("session");
  const Json& relays = status.at("relays");
  const Json& peers = status.at("peers");
  std::string out = printable(text(status, "node")) + " in " + printable(text(status, "site")) +
                    ", causeway " + printable(text(status, "version")) + ", up for " +
                    duration(number(status, "up_seconds")) + "\n";
  const auto line = [&out](std::string name, const std::string& value) {
    name.resize(12, ' ');
    out += name + printable(value) + "\n";
  };
  line("service", drain_words(status.at("drain")));
  line("verdict", text(status, "verdict") + (is(status, "frozen") ? ", frozen: it stood still" : ""));
  line("session", count(session, "transports") + " transports, " + count(session, "tracks") + " tracks, " +
                      count(session, "subscriptions") + " subscriptions, " + count(session, "waiting") +
                      " waiting");
  if (!is(status, "fleet")) {
    line("fleet", "none: this appliance is alone");
    return out;
  }
  line("peers", count(peers, "up") + " of " + count(peers, "total") + " up");
  line("relays", count(relays, "up") + " up, " + count(relays, "pending") + " pending, " +
                     count(relays, "starving") + " starving; " + count(relays, "wanted") + " wanted, " +
                     count(relays, "unfed") + " of them unfed");
  return out;
}

std::string peers_text(const Json& peers) {
  Table table({"PEER", "SITE", "LINK", ">SILENT", ">RTT", ">LOSS FROM", ">LOSS TO", ">FLAPS", ">LOAD",
               "VERDICT", "DRAIN"});
  for (const Json& peer : peers.at("items"))
    table.add({text(peer, "name"), text(peer, "site"), link_words(peer),
               duration(number(peer, "silent_seconds")),
               if_up(peer, duration(number(peer, "round_trip_seconds"))),
               if_up(peer, percent(number(peer, "lost_from_ratio"))),
               if_up(peer, percent(number(peer, "lost_to_ratio"))), count(peer, "flaps"),
               if_up(peer, count(peer, "load_percent") + " %"), unless_none(text(peer, "verdict")),
               unless_none(text(peer, "drain"))});
  return table.text();
}

std::string verdicts_text(const Json& verdicts) {
  Table table({"ABOUT", "SITE", "VERDICT", "MEANING"});
  const Json& self = verdicts.at("self");
  table.add({"this node", "", unless_none(text(self, "verdict")), text(self, "meaning")});
  for (const Json& peer : verdicts.at("peers"))
    table.add(
        {text(peer, "name"), text(peer, "site"), unless_none(text(peer, "verdict")), text(peer, "meaning")});
  return table.text() + drain_text(verdicts.at("drain"));
}

std::string tracks_text(const Json& tracks) {
  Table table({"TRACK", "TRANSPORT", "LAYERS", "PRIORITY"});
  for (const Json& track : tracks.at("items")) {
    std::string layers;
    for (const Json& layer : track.at("layers"))
      layers += (layers.empty() ? "" : ", ") + layer.value("name", std::string("?"));
    table.add({text(track, "id"), track.value("transport", std::string("-")), layers,
               track.value("priority", std::string("normal"))});
  }
  return table.text();
}

std::string relays_text(const Json& relays) {
  Table table({"TRACK", "ORIGIN", "FROM", ">HOPS", "STATE", "WANTED", "TO"});
  for (const Json& relay : relays.at("items")) {
    const Json& label = relay.at("label");
    const std::string origin = text(label, "origin");
    table.add({name_of(relay), origin.empty() ? "-" : origin, upstream_words(relay), count(label, "depth"),
               state_words(relay), is(relay, "wanted") ? "yes" : "no", joined(relay.at("legs"))});
  }
  return table.text();
}

std::string where_text(const Json& relay) {
  const Json& label = relay.at("label");
  const std::string origin = text(label, "origin");
  std::string out = printable(name_of(relay)) + ": " + printable(state_words(relay)) + "\n";
  if (is(relay, "origin_here")) {
    out += "origin      this node\n";
  } else {
    out += "origin      " + (origin.empty() ? "not known" : printable(origin)) + "\n";
    out += "from        " + printable(upstream_words(relay)) + ", " + count(label, "depth") +
           " hops from the origin\n";
  }
  out += "to          " + printable(joined(relay.at("legs"))) + "\n";
  out += std::string("subscribers ") + (is(relay, "wanted") ? "here" : "none here") + "\n";
  if (!is(relay, "origin_here") && !relay.at("upstream").is_null())
    out += "next        causewayctl where " + printable(name_of(relay)) + "   (on " +
           printable(upstream_words(relay)) + ")\n";
  return out;
}

std::string drain_text(const Json& drain) {
  return drain_words(drain) + "\n";
}

std::string event_text(const Json& event) {
  std::string line = control::format_time(event.at("at_ms").get<std::int64_t>()) + " ";
  line += text(event, "severity") + " " + text(event, "kind") + ": " + text(event, "text");
  if (event.contains("track")) line += " (track " + text(event, "track") + ")";
  return printable(line) + "\n";
}

std::string top_text(const Json& status, const Json& peers, const Json& relays) {
  return status_text(status) + "\n" + peers_text(peers) + "\n" + relays_text(relays);
}

std::string error_text(unsigned status, const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (json.is_object() && json.contains("error") && json["error"].is_object()) {
    const Json& error = json["error"];
    std::string out = printable(error.value("message", std::string("it says no")));
    if (error.contains("where") && error["where"].is_object())
      out = "line " + std::to_string(error["where"].value("line", 0)) + ", column " +
            std::to_string(error["where"].value("column", 0)) + ": " + out;
    return out;
  }
  return "the node answers " + std::to_string(status) + ", and does not say why";
}

}  // namespace causeway::ctl
