// causeway-pktgen: the command line.
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/prctl.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "tools/pktgen/run/commands.h"

namespace {

using namespace causeway;  // NOLINT(google-build-using-namespace): one file, one program
using namespace causeway::pktgen;

volatile std::sig_atomic_t interrupted = 0;

constexpr std::uint64_t kMostPackets = 1'000'000'000'000;

// CLI::Range alone takes "nan", and a run of that many seconds never ends.
CLI::Validator numbers(double least, double most) {
  const CLI::Validator number(
      [](const std::string& word) {
        return std::isnan(std::strtod(word.c_str(), nullptr)) ? "'" + word + "' is no number" : std::string();
      },
      "");
  return CLI::Range(least, most) & number;
}

void interrupt(int) {
  interrupted = 1;
}

// An option in one of the small languages: what is wrong with its word is said as with any other option.
template <class T>
CLI::Option* add_word(CLI::App* command, const std::string& name, T& value,
                      Parsed<T> (*parse)(std::string_view), const std::string& help) {
  return command
      ->add_option_function<std::string>(
          name,
          [&value, parse, name](const std::string& word) {
            const auto parsed = parse(word);
            if (const auto* error = std::get_if<LanguageError>(&parsed)) {
              throw CLI::ValidationError(name, error->what);
            }
            value = std::get<T>(parsed);
          },
          help)
      ->type_name("WORD");
}

template <class T>
void set_mac(T& value, const std::string& name, const std::string& word) {
  const auto mac = net::MacAddress::parse(word);
  if (!mac) throw CLI::ValidationError(name, "'" + word + "' is no MAC address such as 02:00:00:00:00:01");
  value = *mac;
}

template <class T>
void add_mac(CLI::App* command, const std::string& name, T& value, const std::string& help) {
  command
      ->add_option_function<std::string>(
          name, [&value, name](const std::string& word) { set_mac(value, name, word); }, help)
      ->type_name("MAC");
}

void add_load(CLI::App* command, LoadOptions& load) {
  command->add_option("-c,--config", load.config, "The appliance's configuration (YAML)")->required();
  add_word(command, "--profile", load.profile, parse_profile,
           "Media: video (30 frames a second, I-frames), audio (each 20 ms) or fixed:BYTES [video]");
  add_word(command, "--mix", load.mix, parse_mix, "Shares of packets [rtp=94.5,rtcp=5,stun=0.4]");
  add_word(command, "--impair", load.impairments, parse_impairments,
           "Rates: loss, reorder, duplicate, corrupt, replay, garbage, as in loss=1%,replay=0.001 [none]");
  command->add_option("--seed", load.seed, "The same seed makes the same traffic")->capture_default_str();
  add_mac(command, "--to-mac", load.to_mac,
          "The appliance's MAC address [broadcast, until its own packets tell it]");
}

void add_device(CLI::App* command, DeviceOptions& device) {
  command->add_option("-d,--device", device.device, "PCI address or DPDK virtual device of the generator")
      ->required();
  command->add_option("--lcores", device.lcores, "CPUs: one, or one to send and one to receive, as in 2,3")
      ->delimiter(',')
      ->expected(1, 2)
      ->capture_default_str();
  command->add_flag("!--no-huge", device.huge_pages, "Ordinary pages instead of huge ones (slower)");
  command->add_option("--memory", device.memory_mb, "Memory that DPDK takes, in MiB")
      ->check(CLI::Range(64, 1 << 20))
      ->capture_default_str();
  command->add_option("--descriptors", device.descriptors, "Length of the device's queues, in packets")
      ->check(CLI::Range(64, 32768))
      ->capture_default_str();
  command->add_option("--eal", device.eal, "One more argument for DPDK's EAL; may be given again")
      ->expected(1)
      ->take_all();
}

CLI::App* add_run(CLI::App& app, RunOptions& options) {
  CLI::App* command =
      app.add_subcommand("run", "Play all publishers and subscribers, and verify what arrives");
  add_load(command, options.load);
  add_device(command, options.device);
  add_word(command, "--rate", options.load.rate, parse_rate,
           "Packets per second (50k, 1.2M); natural: the media's own pace; max; search: the highest without "
           "loss [natural]");
  command->add_option("--seconds", options.seconds, "How long is measured; of a search, each trial")
      ->check(numbers(0.01, 1e6))
      ->capture_default_str();
  command->add_option("--warm-up", options.warm_up_s, "Seconds of traffic before, which do not count")
      ->check(numbers(0.0, 1e6))
      ->capture_default_str();
  command->add_option("--wait", options.wait_s, "Seconds in which the appliance must answer")
      ->check(numbers(0.1, 1e6))
      ->capture_default_str();
  command->add_option("--precision", options.precision, "Of a search, as a share of its result")
      ->check(numbers(0.0001, 0.5))
      ->capture_default_str();
  add_word(command, "--verify", options.verify, parse_verify,
           "Open and compare all packets, one in N (sample:N), or count only (none) [all]");
  command->add_flag("--json", options.json, "Report as JSON");
  command->add_flag("--legs", options.legs, "With --json: every leg, not only those with faults");
  command->add_flag("--hold", options.hold, "Keep the device open after the report, until SIGINT or SIGTERM");
  return command;
}

CLI::App* add_pcap(CLI::App& app, PcapOptions& options) {
  CLI::App* command = app.add_subcommand("pcap", "Write the traffic to a capture file, for other generators");
  add_load(command, options.load);
  command->add_option("-o,--out", options.out, "Capture file to write")->required();
  add_word(command, "--rate", options.load.rate, parse_rate, "Packets per second, or natural [natural]");
  auto* packets = command->add_option("--packets", options.packets, "How many frames")
                      ->check(CLI::Range(std::uint64_t{1}, kMostPackets));
  command->add_option("--seconds", options.seconds, "How long")
      ->check(numbers(0.001, 1e6))
      ->capture_default_str()
      ->excludes(packets);
  options.mac = {{2, 0, 0, 0, 0, 0x99}};
  add_mac(command, "--from-mac", options.mac,
          "Source MAC address of remotes that are no neighbours in the configuration [02:00:00:00:00:99]");
  command
      ->add_option_function<std::vector<std::string>>(
          "--script",
          [&options](const std::vector<std::string>& names) {
            for (const std::string& name : names) {
              const auto script = parse_script(name);
              if (!script) {
                throw CLI::ValidationError("--script",
                                           "'" + name + "' is none of pktgen-dpdk, trex, tcpreplay");
              }
              options.scripts.push_back(*script);
            }
          },
          "Write a script beside it, too: pktgen-dpdk, trex, tcpreplay; several with commas")
      ->delimiter(',')
      ->type_name("WORD");
  return command;
}

CLI::App* add_replay(CLI::App& app, ReplayOptions& options) {
  CLI::App* command = app.add_subcommand("replay", "Send a capture file");
  command->add_option("file", options.file, "Capture file to send (pcap, Ethernet)")->required();
  add_device(command, options.device);
  add_word(command, "--rate", options.rate, parse_rate,
           "Packets per second, natural (the capture's own pace) or max [natural]");
  command->add_option("--loop", options.loops, "How often; SRTP takes each repetition for a replay")
      ->check(CLI::Range(std::uint64_t{1}, kMostPackets))
      ->capture_default_str();
  command->add_option("--wait", options.wait_s, "Seconds in which the link must be up")
      ->check(numbers(0.1, 1e6))
      ->capture_default_str();
  command->add_flag("--json", options.json, "Report as JSON");
  command->add_flag("--hold", options.hold, "Keep the device open after the report, until SIGINT or SIGTERM");
  return command;
}

void set_suites(LoadShape& shape, const std::vector<std::string>& names) {
  shape.suites.clear();
  for (const std::string& name : names) {
    const auto suite = srtp::parse_suite(name);
    if (suite) shape.suites.push_back(*suite);
    if (name == "all") {
      for (const srtp::SuiteInfo& each : srtp::all_suites())
        shape.suites.push_back(each.suite);
    } else if (!suite) {
      throw CLI::ValidationError("--suite", "'" + name + "' is no SRTP suite by its SDES name, none or all");
    }
  }
}

CLI::App* add_config(CLI::App& app, ConfigOptions& options) {
  LoadShape& shape = options.shape;
  shape.neighbour = {{2, 0, 0, 0, 0, 0x99}};
  CLI::App* command = app.add_subcommand("config", "Write an appliance's configuration for a load");
  command->add_option("-o,--out", options.out, "File to write, with mode 600 [standard output]");
  command->add_option("-d,--device", shape.device, "PCI address or DPDK virtual device of the appliance")
      ->required();
  command->add_option("--publishers", shape.publishers, "Publishers, each with a transport")
      ->capture_default_str();
  command->add_option("--tracks", shape.tracks, "Tracks of each publisher")->capture_default_str();
  command->add_option("--layers", shape.layers, "Layers of each track")->capture_default_str();
  command->add_option("--legs", shape.legs, "Legs of each layer, each to a transport of its own")
      ->capture_default_str();
  command->add_option("--transports", shape.transports, "Transports in all: the rest are idle [none are]");
  command
      ->add_option_function<std::vector<std::string>>(
          "--suite", [&shape](const std::vector<std::string>& names) { set_suites(shape, names); },
          "SRTP suites by their SDES names, in turn; all; none [AEAD_AES_128_GCM]")
      ->delimiter(',')
      ->type_name("WORD");
  command->add_option("--workers", shape.workers, "The appliance's worker CPUs, as in 1,2")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--control-lcore", shape.control_lcore, "CPU of its control thread")
      ->capture_default_str();
  command->add_flag("!--no-huge", shape.huge_pages, "Ordinary pages instead of huge ones (slower)");
  command->add_flag("--ipv6", shape.ipv6, "Every second transport over IPv6");
  command->add_option("--mtu", shape.mtu, "MTU of the port")
      ->check(CLI::Range(1280, 9600))
      ->capture_default_str();
  command->add_option("--descriptors", shape.descriptors, "Length of the port's queues, in packets")
      ->check(CLI::Range(64, 32768))
      ->capture_default_str();
  command->add_option("--file-prefix", shape.file_prefix, "The appliance's eal.file_prefix")
      ->capture_default_str();
  add_mac(command, "--mac", shape.neighbour, "MAC address of the generator's port [02:00:00:00:00:99]");
  command->add_option("--seed", options.seed, "The same seed makes the same keys [fresh keys]");
  return command;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Causeway's traffic generator: plays every publisher and subscriber of an appliance."};
  app.set_version_flag("--version", "causeway-pktgen " CAUSEWAY_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 clean, 1 loss or faults beyond what was injected, 2 it could not start or the "
      "configuration has errors, 64 wrong usage.\n"
      "Manual: causeway-pktgen(8).");
  RunOptions run_options;
  PcapOptions pcap_options;
  ReplayOptions replay_options;
  ConfigOptions config_options;
  const CLI::App* run_command = add_run(app, run_options);
  const CLI::App* pcap_command = add_pcap(app, pcap_options);
  const CLI::App* replay_command = add_replay(app, replay_options);
  add_config(app, config_options);
  try {
    app.parse(argc, argv);
    using Kind = Rate::Kind;
    if (*pcap_command && pcap_options.load.rate.kind > Kind::fixed) {
      throw CLI::ValidationError("--rate", "a capture has no max and no search: give packets per second");
    }
    if (*replay_command && replay_options.rate.kind == Kind::search) {
      throw CLI::ValidationError("--rate", "a capture is sent once: there is nothing to search");
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }

  prctl(PR_SET_DUMPABLE, 0);  // keys will be in memory: no core dump, no ptrace by others
  spdlog::set_default_logger(spdlog::stderr_color_mt("causeway-pktgen"));
  spdlog::set_level(spdlog::level::warn);
  struct sigaction action {};
  action.sa_handler = interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  if (*run_command) return run(run_options, interrupted);
  if (*pcap_command) return write_capture(pcap_options);
  if (*replay_command) return replay(replay_options, interrupted);
  return write_config(config_options);
}
