#include "control/api/wishes.h"

#include <charconv>
#include <memory>
#include <utility>

#include "config/problem.h"
#include "control/api/body.h"
#include "control/api/json.h"

namespace causeway::control::api::wishes {
namespace {

using session::IfVersion;
using session::Outcome;
using session::Refusal;

// ---- reading

// visit(name, value) -> Json for each, in the order of names; null: it does not belong here.
template <class Map, class Write>
Response list(const Call& call, Service& service, const Map& all, Write&& write) {
  const auto given = page_of(call);
  if (const auto* wrong = std::get_if<Response>(&given)) return *wrong;
  const Page& page = std::get<Page>(given);
  Json items = Json::array();
  Json next = nullptr;
  std::string last;
  for (auto at = all.upper_bound(page.after); at != all.end(); ++at) {
    Json item = write(at->second);
    if (item.is_null()) continue;
    if (items.size() == page.limit) {
      next = last;
      break;
    }
    last = at->first;
    items.push_back(std::move(item));
  }
  Response response = answer({{"items", std::move(items)}, {"next", next}});
  response.etag = etag_of(service);
  return response;
}

Response absent(std::string_view what, const std::string& name) {
  return error(
      404, "not_found",
      "there is no " + std::string(what) + " " + config::quote(name) + "; see the list for what there is");
}

Response one(Service& service, const Json& json) {
  Response response = answer(json);
  response.etag = etag_of(service);
  return response;
}

// Tracks that are asked for, and others that are only subscribed to or described, stand in one map.
Json published_json(const session::TrackRecord& record) {
  return record.published ? to_json(**record.published) : Json();
}
Json described_json(const session::TrackRecord& record) {
  return record.described ? description_json(**record.described) : Json();
}

// ---- changing

// If-Match: "*", or what an ETag said. A response: the condition does not hold, or is none.
std::variant<IfVersion, Response> condition_of(const Call& call, const Service& service, bool exists) {
  const std::string& given = call.request.if_match;
  if (given.empty() || (given == "*" && exists)) return IfVersion();
  const std::string current = etag_of(service);
  const std::string boot = current.substr(0, current.find('-') + 1);
  std::uint64_t version = 0;
  if (given.starts_with(boot) && given.ends_with('"')) {
    const char* begin = given.data() + boot.size();
    const char* end = given.data() + given.size() - 1;
    if (begin < end && std::from_chars(begin, end, version).ptr == end) return IfVersion(version);
  }
  Response response =
      error(412, "version",
            given == "*" ? "it is not there; leave If-Match out to make it"
                         : "the state is at another version than If-Match says; read it again");
  response.etag = current;
  return response;
}

Response refused(const Outcome& outcome) {
  switch (outcome.refusal) {
    case Refusal::version:
      return error(412, "version", outcome.text);
    case Refusal::invalid:
      return error(422, "invalid", outcome.text);
    case Refusal::absent:
      return error(409, "absent", outcome.text);
    case Refusal::in_use:
      return error(409, "in_use", outcome.text);
    case Refusal::full:
      return error(507, "full", outcome.text);
    case Refusal::none:
      break;
  }
  return error(500, "defect", "the state refused without a reason; please report it");
}

Response done(const Outcome& outcome, bool created, const Service& service) {
  Response response;
  if (outcome.ok()) {
    response =
        answer({{"version", service.state().version()}, {"changed", outcome.changed}}, created ? 201 : 200);
  } else {
    response = refused(outcome);
  }
  response.etag = etag_of(service);
  return response;
}

// name: of the body's, which may be left out if it is empty there.
template <class T>
Response put(const Call& call, Service& service, std::variant<T, Response> body, std::string T::*name,
             bool exists, Outcome (Service::*operation)(const T&, IfVersion)) {
  if (auto* wrong = std::get_if<Response>(&body)) return std::move(*wrong);
  T& value = std::get<T>(body);
  if ((value.*name).empty()) value.*name = call.name;
  if (value.*name != call.name) {
    return error(422, "other_name",
                 "the body is about " + config::quote(value.*name) + ", the path about " +
                     config::quote(call.name) + "; give both the same");
  }
  const auto condition = condition_of(call, service, exists);
  if (const auto* wrong = std::get_if<Response>(&condition)) return *wrong;
  return done((service.*operation)(value, std::get<IfVersion>(condition)), !exists, service);
}

Response remove(const Call& call, Service& service, bool exists,
                Outcome (Service::*operation)(std::string_view, IfVersion)) {
  const auto condition = condition_of(call, service, exists);
  if (const auto* wrong = std::get_if<Response>(&condition)) return *wrong;
  return done((service.*operation)(call.name, std::get<IfVersion>(condition)), false, service);
}

bool is_published(const Service& service, std::string_view id) {
  const session::TrackRecord* record = service.state().track(id);
  return record != nullptr && record->published.has_value();
}
bool is_described(const Service& service, std::string_view id) {
  const session::TrackRecord* record = service.state().track(id);
  return record != nullptr && record->described.has_value();
}

}  // namespace

// ---- transports

Response list_transports(const Call& call, Service& service) {
  return list(call, service, service.state().transports(),
              [](const auto& record) { return to_json(*record.value); });
}

Response get_transport(const Call& call, Service& service) {
  const config::Transport* transport = service.state().transport(call.name);
  return transport == nullptr ? absent("transport", call.name) : one(service, to_json(*transport));
}

Response put_transport(const Call& call, Service& service) {
  const bool exists = service.state().transport(call.name) != nullptr;
  return put(call, service, read_transport(call.request), &config::Transport::name, exists,
             &Service::put_transport);
}

Response delete_transport(const Call& call, Service& service) {
  return remove(call, service, service.state().transport(call.name) != nullptr, &Service::remove_transport);
}

// ---- tracks

Response list_tracks(const Call& call, Service& service) {
  return list(call, service, service.state().tracks(), published_json);
}

Response get_track(const Call& call, Service& service) {
  if (!is_published(service, call.name)) return absent("track that is published here", call.name);
  return one(service, published_json(*service.state().track(call.name)));
}

Response put_track(const Call& call, Service& service) {
  return put(call, service, read_track(call.request), &config::Track::id, is_published(service, call.name),
             &Service::publish);
}

Response delete_track(const Call& call, Service& service) {
  return remove(call, service, is_published(service, call.name), &Service::unpublish);
}

// ---- subscriptions

Response list_subscriptions(const Call& call, Service& service) {
  return list(call, service, service.state().subscriptions(), [](const auto& leg) { return to_json(*leg); });
}

Response get_subscription(const Call& call, Service& service) {
  const config::Leg* leg = service.state().subscription(call.name);
  return leg == nullptr ? absent("subscription", call.name) : one(service, to_json(*leg));
}

Response put_subscription(const Call& call, Service& service) {
  const bool exists = service.state().subscription(call.name) != nullptr;
  return put(call, service, read_leg(call.request), &config::Leg::name, exists, &Service::subscribe);
}

Response delete_subscription(const Call& call, Service& service) {
  return remove(call, service, service.state().subscription(call.name) != nullptr, &Service::unsubscribe);
}

// ---- descriptions

Response list_descriptions(const Call& call, Service& service) {
  return list(call, service, service.state().tracks(), described_json);
}

Response get_description(const Call& call, Service& service) {
  if (!is_described(service, call.name)) return absent("description of track", call.name);
  return one(service, described_json(*service.state().track(call.name)));
}

Response put_description(const Call& call, Service& service) {
  return put(call, service, read_description(call.request), &session::TrackInfo::id,
             is_described(service, call.name), &Service::describe);
}

Response delete_description(const Call& call, Service& service) {
  return remove(call, service, is_described(service, call.name), &Service::forget);
}

// ---- all of it

namespace {

// Values that are shared with the state: copied in a moment, and written on another thread.
struct Copy {
  std::uint64_t version = 0;
  std::vector<session::Shared<config::Transport>> transports;
  std::vector<session::Shared<config::Track>> tracks;
  std::vector<session::Shared<config::Track>> descriptions;
  std::vector<session::Shared<config::Leg>> subscriptions;
};

template <class T, class Write>
void write_list(std::string_view key, const std::vector<session::Shared<T>>& values, Write&& write,
                std::string& out) {
  out += ",\n\"" + std::string(key) + "\": [";
  const char* separator = "\n";
  for (const auto& value : values) {
    out += separator + to_text(write(*value));
    separator = ",\n";
  }
  out += "]";
}

std::string write_all(const Copy& copy) {
  std::string out = "{\"version\": " + std::to_string(copy.version);
  const auto write = [](const auto& value) { return to_json(value); };
  write_list("transports", copy.transports, write, out);
  write_list("tracks", copy.tracks, write, out);
  write_list("descriptions", copy.descriptions, description_json, out);
  write_list("subscriptions", copy.subscriptions, write, out);
  return out + "}\n";
}

}  // namespace

Response snapshot(const Call&, Service& service) {
  const session::State& state = service.state();
  const auto copy = std::make_shared<Copy>();
  copy->version = state.version();
  for (const auto& [name, record] : state.transports())
    copy->transports.push_back(record.value);
  for (const auto& [id, record] : state.tracks()) {
    if (record.published) copy->tracks.push_back(*record.published);
    if (record.described) copy->descriptions.push_back(*record.described);
  }
  for (const auto& [name, leg] : state.subscriptions())
    copy->subscriptions.push_back(leg);
  Response response;
  response.etag = etag_of(service);
  response.write_later = [copy] { return write_all(*copy); };
  return response;
}

}  // namespace causeway::control::api::wishes
