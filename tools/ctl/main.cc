// causewayctl: the command line.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <poll.h>
#include <string>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "tools/ctl/commands.h"

namespace {

using namespace causeway::ctl;  // NOLINT(google-build-using-namespace): one file, one program

constexpr int kExitDone = 0;
constexpr int kExitFailed = 1;
constexpr int kExitNotReachable = 3;
constexpr int kExitUsage = 64;
constexpr int kRefreshMs = 1000;

struct Options {
  std::string socket = "/run/causeway/api.sock";
  std::string url;
  std::string token_file;
  bool json = false;
  bool once = false;
  std::string track;
  std::string from;
  std::string to = "now";
  std::string kind;
  std::string name;
  std::string file = "-";
};

std::string read_all(const std::string& file) {
  if (file == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream stream(file);
  if (!stream) throw Refused("cannot read " + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Address address_of(const Options& options) {
  Address address{.socket = options.socket};
  if (!options.url.empty()) set_url(address, options.url);
  if (options.token_file.empty()) return address;
  address.token = read_all(options.token_file);
  address.token.erase(address.token.find_last_not_of(" \r\n") + 1);
  if (address.token.find_first_of("\r\n") != std::string::npos)
    throw Refused(options.token_file + " has more than one line; it must be the node's api.token_file");
  return address;
}

// Keys one by one and unseen, for as long as it lives; nothing if standard input is no terminal.
class Keys {
 public:
  Keys() : is_terminal_(isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios raw = before_;
    raw.c_lflag &= static_cast<tcflag_t>(~(ICANON | ECHO));
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  ~Keys() {
    if (is_terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  // Waits so long; was it q?
  bool wants_to_quit(int wait_ms) const {
    pollfd wait{is_terminal_ ? STDIN_FILENO : -1, POLLIN, 0};
    char key = 0;
    return poll(&wait, 1, wait_ms) == 1 && (read(STDIN_FILENO, &key, 1) != 1 || key == 'q');
  }

 private:
  termios before_{};
  bool is_terminal_;
};

volatile std::sig_atomic_t is_over = 0;

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void top(const Commands& commands, const Options& options) {
  if (options.once) return commands.top();
  struct sigaction action {};
  action.sa_handler = [](int) { is_over = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  const Keys keys;
  while (is_over == 0) {
    if (isatty(STDOUT_FILENO) == 1) print("\033[H\033[2J");
    commands.top();
    if (keys.wants_to_quit(kRefreshMs)) break;
  }
}

void add_things(CLI::App& app, Options& options) {
  const auto thing = [&](const char* command, const char* help) {
    CLI::App* added = app.add_subcommand(command, help);
    added->add_option("kind", options.kind, "transport, track or subscription")
        ->required()
        ->check(CLI::IsMember({"transport", "track", "subscription"}));
    added->add_option("name", options.name, "Its name or id")->required();
    return added;
  };
  thing("get", "Show what is asked for");
  thing("put", "Ask for something, or change it")
      ->add_option("file", options.file, "JSON as the API takes it; - for standard input");
  thing("delete", "Take back what was asked for");
}

void add_all(CLI::App& app, Options& options) {
  app.add_option("--socket", options.socket, "Unix socket of the appliance")->capture_default_str();
  app.add_option("--url", options.url, "Ask http://HOST:PORT instead");
  app.add_option("--token-file", options.token_file, "File with the token that --url needs");
  app.add_flag("--json", options.json, "Print what the API answers");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_subcommand("status", "The node in a few lines");
  app.add_subcommand("top", "Node, peers and relays, again each second until q")
      ->add_flag("--once", options.once, "Print it once");
  app.add_subcommand("tracks", "The tracks that are published here, or described");
  app.add_subcommand("relays", "The tracks that the node originates, wants or relays");
  app.add_subcommand("peers", "The other nodes, and the links to them");
  app.add_subcommand("verdicts", "What is concluded of each peer, and of the node itself");
  app.add_subcommand("drain", "Take no new sessions");
  app.add_subcommand("undrain", "End that");
  app.add_subcommand("where", "Where a track comes from, and who takes it from here")
      ->add_option("track", options.track, "Its id, or its key")
      ->required();
  CLI::App* timeline = app.add_subcommand("timeline", "What happened, from the journal on disk");
  timeline->add_option("from", options.from, "2024-02-07T09:14:03Z, or -15m")->required();
  timeline->add_option("to", options.to, "Likewise")->capture_default_str();
  app.add_subcommand("events", "What happens, as it happens");
  add_things(app, options);
}

void run(const std::string& command, const Options& options) {
  const Commands commands(Client(address_of(options)), options.json, print);
  if (command == "status") return commands.status();
  if (command == "top") return top(commands, options);
  if (command == "tracks") return commands.tracks();
  if (command == "relays") return commands.relays();
  if (command == "peers") return commands.peers();
  if (command == "verdicts") return commands.verdicts();
  if (command == "drain" || command == "undrain") return commands.drain(command == "drain");
  if (command == "where") return commands.where(options.track);
  if (command == "timeline") return commands.timeline(options.from, options.to);
  if (command == "events") return commands.events([] { return false; });
  if (command == "get") return commands.get(options.kind, options.name);
  if (command == "put") return commands.put(options.kind, options.name, read_all(options.file));
  return commands.remove(options.kind, options.name);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Looks at a Causeway appliance, and manages it, by its API."};
  app.set_version_flag("--version", "causewayctl " CAUSEWAY_VERSION);
  app.footer(
      "Exit codes: 0 done, 1 the node says no, 3 it cannot be reached, 64 wrong usage.\n"
      "Manual: causewayctl(8).");
  Options options;
  add_all(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  try {
    run(app.get_subcommands().front()->get_name(), options);
    return kExitDone;
  } catch (const NotReachable& error) {
    std::fprintf(stderr, "causewayctl: %s\n", error.what());
    return kExitNotReachable;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "causewayctl: --url: %s\n", error.what());
    return kExitUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "causewayctl: %s\n", error.what());
    return kExitFailed;
  }
}
