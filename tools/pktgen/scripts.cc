#include "tools/pktgen/scripts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace causeway::pktgen {

namespace {

constexpr std::array<std::pair<std::string_view, Script>, 3> kNames{
    {{"pktgen-dpdk", Script::pktgen_dpdk}, {"trex", Script::trex}, {"tcpreplay", Script::tcpreplay}}};

std::string number(double value, const char* format = "%.3f") {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

// Every script says the same of what it sends.
std::string about(const CaptureFacts& capture, const std::string& comment) {
  return comment + " " + capture.file + ": " + std::to_string(capture.frames) + " frames, " +
         std::to_string(capture.bytes) + " bytes, " + number(capture.pps, "%.0f") +
         " packets per second at its own pace.\n" + comment +
         " Send it once to an appliance that was started anew: SRTP takes a second time for a replay.\n";
}

// Commands of Pktgen's console. It counts its rate in percent of the link's, so the count is what is exact.
std::string pktgen_dpdk(const CaptureFacts& capture) {
  return about(capture, "#") + "#   pktgen -l 0-2 -a PCI_ADDRESS -- -P -m \"[1:2].0\" -s 0:" + capture.file +
         " -f " + capture.file + ".pktgen.pkt\n" +
         "# Lower `rate` (percent of the link) until nothing is lost.\n"
         "disable screen\n"
         "enable 0 pcap\n"
         "set 0 count " +
         std::to_string(capture.frames) +
         "\n"
         "set 0 rate 100\n"
         "start 0\n";
}

std::string trex(const CaptureFacts& capture) {
  const double gap_us = capture.pps > 0 ? 1e6 / capture.pps : 1;
  return about(capture, "#") + "#   trex>start -f " + capture.file +
         ".trex.py --force\n"
         "#   trex>start -f " +
         capture.file +
         ".trex.py --force -t ipg_usec=1.0        (another rate)\n"
         "# TRex keeps one stream for each frame: captures of more than some 100,000 frames want push "
         "--remote.\n"
         "import os\n\n"
         "from trex_stl_lib.api import STLProfile\n\n\n"
         "class Causeway:\n"
         "    def get_streams(self, direction=0, **tunables):\n"
         "        here = os.path.dirname(os.path.abspath(__file__))\n"
         "        profile = STLProfile.load_pcap(\n"
         "            os.path.join(here, \"" +
         capture.file +
         "\"),\n"
         "            ipg_usec=float(tunables.get(\"ipg_usec\", " +
         number(gap_us) +
         ")),\n"
         "            loop_count=1)\n"
         "        return profile.get_streams()\n\n\n"
         "def register():\n"
         "    return Causeway()\n";
}

std::string tcpreplay(const CaptureFacts& capture) {
  return "#!/bin/sh\n" + about(capture, "#") + "# usage: " + capture.file +
         ".tcpreplay.sh INTERFACE [PPS | topspeed]     (without a rate: at the capture's own pace)\n"
         "set -eu\n"
         "interface=${1:?INTERFACE is missing}\n"
         "rate=${2:-}\n"
         "case $rate in\n"
         "  '') pace=--multiplier=1 ;;\n"
         "  topspeed) pace=--topspeed ;;\n"
         "  *) pace=--pps=$rate ;;\n"
         "esac\n"
         "exec tcpreplay --intf1=\"$interface\" --preload-pcap --loop=1 \"$pace\" \"$(dirname \"$0\")/" +
         capture.file + "\"\n";
}

}  // namespace

std::optional<Script> parse_script(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, &std::pair<std::string_view, Script>::first);
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

ScriptFile make_script(Script script, const CaptureFacts& capture) {
  switch (script) {
    case Script::pktgen_dpdk:
      return {".pktgen.pkt", pktgen_dpdk(capture), false};
    case Script::trex:
      return {".trex.py", trex(capture), false};
    case Script::tcpreplay:
      return {".tcpreplay.sh", tcpreplay(capture), true};
  }
  return {};
}

}  // namespace causeway::pktgen
