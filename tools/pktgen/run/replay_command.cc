// causeway-pktgen replay: sends a capture, and counts what comes back.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "tools/measure/tsc.h"
#include "tools/pktgen/json.h"
#include "tools/pktgen/pcap.h"
#include "tools/pktgen/run/file.h"
#include "tools/pktgen/run/start.h"

namespace causeway::pktgen {

namespace {

constexpr std::uint64_t kMostCapture = std::uint64_t{4} << 30;
constexpr std::size_t kBatch = 32;
constexpr double kSilence_s = 0.5;

struct Counts {
  std::uint64_t sent = 0;
  std::uint64_t bytes = 0;
  std::uint64_t too_long = 0;  // for the device's MTU
  std::uint64_t received = 0;
  std::uint64_t received_bytes = 0;
  double seconds = 0;
};

class Replayer {
 public:
  Replayer(Device& device, const ReplayOptions& options, const std::vector<PcapFrame>& frames,
           measure::TscRate rate, const volatile std::sig_atomic_t& interrupted)
      : device_(device), options_(options), frames_(frames), rate_(rate), interrupted_(interrupted) {}

  Counts replay() {
    const std::uint64_t begin = measure::read_tsc();
    for (unsigned loop = 0; loop < options_.loops; ++loop) {
      const std::uint64_t begin_of_loop = measure::read_tsc();
      for (std::size_t i = 0; i < frames_.size() && interrupted_ == 0;) {
        receive();
        const double elapsed_ns = rate_.to_ns(measure::read_tsc() - begin_of_loop);
        std::size_t due = 0;
        while (due < kBatch && i + due < frames_.size() && due_ns(i + due) <= elapsed_ns)
          ++due;
        if (due > 0) i += send(i, due);
      }
    }
    const std::uint64_t end = measure::read_tsc();
    counts_.seconds = rate_.to_ns(end - begin) * 1e-9;
    for (std::uint64_t last = end; rate_.to_ns(measure::read_tsc() - last) < kSilence_s * 1e9;) {
      if (receive() > 0) last = measure::read_tsc();
    }
    return counts_;
  }

 private:
  // Since the begin of the capture.
  double due_ns(std::size_t i) const {
    if (options_.rate.kind == Rate::Kind::max) return 0;
    if (options_.rate.kind == Rate::Kind::fixed) return static_cast<double>(i) * 1e9 / options_.rate.pps;
    // A clock may have gone back while it was captured.
    return frames_[i].at_ns < frames_[0].at_ns ? 0 : static_cast<double>(frames_[i].at_ns - frames_[0].at_ns);
  }

  std::size_t receive() {
    std::array<rte_mbuf*, kBatch> mbufs;
    const std::size_t n = rte_eth_rx_burst(device_.id(), 0, mbufs.data(), mbufs.size());
    for (std::size_t i = 0; i < n; ++i)
      counts_.received_bytes += mbufs[i]->pkt_len;
    counts_.received += n;
    rte_pktmbuf_free_bulk(mbufs.data(), static_cast<unsigned>(n));
    return n;
  }

  // Returns how many frames are done with.
  std::size_t send(std::size_t first, std::size_t count) {
    std::array<rte_mbuf*, kBatch> mbufs;
    if (rte_pktmbuf_alloc_bulk(device_.pool(), mbufs.data(), static_cast<unsigned>(count)) != 0) return 0;
    std::size_t n = 0;
    std::uint64_t bytes = 0;
    for (std::size_t i = first; i < first + count; ++i) {
      const std::span<const std::uint8_t> frame = frames_[i].bytes;
      if (frame.size() > rte_pktmbuf_tailroom(mbufs[n]) || frame.empty()) {
        ++counts_.too_long;
        continue;
      }
      std::memcpy(rte_pktmbuf_mtod(mbufs[n], std::uint8_t*), frame.data(), frame.size());
      mbufs[n]->data_len = static_cast<std::uint16_t>(frame.size());
      mbufs[n]->pkt_len = static_cast<std::uint32_t>(frame.size());
      bytes += frame.size();
      ++n;
    }
    rte_pktmbuf_free_bulk(mbufs.data() + n, static_cast<unsigned>(count - n));
    for (std::size_t sent = 0; sent < n;) {
      sent += rte_eth_tx_burst(device_.id(), 0, mbufs.data() + sent, static_cast<std::uint16_t>(n - sent));
      if (sent == n) break;
      receive();
      if (interrupted_ != 0) {
        rte_pktmbuf_free_bulk(mbufs.data() + sent, static_cast<unsigned>(n - sent));
        break;
      }
    }
    counts_.sent += n;
    counts_.bytes += bytes;
    return count;
  }

  Device& device_;
  const ReplayOptions& options_;
  const std::vector<PcapFrame>& frames_;
  measure::TscRate rate_;
  const volatile std::sig_atomic_t& interrupted_;
  Counts counts_;
};

void print(const Counts& counts, bool json) {
  if (json) {
    Json out;
    out.object("", [&] {
      out.put("sent", counts.sent);
      out.put("sent_bytes", counts.bytes);
      out.put("too_long", counts.too_long);
      out.put("received", counts.received);
      out.put("received_bytes", counts.received_bytes);
      out.put("seconds", counts.seconds);
    });
    std::printf("%s\n", out.text().c_str());
    return;
  }
  std::printf(
      "sent %llu frames in %.2f s (%.0f/s), received %llu, left out %llu (empty or longer than a buffer)\n",
      static_cast<unsigned long long>(counts.sent), counts.seconds,
      counts.seconds > 0 ? static_cast<double>(counts.sent) / counts.seconds : 0,
      static_cast<unsigned long long>(counts.received), static_cast<unsigned long long>(counts.too_long));
}

bool wait_for_link(const Device& device, double seconds, measure::TscRate rate,
                   const volatile std::sig_atomic_t& interrupted) {
  const std::uint64_t begin = measure::read_tsc();
  while (!device.link_up()) {
    if (rate.to_ns(measure::read_tsc() - begin) > seconds * 1e9 || interrupted != 0) return false;
  }
  return true;
}

}  // namespace

int replay(const ReplayOptions& options, const volatile std::sig_atomic_t& interrupted) {
  try {
    const std::vector<std::uint8_t> bytes = read_file(options.file, kMostCapture);
    PcapReader reader(bytes);
    std::vector<PcapFrame> frames;
    while (const auto frame = reader.next())
      frames.push_back(*frame);
    if (!reader.error().empty()) throw FileProblem(options.file + ": " + reader.error());
    Device device(options.device);
    const measure::TscRate rate = measure::TscRate::calibrate();
    if (!wait_for_link(device, options.wait_s, rate, interrupted)) {
      throw std::runtime_error("the device's link is down: is the other end there?");
    }
    const Counts counts = Replayer(device, options, frames, rate, interrupted).replay();
    print(counts, options.json);
    if (options.hold) hold(interrupted);
    return counts.sent == frames.size() * options.loops ? kExitClean : kExitFaults;
  } catch (const drivers::StartError& error) {
    print_start_error(error);
  } catch (const std::exception& error) {
    print_error(error.what());
  }
  return kExitStart;
}

}  // namespace causeway::pktgen
