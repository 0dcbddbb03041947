#include "tools/ctl/commands.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "tools/ctl/pages.h"
#include "tools/ctl/timeline.h"

namespace causeway::ctl {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string path_of(const std::string& kind, const std::string& name) {
  return "/v1/" + kind + "s/" + percent_encode(name);
}

// One that is shown by a function of its JSON.
template <class Text>
auto by(Text text) {
  return [text](const std::string& answer) { return text(Json::parse(answer)); };
}

std::string indented(const std::string& answer) {
  return OrderedJson::parse(answer).dump(2) + "\n";
}

}  // namespace

Commands::Commands(Client client, bool is_json, Print print)
    : client_(std::move(client)), is_json_(is_json), print_(std::move(print)) {}

std::string Commands::ask(const std::string& method, const std::string& target,
                          const std::string& body) const {
  Answer answer = client_.ask(method, target, body);
  if (answer.status == 401)
    throw Refused("the node wants a token; --token-file FILE gives it the one that its api.token_file has");
  if (answer.status < 200 || answer.status > 299) throw Refused(error_text(answer.status, answer.body));
  return std::move(answer.body);
}

std::string Commands::all_pages(const std::string& target) const {
  const std::string base = target + (target.find('?') == std::string::npos ? "?" : "&") + "limit=1000";
  // Only the journal, whose numbers begin at 1, takes this for another order.
  std::string after = target.starts_with("/v1/journal") ? "&after=0" : "";
  OrderedJson all;
  do {
    OrderedJson page = OrderedJson::parse(ask("GET", base + after));
    if (all.is_null()) {
      all = std::move(page);
    } else {
      for (OrderedJson& item : page.at("items"))
        all["items"].push_back(std::move(item));
      all["next"] = page.at("next");
    }
    if (all.at("next").is_string()) after = "&after=" + percent_encode(all["next"].get<std::string>());
  } while (all.at("next").is_string());
  return all.dump() + "\n";
}

void Commands::show(const std::string& answer,
                    const std::function<std::string(const std::string&)>& text) const {
  try {
    print_(is_json_ ? answer : text(answer));
  } catch (const nlohmann::json::exception&) {
    throw Refused(
        "the node answers something else than this program expects; use one of its version, or --json");
  }
}

void Commands::status() const {
  show(ask("GET", "/v1/status"), by(status_text));
}
void Commands::peers() const {
  show(ask("GET", "/v1/peers"), by(peers_text));
}
void Commands::verdicts() const {
  show(ask("GET", "/v1/verdicts"), by(verdicts_text));
}
void Commands::tracks() const {
  show(all_pages("/v1/tracks"), by(tracks_text));
}
void Commands::relays() const {
  show(all_pages("/v1/relays"), by(relays_text));
}
void Commands::where(const std::string& track) const {
  show(ask("GET", "/v1/relays/" + percent_encode(track)), by(where_text));
}
void Commands::drain(bool on) const {
  show(ask("POST", on ? "/v1/drain" : "/v1/undrain"), by(drain_text));
}

// From the first entry on: an incident has more than fit one page.
void Commands::timeline(const std::string& from, const std::string& to) const {
  show(all_pages("/v1/journal?from=" + percent_encode(from) + "&to=" + percent_encode(to)),
       by(timeline_text));
}

void Commands::top() const {
  const std::string status = ask("GET", "/v1/status");
  const std::string peers = ask("GET", "/v1/peers");
  const std::string relays = ask("GET", "/v1/relays?limit=30");
  if (is_json_) {
    print_("{\"status\":" + status + ",\"peers\":" + peers + ",\"relays\":" + relays + "}\n");
    return;
  }
  show(status, [&](const std::string&) {
    return top_text(Json::parse(status), Json::parse(peers), Json::parse(relays));
  });
}

void Commands::events(const std::function<bool()>& is_over) const {
  std::string rest;
  const auto take = [&](std::string_view text) {
    rest += text;
    for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
      const std::string line = rest.substr(0, end);
      rest.erase(0, end + 1);
      if (line.starts_with("data: ")) show(line.substr(6) + (is_json_ ? "\n" : ""), by(event_text));
    }
    return !is_over();
  };
  const Answer answer = client_.follow("/v1/events", take);
  if (answer.status != 200) throw Refused(error_text(answer.status, answer.body));
}

void Commands::get(const std::string& kind, const std::string& name) const {
  show(ask("GET", path_of(kind, name)), indented);
}

void Commands::put(const std::string& kind, const std::string& name, const std::string& body) const {
  show(ask("PUT", path_of(kind, name), body), [&](const std::string& answer) {
    return Json::parse(answer).at("changed").get<bool>() ? kind + " " + name + " is as asked for now\n"
                                                         : kind + " " + name + " was so already\n";
  });
}

void Commands::remove(const std::string& kind, const std::string& name) const {
  show(ask("DELETE", path_of(kind, name)), [&](const std::string& answer) {
    return Json::parse(answer).at("changed").get<bool>() ? kind + " " + name + " is gone\n"
                                                         : "there was no " + kind + " " + name + "\n";
  });
}

}  // namespace causeway::ctl
