// causeway-bench: what an output packet costs, beside what it must cost at least. One command, one run, one
// table. docs/performance.md explains the figures.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <sched.h>

#include <CLI/CLI.hpp>
#include <intel-ipsec-mb.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_version.h>
#include <srtp2/srtp.h>

#include "dataplane/worker/handoff.h"
#include "tests/bench/run.h"

namespace causeway::bench {
namespace {

constexpr unsigned kBuffers = 16384;
constexpr unsigned kBufferCache = 256;
constexpr unsigned kBufferRoom = RTE_PKTMBUF_HEADROOM + 2048;
constexpr std::size_t kWantedPages = 192;  // of 2 MB

struct Options {
  bool quick = false;
  bool smoke = false;
  bool json = false;
  bool no_huge = false;
  std::vector<std::string> only;
  std::string profile;
  double seconds = 5;
  std::string causeway;
  std::string testpmd = "dpdk-testpmd";
};

std::string first_line(const std::filesystem::path& path, const std::string& key = "") {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key)) return key.empty() ? line : line.substr(line.find(':') + 2);
  }
  return "unknown";
}

bool huge_pages_are_free() {
  const std::string free = first_line("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
  return free != "unknown" && std::stoul(free) >= kWantedPages;
}

std::vector<unsigned> own_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::vector<unsigned> cpus;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE && cpus.size() < 2; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

void start_eal(const std::vector<unsigned>& cpus, bool huge_pages) {
  std::string lcores;
  for (const unsigned cpu : cpus)
    lcores += (lcores.empty() ? "" : ",") + std::to_string(cpu);
  std::vector<std::string> arguments{"causeway-bench",
                                     "-l",
                                     lcores,
                                     "--main-lcore",
                                     std::to_string(cpus.at(0)),
                                     "--no-pci",
                                     "--no-telemetry",
                                     "--log-level",
                                     "error",
                                     "--file-prefix",
                                     "causeway-bench"};
  if (huge_pages) {
    arguments.push_back("--in-memory");
  } else {
    arguments.insert(arguments.end(), {"--no-huge", "--no-shconf", "-m", "512"});
  }
  std::vector<char*> argv;
  for (std::string& argument : arguments)
    argv.push_back(argument.data());
  if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0) {
    throw std::runtime_error(std::string("DPDK does not start: ") + rte_strerror(rte_errno));
  }
}

void describe_machine(const Run& run) {
  Report& report = run.report;
  report.fact("cpu", first_line("/proc/cpuinfo", "model name"));
  const std::string flags = " " + first_line("/proc/cpuinfo", "flags") + " ";
  std::string features;
  for (const char* feature : {"avx2", "avx512f", "vaes", "vpclmulqdq", "sha_ni", "hypervisor"}) {
    if (flags.find(std::string(" ") + feature + " ") != std::string::npos) {
      features += (features.empty() ? "" : " ") + std::string(feature);
    }
  }
  report.fact("features", features);
  report.fact("cpus", std::to_string(run.cpus.size()) + " used");
  report.fact("tsc", number(run.rate.hz() / 1e6) + " MHz, calibrated");
  report.fact("pages", run.huge_pages ? "2 MB (--in-memory)" : "4 KB (--no-huge: slower)");
  report.fact("dpdk", rte_version());
  report.fact("ipsec_mb", imb_get_version_str());
  report.fact("libsrtp", srtp_get_version_string());
  report.fact("effort", run.effort == Effort::smoke   ? "smoke: the figures mean nothing"
                        : run.effort == Effort::quick ? "quick"
                                                      : "full");
}

using Section = std::pair<std::string, std::function<void(const Run&)>>;
const std::vector<Section>& sections() {
  static const std::vector<Section> all{{"grid", measure_grid},       {"ingress", measure_ingress},
                                        {"curves", measure_curves},   {"latency", measure_latency},
                                        {"crowd", measure_crowd},     {"guard", measure_guard},
                                        {"changes", measure_changes}, {"memif", measure_two_process}};
  return all;
}

int run(const Options& options) {
  Report report;
  Run run{.report = report,
          .rate = measure::TscRate::calibrate(options.smoke ? 50 : 300),
          .effort = options.smoke   ? Effort::smoke
                    : options.quick ? Effort::quick
                                    : Effort::full,
          .cpus = own_cpus(),
          .huge_pages = !options.no_huge && huge_pages_are_free(),
          .causeway = options.causeway,
          .testpmd = options.testpmd};
  start_eal(run.cpus, run.huge_pages);
  run.pool =
      rte_pktmbuf_pool_create("bench", kBuffers, kBufferCache, kBufferPrivate, kBufferRoom, SOCKET_ID_ANY);
  if (run.pool == nullptr) throw std::runtime_error("no memory for packet buffers");
  describe_machine(run);
  if (!options.profile.empty()) profile_pipeline(run, options.profile, options.seconds);
  for (const auto& [name, section] : sections()) {
    if (!options.profile.empty()) break;
    if (!options.only.empty() && std::ranges::find(options.only, name) == options.only.end()) continue;
    std::cerr << "causeway-bench: " << name << "\n";
    section(run);
  }
  hold_goals(report);
  // Where JSON is wanted, people still see the table.
  (options.json ? std::cerr : std::cout) << report.table();
  if (options.json) std::cout << report.json();
  rte_eal_cleanup();
  return 0;
}

}  // namespace
}  // namespace causeway::bench

int main(int argc, char** argv) {
  using namespace causeway::bench;
  Options options;
  options.causeway = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "causeway";
  CLI::App app(
      "Measures what an output packet costs, and compares: with the raw ciphers, with libsrtp, with "
      "testpmd.");
  app.add_flag("--quick", options.quick, "two minutes instead of ten");
  app.add_flag("--smoke", options.smoke, "only shows that all of it works: some seconds, useless figures");
  app.add_flag("--json", options.json, "JSON on the standard output, the table on the standard error");
  app.add_flag("--no-huge", options.no_huge, "ordinary pages even if there are huge ones");
  app.add_option("--only", options.only, "sections: grid ingress curves latency memif");
  app.add_option("--profile", options.profile, "only this pipeline, for a profiler: gcm128/1200/64");
  app.add_option("--seconds", options.seconds, "how long --profile runs")->capture_default_str();
  app.add_option("--causeway", options.causeway, "the appliance's program")->capture_default_str();
  app.add_option("--testpmd", options.testpmd, "DPDK's testpmd")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::cerr << "causeway-bench: " << error.what() << "\n";
    return 1;
  }
}
