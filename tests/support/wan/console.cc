#include "tests/support/wan/console.h"

#include <cstdio>
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

std::string shortest(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

// A JSON object, from members that are JSON already.
class Object {
 public:
  void add(std::string_view key, const std::string& json) {
    text_ += (text_.empty() ? "\"" : ", \"") + std::string(key) + "\": " + json;
  }
  void add(std::string_view key, std::uint64_t value) { add(key, std::to_string(value)); }
  void add_text(std::string_view key, const std::string& plain) { add(key, "\"" + plain + "\""); }
  std::string json() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

std::string json_of(const Rule& rule) {
  Object object;
  object.add("delay_ms", shortest(static_cast<double>(rule.delay_ns) / kNsOfMs));
  object.add("jitter_ms", shortest(static_cast<double>(rule.jitter_ns) / kNsOfMs));
  object.add("loss_percent", shortest(rule.loss * 100));
  object.add("duplicate_percent", shortest(rule.duplicate * 100));
  object.add("reorder_percent", shortest(rule.reorder * 100));
  object.add_text("cut", to_string(rule.cut));
  return object.json();
}

std::string json_of_pair(const Network& network, std::size_t from, std::size_t to) {
  const Counters& counters = network.counters(from, to);
  Object object;
  object.add_text("from", network.sites()[from]);
  object.add_text("to", network.sites()[to]);
  object.add("forwarded", counters.forwarded);
  object.add("lost", counters.lost);
  object.add("cut", counters.cut);
  object.add("duplicated", counters.duplicated);
  object.add("reordered", counters.reordered);
  object.add("overflowed", counters.overflowed);
  object.add("unsent", counters.unsent);
  object.add("queued", network.queued(from, to));
  object.add("worst_late_us", static_cast<std::uint64_t>(counters.worst_late_ns) / kNsOfUs);
  object.add("rule", json_of(network.rule(from, to)));
  return object.json();
}

std::string json_of_site(const std::string& name, const HostFigures::Site& figures) {
  Object object;
  object.add_text("name", name);
  object.add("received", figures.received);
  object.add("kernel_dropped", figures.kernel_dropped);
  object.add("too_long", figures.too_long);
  return object.json();
}

std::string json_of(const measure::Histogram& late) {
  Object object;
  object.add("median", late.percentile(50) / kNsOfUs);
  object.add("p99", late.percentile(99) / kNsOfUs);
  object.add("worst", late.max() / kNsOfUs);
  return object.json();
}

std::string list(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items)
    text += (text.empty() ? "" : ", ") + item;
  return "[" + text + "]";
}

std::string stats(const Network& network, const HostFigures& figures) {
  std::vector<std::string> pairs;
  std::vector<std::string> sites;
  for (std::size_t from = 0; from < network.sites().size(); ++from) {
    sites.push_back(json_of_site(network.sites()[from], figures.sites[from]));
    for (std::size_t to = 0; to < network.sites().size(); ++to)
      if (from != to) pairs.push_back(json_of_pair(network, from, to));
  }
  Object object;
  object.add("queued", network.queued());
  object.add("late_us", json_of(figures.late));
  object.add("sites", list(sites));
  object.add("pairs", list(pairs));
  return object.json();
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
