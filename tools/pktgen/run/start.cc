#include "tools/pktgen/run/start.h"

#include <cstdio>
#include <ctime>

#include "config/load.h"

namespace causeway::pktgen {

namespace {

constexpr net::MacAddress kBroadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

}  // namespace

std::optional<config::Config> load_config(const std::string& file) {
  config::Loaded loaded = config::load_file(file);
  for (const config::Problem& problem : loaded.problems)
    std::fprintf(stderr, "%s\n", problem.to_string().c_str());
  return std::move(loaded.config);
}

void print_start_error(const drivers::StartError& error) {
  std::fprintf(stderr, "causeway-pktgen: error: %s; %s\n", error.what(), error.mend().c_str());
}

void print_error(const std::string& what) {
  std::fprintf(stderr, "causeway-pktgen: error: %s\n", what.c_str());
}

void hold(const volatile std::sig_atomic_t& interrupted) {
  constexpr timespec kTick{.tv_sec = 0, .tv_nsec = 10'000'000};
  std::fflush(stdout);
  while (interrupted == 0)
    nanosleep(&kTick, nullptr);
}

SenderOptions sender_options(const LoadOptions& load, const net::MacAddress& own, TxChecksums checksums) {
  return {.profile = load.profile,
          .mix = load.mix,
          .impairments = load.impairments,
          .seed = load.seed,
          .checksums = checksums,
          .mac = own,
          .next_hop = load.to_mac.value_or(kBroadcast)};
}

PlanOptions plan_options(const LoadOptions& load, const net::MacAddress& own) {
  return {.mac = own, .video = load.profile.kind != Profile::Kind::audio, .seed = load.seed};
}

}  // namespace causeway::pktgen
