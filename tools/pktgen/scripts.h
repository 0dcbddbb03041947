// What other traffic generators need to send a capture file of ours. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::pktgen {

enum class Script : std::uint8_t { pktgen_dpdk, trex, tcpreplay };

std::optional<Script> parse_script(std::string_view name);  // "pktgen-dpdk", "trex", "tcpreplay"

struct ScriptFile {
  std::string suffix;  // of the capture's name: ".pktgen.pkt"
  std::string text;
  bool executable = false;
};

struct CaptureFacts {
  std::string file;  // the capture's name without its folder
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  double pps = 0;  // at its own pace
};

ScriptFile make_script(Script script, const CaptureFacts& capture);

}  // namespace causeway::pktgen
