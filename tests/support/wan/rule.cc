#include "tests/support/wan/rule.h"

#include <array>
#include <charconv>
#include <system_error>

namespace causeway::wan {
namespace {

constexpr std::size_t kMostQuoted = 40;
constexpr double kNsOfMs = 1e6;

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Also no NaN.
std::optional<double> number_up_to(double most, std::string_view text) {
  const auto value = number<double>(text);
  if (!value || !(*value >= 0 && *value <= most)) return std::nullopt;
  return value;
}

std::optional<Cut> parse_cut(std::string_view text) {
  if (text == "none") return Cut{};
  if (text == "all") return Cut{.what = Cut::What::all};
  if (text == "media") return Cut{.what = Cut::What::media};
  if (text == "control") return Cut{.what = Cut::What::control};
  const auto dash = text.find('-');
  const auto first = number<std::uint16_t>(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : number<std::uint16_t>(text.substr(dash + 1));
  if (!first || !last || *first == 0 || *first > *last) return std::nullopt;
  return Cut{.what = Cut::What::ports, .first_port = *first, .last_port = *last};
}

struct DelayKey {
  std::string_view name;
  std::optional<std::int64_t> Change::*member;
};
constexpr std::array kDelayKeys{
    DelayKey{"delay_ms", &Change::delay_ns},
    DelayKey{"jitter_ms", &Change::jitter_ns},
};

struct ShareKey {
  std::string_view name;
  std::optional<double> Change::*member;
};
constexpr std::array kShareKeys{
    ShareKey{"loss_percent", &Change::loss},
    ShareKey{"duplicate_percent", &Change::duplicate},
    ShareKey{"reorder_percent", &Change::reorder},
};

// Returns what is wrong with it, or nothing.
std::string parse_word(std::string_view word, Change& change) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos) return quoted(word) + " is no key=value";
  const auto key = word.substr(0, equals);
  const auto text = word.substr(equals + 1);
  const auto wrong = [&](const char* wanted) { return quoted(word) + ": give " + wanted; };
  if (key == "cut") {
    if (change.cut) return "cut is given twice";
    change.cut = parse_cut(text);
    return change.cut ? "" : wrong("none, all, media, control, PORT or FIRST-LAST");
  }
  for (const auto& [name, member] : kDelayKeys) {
    if (key != name) continue;
    if (change.*member) return std::string(name) + " is given twice";
    const auto value = number_up_to(kMostDelay_ms, text);
    if (!value) return wrong("milliseconds from 0 to 60000");
    change.*member = static_cast<std::int64_t>(*value * kNsOfMs);
    return "";
  }
  for (const auto& [name, member] : kShareKeys) {
    if (key != name) continue;
    if (change.*member) return std::string(name) + " is given twice";
    const auto value = number_up_to(100, text);
    if (!value) return wrong("a number from 0 to 100");
    change.*member = *value / 100;
    return "";
  }
  return quoted(key) +
         " is no key: there are delay_ms, jitter_ms, loss_percent, duplicate_percent, reorder_percent, cut";
}

template <class T>
void assign(const std::optional<T>& value, T& to) {
  if (value) to = *value;
}

}  // namespace

bool Cut::hits(const FrameInfo& frame) const {
  const auto inside = [&](std::uint16_t port) { return port >= first_port && port <= last_port; };
  switch (what) {
    case What::none:
      return false;
    case What::all:
      return true;
    case What::media:
      return frame.kind == Kind::media;
    case What::control:
      return frame.kind == Kind::control;
    case What::ports:
      return frame.has_ports && (inside(frame.source_port) || inside(frame.destination_port));
  }
  return false;
}

void Change::apply_to(Rule& rule) const {
  assign(delay_ns, rule.delay_ns);
  assign(jitter_ns, rule.jitter_ns);
  assign(loss, rule.loss);
  assign(duplicate, rule.duplicate);
  assign(reorder, rule.reorder);
  assign(cut, rule.cut);
}

std::variant<Change, Error> parse_change(std::span<const std::string_view> words) {
  if (words.empty()) return Error{"nothing is set: give key=value"};
  Change change;
  for (const auto word : words) {
    if (auto problem = parse_word(word, change); !problem.empty()) return Error{std::move(problem)};
  }
  return change;
}

std::string to_string(const Cut& cut) {
  switch (cut.what) {
    case Cut::What::none:
      return "none";
    case Cut::What::all:
      return "all";
    case Cut::What::media:
      return "media";
    case Cut::What::control:
      return "control";
    case Cut::What::ports:
      return std::to_string(cut.first_port) + "-" + std::to_string(cut.last_port);
  }
  return "";
}

std::string quoted(std::string_view word) {
  std::string text = "'";
  for (const char c : word.substr(0, kMostQuoted))
    text += c >= ' ' && c <= '~' ? c : '?';
  return text + (word.size() > kMostQuoted ? "...'" : "'");
}

}  // namespace causeway::wan
