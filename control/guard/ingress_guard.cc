#include "control/guard/ingress_guard.h"

#include <cerrno>
#include <string_view>
#include <sys/random.h>
#include <system_error>
#include <utility>

#include <spdlog/spdlog.h>

namespace causeway::control {

namespace {

guard::HashKey random_key() {
  guard::HashKey key;
  if (getrandom(key.data(), sizeof key, 0) != sizeof key) {
    throw std::system_error(errno, std::generic_category(), "no random numbers for the guard's meters");
  }
  return key;
}

std::string hex(const guard::Sample& sample) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < sample.prefix_length; ++i) {
    text += kDigits[sample.prefix[i] >> 4];
    text += kDigits[sample.prefix[i] & 15];
  }
  return text;
}

}  // namespace

// Nothing that a stranger wrote stands there but as hexadecimal digits.
std::string describe(const guard::Sample& sample, const guard::Database& database,
                     const std::vector<std::string>& ports) {
  std::string text(info(sample.drop).name);
  const auto& signatures = database.signatures();
  if (sample.signature != guard::Sample::kNoSignature) {
    const bool in_use = sample.generation == database.generation() && sample.signature < signatures.size();
    text += " (" + (in_use ? signatures[sample.signature].name : "a signature of an earlier set") + ")";
  }
  text += " from ";
  const std::string port = sample.port_index < ports.size() ? ports[sample.port_index] : "?";
  if (sample.drop == Drop::punt_flood) return text + sample.source.to_string() + " on port " + port;
  text += net::Endpoint{sample.source, sample.source_port}.to_string() + " to UDP port " +
          std::to_string(sample.destination_port) + " on port " + port + ", " +
          std::to_string(sample.length) + " bytes";
  return sample.prefix_length == 0 ? text : text + ": " + hex(sample);
}

IngressGuard::IngressGuard(const config::Guard& config, std::shared_ptr<const guard::Database> first,
                           std::size_t workers, std::uint64_t tsc_hz)
    : enabled_(config.enabled),
      settings_{.source = {config.source_rate_per_s, config.source_burst},
                .punt = {config.punt_rate_per_s, config.punt_burst},
                .samples_per_s = config.samples_per_s,
                .ticks_per_s = tsc_hz,
                .key = random_key()},
      reload_(config.signatures, workers),
      current_(std::move(first)) {}

std::shared_ptr<const guard::Database> IngressGuard::current() const {
  const std::lock_guard guard(lock_);
  return current_;
}

void IngressGuard::reload() {
  if (!enabled_) {
    spdlog::info("guard: disabled: no signatures to read again");
    return;
  }
  spdlog::info("guard: reading the signatures again");
  try {
    reload_.request();
  } catch (const std::system_error& error) {
    spdlog::error("guard: cannot compile signatures: {}; the set in use stays", error.what());
  }
}

bool IngressGuard::take_reloaded() {
  const auto result = reload_.take();
  if (!result) return false;
  if (result->database == nullptr) {
    for (const config::Problem& problem : result->problems)
      spdlog::error("guard: {}", problem.to_string());
    spdlog::error("guard: the set of {} signatures in use stays", current()->signatures().size());
    return false;
  }
  {
    const std::lock_guard guard(lock_);
    current_ = result->database;
  }
  spdlog::info("guard: {} signatures in use from now on", result->database->signatures().size());
  return true;
}

void IngressGuard::log(guard::Samples& samples, const std::vector<std::string>& ports) const {
  while (const auto sample = samples.pop())
    spdlog::info("guard: {}", describe(*sample, *current(), ports));
}

}  // namespace causeway::control
