#include "config/scalar.h"

#include <charconv>
#include <limits>
#include <system_error>

#include "dataplane/guard/signature.h"

namespace causeway::config {

std::optional<std::uint64_t> parse_integer(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  // A leading 0 is octal for some readers of YAML and decimal for others.
  if (!hex && text.size() > 1 && text.starts_with('0')) return std::nullopt;
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data(), end, value, hex ? 16 : 10);
  if (error != std::errc{} || behind != end) return std::nullopt;
  return value;
}

std::optional<bool> parse_bool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<PortRange> parse_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto first = parse_integer(text.substr(0, dash));
  const auto last = parse_integer(text.substr(dash + 1));
  constexpr std::uint64_t kHighest = std::numeric_limits<std::uint16_t>::max();
  if (!first || !last || *first == 0 || *first > *last || *last > kHighest) return std::nullopt;
  return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

template <>
std::vector<std::pair<std::string_view, UdpChecksum>> names_of<UdpChecksum>() {
  return {{"verify", UdpChecksum::verify}, {"tolerate", UdpChecksum::tolerate}};
}

template <>
std::vector<std::pair<std::string_view, Priority>> names_of<Priority>() {
  return {{"high", Priority::high}, {"normal", Priority::normal}};
}

template <>
std::vector<std::pair<std::string_view, SrtpEngine>> names_of<SrtpEngine>() {
  return {{"ipsec_mb", SrtpEngine::ipsec_mb}, {"libsrtp", SrtpEngine::libsrtp}};
}

template <>
std::vector<std::pair<std::string_view, srtp::Suite>> names_of<srtp::Suite>() {
  std::vector<std::pair<std::string_view, srtp::Suite>> names;
  for (const srtp::SuiteInfo& suite : srtp::all_suites())
    names.emplace_back(suite.name, suite.suite);
  return names;
}

template <>
std::vector<std::pair<std::string_view, PatternFlags>> names_of<PatternFlags>() {
  return {{"i", PatternFlags::caseless}};
}

template <>
std::vector<std::pair<std::string_view, Drop>> names_of<Drop>() {
  return guard::classes();
}

}  // namespace causeway::config
