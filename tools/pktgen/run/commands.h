// What the commands of causeway-pktgen do, with their options as values. Each returns the exit code.
#pragma once

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/net/address.h"
#include "tools/pktgen/languages.h"
#include "tools/pktgen/load_config.h"
#include "tools/pktgen/run/device.h"
#include "tools/pktgen/scripts.h"

namespace causeway::pktgen {

inline constexpr int kExitClean = 0;
inline constexpr int kExitFaults = 1;
inline constexpr int kExitStart = 2;
inline constexpr int kExitUsage = 64;  // EX_USAGE of sysexits.h

// What is sent.
struct LoadOptions {
  std::string config;
  Rate rate;
  Profile profile;
  Mix mix;
  Impairments impairments;
  std::uint64_t seed = 1;
  std::optional<net::MacAddress> to_mac;  // the appliance's port; else broadcast until it is known
};

struct RunOptions {
  LoadOptions load;
  DeviceOptions device;
  Verify verify;
  double seconds = 10;
  double warm_up_s = 1;
  double wait_s = 10;
  double precision = 0.01;
  bool json = false;
  bool legs = false;
  bool hold = false;
};
int run(const RunOptions& options, const volatile std::sig_atomic_t& interrupted);

struct PcapOptions {
  LoadOptions load;
  std::string out;
  std::uint64_t packets = 0;  // 0: by seconds
  double seconds = 10;
  net::MacAddress mac;  // source, of remotes that the configuration names no MAC address of
  std::vector<Script> scripts;
};
int write_capture(const PcapOptions& options);

struct ReplayOptions {
  std::string file;
  DeviceOptions device;
  Rate rate;  // natural: at the capture's own pace
  unsigned loops = 1;
  double wait_s = 10;
  bool json = false;
  bool hold = false;
};
int replay(const ReplayOptions& options, const volatile std::sig_atomic_t& interrupted);

struct ConfigOptions {
  LoadShape shape;
  std::optional<std::uint64_t> seed;  // absent: fresh keys
  std::string out;                    // empty: standard output
};
int write_config(const ConfigOptions& options);

}  // namespace causeway::pktgen
