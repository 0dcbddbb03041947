#include "tests/bench/child.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <time.h>
#include <unistd.h>

namespace causeway::bench {

namespace {

// DPDK has bound this thread to one CPU, which a child would inherit.
class WiderAffinity {
 public:
  explicit WiderAffinity(const std::vector<unsigned>& cpus) {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t all;
    CPU_ZERO(&all);
    for (const unsigned cpu : cpus)
      CPU_SET(cpu, &all);
    sched_setaffinity(0, sizeof all, &all);
  }
  ~WiderAffinity() { sched_setaffinity(0, sizeof before_, &before_); }
  WiderAffinity(const WiderAffinity&) = delete;
  WiderAffinity& operator=(const WiderAffinity&) = delete;

 private:
  cpu_set_t before_;
};

void pause_ms(long milliseconds) {
  const timespec pause{.tv_sec = 0, .tv_nsec = milliseconds * 1'000'000};
  nanosleep(&pause, nullptr);
}

}  // namespace

Child::Child(const std::vector<std::string>& command, const std::vector<unsigned>& cpus,
             const std::string& log) {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[0], 0);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  std::vector<std::string> words = command;
  std::vector<char*> argv;
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  int error = 0;
  {
    const WiderAffinity wider(cpus);
    error = posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  }
  posix_spawn_file_actions_destroy(&actions);
  close(pipe[0]);
  input_ = pipe[1];
  if (error == 0) return;
  close(input_);
  throw std::system_error(error, std::generic_category(), command.front());
}

Child::~Child() {
  close(input_);
  if (!runs()) return;
  kill(pid_, SIGTERM);
  for (int i = 0; i < 300 && runs(); ++i)
    pause_ms(10);
  if (!runs()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Child::runs() {
  if (pid_ < 0) return false;
  if (waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

}  // namespace causeway::bench
