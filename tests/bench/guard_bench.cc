// What the guard costs: nanoseconds for each packet, the least of many short rounds, and what a set of
// signatures takes to compile and to hold. usage: bench-guard [FILE...]   (default: builtin)

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "config/guard/signatures.h"
#include "dataplane/guard/guard.h"

namespace {

using namespace causeway;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kPackets = 64;
constexpr int kRounds = 2000;

double least_ns(std::size_t packets, const std::function<void()>& round) {
  double least = 1e18;
  for (int i = 0; i < kRounds; ++i) {
    const auto begin = Clock::now();
    round();
    const std::chrono::duration<double, std::nano> taken = Clock::now() - begin;
    least = std::min(least, taken.count() / static_cast<double>(packets));
  }
  return least;
}

std::vector<std::string> make_payloads(std::size_t length, bool text) {
  std::mt19937_64 random(length);
  std::vector<std::string> payloads;
  for (std::size_t i = 0; i < kPackets; ++i) {
    std::string payload(length, '\0');
    for (char& byte : payload)
      byte = static_cast<char>(text ? 0x20 + random() % 95 : random());
    payload[0] = static_cast<char>(0x80);
    payloads.push_back(std::move(payload));
  }
  return payloads;
}

std::vector<Packet> make_burst(std::vector<std::string>& payloads, Drop drop) {
  std::vector<Packet> burst(payloads.size());
  for (std::size_t i = 0; i < burst.size(); ++i) {
    burst[i].drop = drop;
    burst[i].kind = Kind::rtp;
    burst[i].key.remote = net::IpAddress::v4(static_cast<std::uint32_t>(0x0a000000 + i));
    burst[i].key.remote_port = 40000;
    burst[i].key.local_port = 20000;
    burst[i].payload = reinterpret_cast<std::uint8_t*>(payloads[i].data());
    burst[i].payload_length = static_cast<std::uint32_t>(payloads[i].size());
  }
  return burst;
}

void measure(const guard::Database& database, std::size_t length, bool text) {
  std::vector<std::string> payloads = make_payloads(length, text);
  std::uint64_t hits = 0;
  const double scan = least_ns(kPackets, [&] {
    for (const std::string& payload : payloads) {
      const std::span bytes(reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size());
      hits += database.scan(0, bytes, 40000, 20000) ? 1 : 0;
    }
  });
  const guard::Settings settings{.source = {1'000'000, 1'000'000},
                                 .punt = {1'000'000, 1'000'000},
                                 .ticks_per_s = 1'000'000'000,
                                 .key = {1, 2}};
  const auto guard = std::make_unique<guard::Guard>(0, settings);
  std::vector<Packet> strangers = make_burst(payloads, Drop::no_transport);
  std::uint64_t now = 1'000'000'000;
  const double judged = least_ns(kPackets, [&] { guard->judge(strangers, 0, database, now += 1'000'000); });
  std::printf("%5zu bytes of %-6s  scan %6.1f ns   scan and meter %6.1f ns   hits %llu\n", length,
              text ? "text" : "noise", scan, judged, static_cast<unsigned long long>(hits));
}

void measure_others() {
  const auto compiled = guard::Database::compile({}, 1, 1);
  const auto& database = *std::get<std::unique_ptr<const guard::Database>>(compiled);
  const guard::Settings settings{.source = {1'000'000, 1'000'000},
                                 .punt = {1'000'000, 1'000'000},
                                 .ticks_per_s = 1'000'000'000,
                                 .key = {1, 2}};
  const auto guard = std::make_unique<guard::Guard>(0, settings);
  std::vector<std::string> payloads = make_payloads(160, false);
  std::vector<Packet> media = make_burst(payloads, Drop::none);
  std::vector<Packet> strangers = make_burst(payloads, Drop::no_transport);
  std::uint64_t now = 1'000'000'000;
  std::printf("media that passes by      %6.2f ns\n",
              least_ns(kPackets, [&] { guard->judge(media, 0, database, now += 1'000'000); }));
  std::printf("meter alone               %6.2f ns\n",
              least_ns(kPackets, [&] { guard->judge(strangers, 0, database, now += 1'000'000); }));
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> files(argv + 1, argv + argc);
  if (files.empty()) files.emplace_back(config::kBuiltin);
  const auto begin = Clock::now();
  const config::CompiledSignatures compiled = config::compile_signatures(files, 1, 1);
  const std::chrono::duration<double, std::milli> taken = Clock::now() - begin;
  for (const config::Problem& problem : compiled.problems)
    std::fprintf(stderr, "%s\n", problem.to_string().c_str());
  if (compiled.database == nullptr) return 1;
  std::printf(
      "%zu signatures: compiled in %.0f ms, %zu KiB, scratch of a worker %zu KiB, guard of a worker %zu "
      "KiB\n",
      compiled.database->signatures().size(), taken.count(), compiled.database->compiled_bytes() >> 10,
      compiled.database->scratch_bytes() >> 10,
      (sizeof(guard::Guard) + (std::size_t{16384} + 4096) * 16) >> 10);
  measure_others();
  for (const std::size_t length : {60, 160, 1200}) {
    measure(*compiled.database, length, false);
    measure(*compiled.database, length, true);
  }
  return 0;
}
