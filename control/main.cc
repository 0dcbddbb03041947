// causeway: the command line.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "config/describe.h"
#include "config/guard/signatures.h"
#include "config/load.h"
#include "control/appliance.h"
#include "control/fleet/roster.h"
#include "drivers/start_error.h"

namespace {

using causeway::config::Level;
using causeway::config::Loaded;
using causeway::config::Problem;

constexpr int kExitFailure = 1;
constexpr int kExitConfig = 2;
constexpr int kExitUsage = 64;  // EX_USAGE of sysexits.h

// Prints every problem; true if the configuration can be used.
bool report(const Loaded& loaded) {
  for (const Problem& problem : loaded.problems)
    std::fprintf(stderr, "%s\n", problem.to_string().c_str());
  return loaded.config.has_value();
}

// What guard.signatures names, compiled; every problem is printed. Nothing to compile is no failure.
bool compile_guard(const causeway::config::Config& config,
                   std::shared_ptr<const causeway::guard::Database>& signatures) {
  if (!config.guard.enabled) return true;
  auto compiled =
      causeway::config::compile_signatures(config.guard.signatures, config.workers.lcores.size(), 1);
  for (const Problem& problem : compiled.problems)
    std::fprintf(stderr, "%s\n", problem.to_string().c_str());
  signatures = std::move(compiled.database);
  return signatures != nullptr;
}

// The fleet's certificates, as a start would read them. True if there are none.
bool check_certificates(const causeway::config::Config& config, const std::string& file) {
  const std::string problem = causeway::control::fleet::problem_of_certificates(config);
  if (problem.empty()) return true;
  const Problem shown{Level::error, file, config.fleet.where, "fleet: " + problem, "see docs/fleet.md"};
  std::fprintf(stderr, "%s\n", shown.to_string().c_str());
  return false;
}

int check(const std::vector<std::string>& files) {
  int exit_code = 0;
  for (const std::string& file : files) {
    const Loaded loaded = causeway::config::load_file(file);
    std::shared_ptr<const causeway::guard::Database> signatures;
    if (!report(loaded) || !compile_guard(*loaded.config, signatures) ||
        !check_certificates(*loaded.config, file)) {
      exit_code = kExitConfig;
      continue;
    }
    std::printf("%s: ok: %zu ports, %zu transports, %zu tracks, %zu legs, %zu signatures\n", file.c_str(),
                loaded.config->ports.size(), loaded.config->transports.size(), loaded.config->tracks.size(),
                loaded.config->legs.size(), signatures == nullptr ? 0 : signatures->signatures().size());
  }
  return exit_code;
}

// Signals that end the appliance or make it read signatures again arrive on a file descriptor of the control
// thread. Blocked before any thread starts, so that all threads inherit that.
int block_signals() {
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGTERM);
  sigaddset(&awaited, SIGINT);
  sigaddset(&awaited, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  return signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
}

void print_start_error(const std::string& file, const causeway::drivers::StartError& error) {
  const Problem problem{Level::error, file, error.where(), error.what(), error.mend()};
  std::fprintf(stderr, "%s\n", problem.to_string().c_str());
}

int run(const std::string& file, const std::string& log_level) {
  prctl(PR_SET_DUMPABLE, 0);  // keys will be in memory: no core dump, no ptrace by others
  spdlog::set_default_logger(spdlog::stderr_color_mt("causeway"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  spdlog::set_level(spdlog::level::from_str(log_level));
  Loaded loaded = causeway::config::load_file(file);
  std::shared_ptr<const causeway::guard::Database> signatures;
  if (!report(loaded) || !compile_guard(*loaded.config, signatures)) return kExitConfig;
  const int signal_fd = block_signals();
  bool compiling = false;
  try {
    causeway::control::Appliance appliance(*loaded.config, std::move(signatures));
    const int signal = appliance.run(signal_fd);
    spdlog::info("{} received, ending", signal == SIGTERM ? "SIGTERM" : "SIGINT");
    compiling = appliance.is_compiling();
  } catch (const causeway::drivers::StartError& error) {
    print_start_error(file, error);
    return kExitFailure;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: error: %s\n", file.c_str(), error.what());
    return kExitFailure;
  }
  close(signal_fd);
  if (compiling) {
    // Hyperscan cannot be interrupted: what its thread still uses must not be destroyed under it.
    spdlog::shutdown();
    std::_Exit(0);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Causeway forwards RTP and SRTP between publishers, subscribers and sites on DPDK poll-mode cores."};
  app.set_version_flag("--version", "causeway " CAUSEWAY_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 could not start or failed, 2 the configuration has errors, 64 wrong usage.\n"
      "Manual: causeway(8). Reference of the configuration: causeway config reference.");

  std::string file;
  std::string log_level = "info";
  CLI::App* run_command = app.add_subcommand("run", "Run the appliance until SIGTERM or SIGINT");
  run_command->add_option("-c,--config", file, "Configuration file (YAML)")->required();
  run_command->add_option("--log-level", log_level, "Least level that is logged to standard error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();

  std::vector<std::string> files;
  CLI::App* check_command =
      app.add_subcommand("check", "Report every problem of configuration files, and change nothing");
  check_command->add_option("-c,--config", files, "Configuration files (YAML)")->required();

  CLI::App* config_command = app.add_subcommand("config", "Print what a configuration may hold");
  config_command->require_subcommand(1);
  CLI::App* reference =
      config_command->add_subcommand("reference", "Every key with its unit, limits and default (Markdown)");
  CLI::App* schema = config_command->add_subcommand("schema", "JSON Schema, for editors");

  CLI::App* builtin = config_command->add_subcommand("signatures", "The guard's built-in signatures");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (*run_command) return run(file, log_level);
  if (*check_command) return check(files);
  const std::string_view text = causeway::config::builtin_signatures();
  if (*reference) std::fputs(causeway::config::reference_markdown().c_str(), stdout);
  if (*schema) std::fputs(causeway::config::json_schema().c_str(), stdout);
  if (*builtin) std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}
