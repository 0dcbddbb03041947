#include "control/durable/state_writer.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace causeway::control::durable {
namespace {

constexpr std::chrono::seconds kRetry{1};

int make_eventfd() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::system_category(), "eventfd");
  return fd;
}

}  // namespace

StateWriter::StateWriter(const StateFile& file, const NodeState& state)
    : file_(file),
      boot_(state.boot),
      fd_(make_eventfd()),
      wanted_(state.watermark),
      on_disk_(state.watermark),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

StateWriter::~StateWriter() {
  thread_.request_stop();
  thread_.join();
  ::close(fd_);
}

void StateWriter::request(Stamp watermark) {
  {
    const std::lock_guard lock(mutex_);
    if (watermark <= wanted_) return;
    wanted_ = watermark;
  }
  changed_.notify_one();
}

std::optional<Stamp> StateWriter::take_written() {
  // What is told after this is found by the next poll.
  std::uint64_t count = 0;
  static_cast<void>(::read(fd_, &count, sizeof count));
  const std::lock_guard lock(mutex_);
  return std::exchange(written_, std::nullopt);
}

std::optional<std::string> StateWriter::take_error() {
  const std::lock_guard lock(mutex_);
  return std::exchange(error_, std::nullopt);
}

void StateWriter::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  // The wait ends with true, too, if something is wanted when the stop comes.
  while (changed_.wait(lock, stop, [&] { return wanted_ > on_disk_; }) && !stop.stop_requested()) {
    const Stamp watermark = wanted_;
    lock.unlock();
    std::string error;
    try {
      file_.store({boot_, watermark});
    } catch (const StateError& failed) {
      error = failed.what();
    }
    lock.lock();
    tell(lock, error, watermark);
    if (!error.empty()) changed_.wait_for(lock, stop, kRetry, [] { return false; });
  }
}

void StateWriter::tell(std::unique_lock<std::mutex>& lock, const std::string& error, Stamp watermark) {
  const bool is_news = error.empty() || error != cause_;
  cause_ = error;
  if (error.empty()) {
    on_disk_ = watermark;
    written_ = watermark;
  } else if (is_news) {
    error_ = error;
  }
  if (!is_news) return;
  lock.unlock();
  const std::uint64_t one = 1;
  static_cast<void>(::write(fd_, &one, sizeof one));
  lock.lock();
}

}  // namespace causeway::control::durable
