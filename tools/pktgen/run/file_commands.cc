// causeway-pktgen pcap and config: files for others, without a device.
#include <algorithm>
#include <array>
#include <cstdio>
#include <openssl/rand.h>
#include <stdexcept>

#include "tools/pktgen/outcome.h"
#include "tools/pktgen/pcap.h"
#include "tools/pktgen/run/file.h"
#include "tools/pktgen/run/start.h"

namespace causeway::pktgen {

namespace {

constexpr std::size_t kFrameRoom = 9728;  // the longest MTU, and headers
constexpr unsigned kPublic = 0644;
constexpr unsigned kPrivate = 0600;
constexpr unsigned kExecutable = 0755;

// Frames as the sender makes them, into a capture.
class Capture {
 public:
  Capture(const PcapOptions& options, Sender& sender)
      : options_(options),
        sender_(sender),
        file_(options.out, kPublic),
        memory_(Sender::kBatch * kFrameRoom) {
    std::array<std::uint8_t, kPcapHeader> header;
    write_pcap_header(header);
    file_.write(header);
    pace_ =
        options.load.rate.kind == Rate::Kind::fixed ? options.load.rate.pps / sender.packets_per_second() : 1;
  }

  CaptureFacts write() {
    sender_.begin_phase(1);
    const std::uint64_t base_ns = sender_.next_ns();
    std::uint64_t at_ns = 0;
    while (true) {
      const std::uint64_t media_ns = sender_.next_ns();
      at_ns = static_cast<std::uint64_t>(static_cast<double>(media_ns - base_ns) / pace_);
      if (options_.packets == 0 && static_cast<double>(at_ns) * 1e-9 >= options_.seconds) break;
      if (!add(at_ns, media_ns)) break;
    }
    file_.commit();
    const std::size_t slash = options_.out.rfind('/');
    return {.file = slash == std::string::npos ? options_.out : options_.out.substr(slash + 1),
            .frames = frames_,
            .bytes = bytes_,
            .pps = last_ns_ > 0 ? static_cast<double>(frames_) * 1e9 / static_cast<double>(last_ns_) : 0};
  }

 private:
  // False when there are enough.
  bool add(std::uint64_t at_ns, std::uint64_t media_ns) {
    std::array<OutFrame, Sender::kBatch> frames;
    for (std::size_t i = 0; i < frames.size(); ++i)
      frames[i].data = memory_.data() + i * kFrameRoom;
    std::size_t room = frames.size();
    if (options_.packets > 0) room = std::min<std::size_t>(room, options_.packets - frames_);
    const std::size_t n = sender_.fill(std::span(frames).first(room), media_ns, 0);
    for (const OutFrame& frame : std::span(frames).first(n)) {
      std::array<std::uint8_t, kPcapRecord> record;
      write_pcap_record(at_ns, frame.length, record);
      file_.write(record);
      file_.write({frame.data, frame.length});
      bytes_ += frame.length;
    }
    frames_ += n;
    last_ns_ = at_ns;
    return options_.packets == 0 || frames_ < options_.packets;
  }

  const PcapOptions& options_;
  Sender& sender_;
  FileWriter file_;
  std::vector<std::uint8_t> memory_;
  double pace_ = 1;
  std::uint64_t frames_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t last_ns_ = 0;
};

void fresh_bytes(std::span<std::uint8_t> bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes");
  }
}

}  // namespace

int write_capture(const PcapOptions& options) {
  const auto config = load_config(options.load.config);
  if (!config) return kExitStart;
  try {
    const auto engine = srtp::make_ipsec_mb_engine();
    const Plan plan = make_plan(*config, *engine, plan_options(options.load, options.mac));
    const EndpointIndex endpoints(plan);
    Sender sender(plan, endpoints, *engine, sender_options(options.load, options.mac, {}));
    const CaptureFacts facts = Capture(options, sender).write();
    const SentCounters& sent = sender.counters();
    std::printf(
        "%s: %llu frames, %llu bytes; %llu valid RTP packets, of which the appliance makes %llu copies\n",
        options.out.c_str(), static_cast<unsigned long long>(facts.frames),
        static_cast<unsigned long long>(facts.bytes), static_cast<unsigned long long>(sent.rtp),
        static_cast<unsigned long long>(expected_packets(plan, sender)));
    for (const Script script : options.scripts) {
      const ScriptFile made = make_script(script, facts);
      FileWriter file(options.out + made.suffix, made.executable ? kExecutable : kPublic);
      file.write(made.text);
      file.commit();
      std::printf("%s\n", (options.out + made.suffix).c_str());
    }
    return kExitClean;
  } catch (const std::exception& error) {
    print_error(error.what());
    return kExitStart;
  }
}

int write_config(const ConfigOptions& options) {
  try {
    const std::string text =
        make_load_config(options.shape, options.seed ? seeded_bytes(*options.seed) : fresh_bytes);
    if (options.out.empty()) {
      std::fputs(text.c_str(), stdout);
      return std::fflush(stdout) == 0 ? kExitClean : kExitStart;
    }
    FileWriter file(options.out, kPrivate);
    file.write(text);
    file.commit();
    return kExitClean;
  } catch (const std::invalid_argument& error) {
    print_error(error.what());
    return kExitUsage;
  } catch (const std::exception& error) {
    print_error(error.what());
    return kExitStart;
  }
}

}  // namespace causeway::pktgen
