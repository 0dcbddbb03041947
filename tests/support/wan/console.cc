#include "tests/support/wan/console.h"

#include <nlohmann/json.hpp>
#include <span>
#include <utility>
#include <variant>

namespace causeway::wan {
namespace {

using Words = std::vector<std::string_view>;

constexpr double kNsOfMs = 1e6;
constexpr std::uint64_t kNsOfUs = 1000;

Words split(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r\n";
  Words words;
  for (auto begin = line.find_first_not_of(kBlanks); begin != std::string_view::npos;
       begin = line.find_first_not_of(kBlanks, begin)) {
    const auto end = std::min(line.find_first_of(kBlanks, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

Answer error(const std::string& what) {
  return {.line = "error " + what};
}

// Those that the word means; none if there is no such site.
std::vector<std::size_t> sites_of(std::string_view word, const Network& network) {
  std::vector<std::size_t> sites;
  for (std::size_t i = 0; i < network.sites().size(); ++i)
    if (word == "*" || word == network.sites()[i]) sites.push_back(i);
  return sites;
}

Answer set(const Words& words, Network& network) {
  if (words.size() < 3) return error(std::string(words[0]) + " takes two sites and key=value...");
  for (const auto word : {words[1], words[2]})
    if (sites_of(word, network).empty()) return error("there is no site " + quoted(word));
  if (words[1] == words[2] && words[1] != "*") return error("both sites are " + quoted(words[1]));
  const auto parsed = parse_change(std::span(words).subspan(3));
  if (const auto* wrong = std::get_if<Error>(&parsed)) return error(wrong->what);
  const auto& change = std::get<Change>(parsed);
  for (const auto from : sites_of(words[1], network)) {
    for (const auto to : sites_of(words[2], network)) {
      if (from == to) continue;
      network.change(from, to, change);
      if (words[0] == "both") network.change(to, from, change);
    }
  }
  return {.line = "ok"};
}

using Json = nlohmann::ordered_json;

Json json_of(const Rule& rule) {
  return {{"delay_ms", static_cast<double>(rule.delay_ns) / kNsOfMs},
          {"jitter_ms", static_cast<double>(rule.jitter_ns) / kNsOfMs},
          {"loss_percent", rule.loss * 100},
          {"duplicate_percent", rule.duplicate * 100},
          {"reorder_percent", rule.reorder * 100},
          {"cut", to_string(rule.cut)}};
}

Json json_of_pair(const Network& network, std::size_t from, std::size_t to) {
  const Counters& counters = network.counters(from, to);
  return {{"from", network.sites()[from]},
          {"to", network.sites()[to]},
          {"forwarded", counters.forwarded},
          {"lost", counters.lost},
          {"cut", counters.cut},
          {"duplicated", counters.duplicated},
          {"reordered", counters.reordered},
          {"overflowed", counters.overflowed},
          {"unsent", counters.unsent},
          {"queued", network.queued(from, to)},
          {"worst_late_us", static_cast<std::uint64_t>(counters.worst_late_ns) / kNsOfUs},
          {"rule", json_of(network.rule(from, to))}};
}

Json json_of_site(const std::string& name, const HostFigures::Site& figures) {
  return {{"name", name},
          {"received", figures.received},
          {"kernel_dropped", figures.kernel_dropped},
          {"too_long", figures.too_long}};
}

Json json_of(const measure::Histogram& late) {
  return {{"median", late.percentile(50) / kNsOfUs},
          {"p99", late.percentile(99) / kNsOfUs},
          {"worst", late.max() / kNsOfUs}};
}

std::string stats(const Network& network, const HostFigures& figures) {
  Json sites = Json::array();
  Json pairs = Json::array();
  for (std::size_t from = 0; from < network.sites().size(); ++from) {
    sites.push_back(json_of_site(network.sites()[from], figures.sites[from]));
    for (std::size_t to = 0; to < network.sites().size(); ++to)
      if (from != to) pairs.push_back(json_of_pair(network, from, to));
  }
  return Json{{"queued", network.queued()},
              {"late_us", json_of(figures.late)},
              {"sites", std::move(sites)},
              {"pairs", std::move(pairs)}}
      .dump();
}

}  // namespace

void HostFigures::clear() {
  for (Site& site : sites)
    site = {};
  late.clear();
}

Answer execute(std::string_view line, Network& network, HostFigures& figures) {
  if (line.size() > kMostCommand) return error("longer than 4096 characters");
  const Words words = split(line);
  if (words.empty()) return error("an empty line is no command");
  if (words[0] == "set" || words[0] == "both") return set(words, network);
  if (words[0] != "stats" && words[0] != "reset" && words[0] != "quit")
    return error(quoted(words[0]) + " is no command: there are set, both, stats, reset, quit");
  if (words.size() > 1) return error(std::string(words[0]) + " takes nothing else");
  if (words[0] == "quit") return {.line = "ok", .ends = true};
  if (words[0] == "stats") return {.line = "ok " + stats(network, figures)};
  network.clear_counters();
  figures.clear();
  return {.line = "ok"};
}

}  // namespace causeway::wan
