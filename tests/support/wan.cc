// The WAN between sites, for tests and the demo on a kernel without netem: joins the interfaces of the sites
// like an Ethernet switch, and delays, loses, doubles, reorders or cuts what goes from one site to another.
// Controlled by lines on standard input.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <iostream>
#include <optional>
#include <poll.h>
#include <sched.h>
#include <set>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "tests/support/wan/console.h"
#include "tests/support/wan/network.h"
#include "tests/support/wan/port.h"

namespace {

using namespace causeway;

constexpr std::int64_t kNsOfS = 1'000'000'000;

struct Options {
  std::vector<std::string> sites;  // SITE=IFACE
  std::uint64_t seed = 1;
  std::size_t most_queued = 16384;
  bool realtime = false;
};

struct Sites {
  std::vector<std::string> names;
  std::vector<std::string> interfaces;
};

// Names are quoted in JSON and separated by blanks in commands as they are.
bool is_name(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

Sites parse_sites(const std::vector<std::string>& words) {
  Sites sites;
  for (const auto& word : words) {
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    if (equals == std::string::npos || !is_name(name))
      throw std::runtime_error(word + ": give SITE=IFACE, the site of letters, digits and ._-");
    sites.names.push_back(name);
    sites.interfaces.push_back(word.substr(equals + 1));
  }
  for (const auto* list : {&sites.names, &sites.interfaces})
    if (std::set(list->begin(), list->end()).size() != list->size())
      throw std::runtime_error("a site or an interface is named twice");
  return sites;
}

// Commands are split from what standard input has, which may be less or more than one.
class Lines {
 public:
  // False at the end of the input.
  bool read() {
    std::array<char, 4096> chunk;
    const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got < 0) return errno == EINTR;
    text_.append(chunk.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  std::optional<std::string> next() {
    const auto end = text_.find('\n');
    if (end == std::string::npos) {
      // What is too long needs no more than that to be refused.
      if (text_.size() > wan::kMostCommand) text_.resize(wan::kMostCommand + 1);
      return std::nullopt;
    }
    std::string line = text_.substr(0, end);
    text_.erase(0, end + 1);
    return line;
  }

 private:
  std::string text_;
};

class Wan {
 public:
  Wan(const Sites& sites, const Options& options) : network_(sites.names, options.seed, options.most_queued) {
    for (const auto& interface : sites.interfaces)
      ports_.emplace_back(interface);
    figures_.sites.resize(ports_.size());
    waits_.push_back({STDIN_FILENO, POLLIN, 0});
    for (const auto& port : ports_)
      waits_.push_back({port.fd(), POLLIN, 0});
    batches_.resize(ports_.size());
  }

  void run() {
    bool goes_on = true;
    while (goes_on) {
      wait();
      receive();
      deliver();
      if (waits_[0].revents != 0) goes_on = obey();
    }
  }

 private:
  void wait() {
    timespec timeout{};
    if (!network_.empty()) {
      const auto left_ns = std::max<std::int64_t>(0, network_.next_due_ns() - wan::monotonic_ns());
      timeout = {left_ns / kNsOfS, left_ns % kNsOfS};
    }
    if (ppoll(waits_.data(), waits_.size(), network_.empty() ? nullptr : &timeout, nullptr) < 0 &&
        errno != EINTR)
      throw std::runtime_error(std::string("ppoll: ") + std::strerror(errno));
  }

  // One batch of each site, so that none of them keeps what is due from leaving.
  void receive() {
    for (std::size_t site = 0; site < ports_.size(); ++site) {
      if (waits_[site + 1].revents == 0) continue;
      auto& figures = figures_.sites[site];
      figures.too_long +=
          ports_[site].receive([&](std::span<const std::uint8_t> frame, std::int64_t arrival_ns) {
            ++figures.received;
            network_.take(site, frame, arrival_ns);
          });
    }
  }

  // By destination, since a frame to all sites falls due at all of them at once.
  void deliver() {
    const std::int64_t now_ns = wan::monotonic_ns();
    while (!network_.empty() && network_.next_due_ns() <= now_ns) {
      const auto delivery = network_.pop();
      auto& batch = batches_[delivery.to];
      batch.push_back(delivery);
      if (batch.size() == wan::kBatch) send(ports_[delivery.to], batch);
    }
    for (std::size_t site = 0; site < ports_.size(); ++site)
      send(ports_[site], batches_[site]);
  }

  void send(wan::Port& port, std::vector<wan::Delivery>& batch) {
    for (std::size_t done = 0; done < batch.size();) {
      frames_.clear();
      for (std::size_t i = done; i < batch.size(); ++i)
        frames_.push_back(network_.frame(batch[i]));
      const std::size_t sent = port.send(frames_);
      const std::int64_t now_ns = wan::monotonic_ns();
      for (std::size_t i = done; i < done + sent; ++i) {
        const std::int64_t late_ns = now_ns - batch[i].due_ns;
        figures_.late.record(static_cast<std::uint64_t>(late_ns));
        network_.sent(batch[i], late_ns);
      }
      done += sent;
      if (done < batch.size()) network_.refused(batch[done++]);
    }
    batch.clear();
  }

  bool obey() {
    if (!lines_.read()) return false;
    while (const auto line = lines_.next()) {
      for (std::size_t site = 0; site < ports_.size(); ++site)
        figures_.sites[site].kernel_dropped += ports_[site].take_drops();
      const auto answer = wan::execute(*line, network_, figures_);
      std::cout << answer.line << std::endl;  // NOLINT(performance-avoid-endl): somebody waits for it
      if (answer.ends) return false;
    }
    return true;
  }

  wan::Network network_;
  wan::HostFigures figures_;
  std::deque<wan::Port> ports_;
  std::vector<pollfd> waits_;
  Lines lines_;
  std::vector<std::vector<wan::Delivery>> batches_;  // by destination
  std::vector<std::span<const std::uint8_t>> frames_;
};

// The default lets a timer be 50 us late.
void be_punctual(bool realtime) {
  if (prctl(PR_SET_TIMERSLACK, 1) != 0)
    throw std::runtime_error(std::string("timer slack: ") + std::strerror(errno));
  if (!realtime) return;
  sched_param parameters{};
  parameters.sched_priority = 1;
  if (sched_setscheduler(0, SCHED_FIFO, &parameters) != 0)
    throw std::runtime_error(std::string("--realtime: ") + std::strerror(errno));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Joins the interfaces of several sites like an Ethernet switch, and delays, loses, doubles,\n"
      "reorders or cuts the frames from one site to another. Prints 'ok ready' when it has begun.");
  app.add_option("site", options.sites, "SITE=IFACE: a site's name and the interface here that leads to it")
      ->required()
      ->expected(2, 16)
      ->type_name("SITE=IFACE");
  app.add_option("--seed", options.seed, "of what is lost, doubled and reordered")->capture_default_str();
  app.add_option("--queue", options.most_queued,
                 "frames that may wait for each ordered pair of sites; more are dropped")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20))
      ->capture_default_str();
  app.add_flag("--realtime", options.realtime,
               "run before every ordinary process (SCHED_FIFO): punctual on a busy host");
  app.footer(std::string(wan::kCommandHelp));
  CLI11_PARSE(app, argc, argv);
  try {
    Wan wan(parse_sites(options.sites), options);
    be_punctual(options.realtime);
    std::cout << "ok ready" << std::endl;  // NOLINT(performance-avoid-endl): somebody waits for it
    wan.run();
  } catch (const std::exception& error) {
    std::cerr << "wan: " << error.what() << '\n';
    return 1;
  }
}
