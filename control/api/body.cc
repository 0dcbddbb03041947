#include "control/api/body.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/reader.h"
#include "config/struct_reader.h"
#include "control/api/error.h"

namespace causeway::control::api {

// What a track of another node looks like, as it is written.
struct WrittenDescription {
  std::string id;
  std::vector<std::string> layers;
  Priority priority = Priority::normal;
};

template <config::Is<WrittenDescription> S, class Visitor>
void fields(S& description, Visitor&& visit) {
  using config::Field;
  visit(Field{.key = "id", .help = "The track's.", .required = true, .text = config::kTrackId},
        description.id);
  visit(Field{.key = "layers",
              .help = "Their names, as at the publisher.",
              .required = true,
              .text = config::kName,
              .min_items = 1,
              .max_items = config::kMaxLayersPerTrack},
        description.layers);
  visit(Field{.key = "priority", .help = "As at the publisher."}, description.priority);
}

namespace {

// The longest that is meant has some 200.
constexpr std::size_t kMostNodes = 4096;

// "application/json", whatever parameters it has (RFC 9110, 8.3.1).
bool is_json(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t'))
    type.remove_suffix(1);
  constexpr std::string_view kJson = "application/json";
  return std::ranges::equal(type, kJson, {}, config::to_lower);
}

template <class T, class Read>
std::variant<T, Response> read_as(const Request& request, Read&& read) {
  if (!is_json(request.content_type))
    return error(415, "not_json", "the body is not said to be JSON; send Content-Type: application/json");
  if (request.body.empty()) return error(400, "no_body", "there is no body; send the thing as JSON");
  config::Problems problems("");
  config::Document document;
  if (!document.parse_json(request.body, problems, kMostNodes))
    return error(400, "bad_json", problems.take());
  T value;
  read(document.root(), problems, value);
  if (problems.has_errors()) return error(422, "invalid", problems.take());
  return value;
}

}  // namespace

std::variant<config::Transport, Response> read_transport(const Request& request) {
  return read_as<config::Transport>(request, config::read_transport);
}
std::variant<config::Track, Response> read_track(const Request& request) {
  return read_as<config::Track>(request, config::read_track);
}
std::variant<config::Leg, Response> read_leg(const Request& request) {
  return read_as<config::Leg>(request, config::read_leg);
}
std::variant<session::TrackInfo, Response> read_description(const Request& request) {
  return read_as<session::TrackInfo>(request, [](const auto& root, auto& problems, auto& out) {
    WrittenDescription written;
    config::StructReader("", problems).read_struct(root, "", written);
    out = {written.id, written.layers, written.priority};
  });
}

}  // namespace causeway::control::api
