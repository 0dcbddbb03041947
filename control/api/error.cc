#include "control/api/error.h"

#include <nlohmann/json.hpp>

namespace causeway::control::api {
namespace {

using Json = nlohmann::ordered_json;

Json place(config::Location where) {
  if (where.line == 0) return nullptr;
  return {{"line", where.line}, {"column", where.column}};
}

std::string sentence(const config::Problem& problem) {
  return problem.mend.empty() ? problem.what : problem.what + "; " + problem.mend;
}

Response respond(unsigned status, const Json& error) {
  return {.status = status,
          .body = Json{{"error", error}}.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

}  // namespace

Response error(unsigned status, std::string_view code, std::string_view message, config::Location where) {
  return respond(status, {{"code", code}, {"message", message}, {"where", place(where)}});
}

Response error_of(unsigned status) {
  switch (status) {
    case 401:
      return error(
          401, "unauthorized",
          "the token is missing or wrong; send Authorization: Bearer and the line of api.token_file");
    case 413:
      return error(413, "too_large", "the body is longer than 256 KiB; send less");
    case 431:
      return error(431, "header_too_large", "the header is longer than 16 KiB; send less");
    case 503:
      return error(503, "overloaded", "too many requests, or listeners to events, at once; try again later");
    case 504:
      return error(503, "late",
                   "the control thread did not answer in time; if that goes on it stands still: see its log");
    default:
      return error(400, "not_http", "this is no HTTP/1.1 request; send one as RFC 9112 has it");
  }
}

Response error(unsigned status, std::string_view code, const std::vector<config::Problem>& problems) {
  Json error{
      {"code", code}, {"message", sentence(problems.front())}, {"where", place(problems.front().where)}};
  if (problems.size() > 1) {
    Json& more = error["more"] = Json::array();
    for (std::size_t i = 1; i < problems.size(); ++i)
      more.push_back({{"message", sentence(problems[i])}, {"where", place(problems[i].where)}});
  }
  return respond(status, error);
}

}  // namespace causeway::control::api
