#include "control/journal/writer.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "control/journal/file.h"

namespace causeway::control {

JournalWriter::JournalWriter(Settings settings)
    : settings_(std::move(settings)), thread_([this](const std::stop_token& stop) { work(stop); }) {}

JournalWriter::~JournalWriter() {
  thread_.request_stop();
  thread_.join();
}

void JournalWriter::add(Record record) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= settings_.waiting) {
      ++counters_.lost;
      ++unsaid_;
      return;
    }
    record.lost = std::exchange(unsaid_, 0);
    waiting_.push_back(std::move(record));
  }
  changed_.notify_one();
}

JournalWriter::Counters JournalWriter::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

std::optional<std::string> JournalWriter::take_error() {
  const std::lock_guard lock(mutex_);
  return std::exchange(error_, std::nullopt);
}

// An entry leaves the queue when it is in the file, so that all that waits is bounded by the queue.
void JournalWriter::work(const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  JournalFile file(settings_.path, settings_.most_bytes);
  bool is_dirty = false;
  auto sync_due = Clock::now();
  std::unique_lock lock(mutex_);
  const auto is_some = [this] { return !waiting_.empty(); };
  while (true) {
    if (waiting_.empty() && !is_dirty && stop.stop_requested()) break;
    if (is_dirty) {
      changed_.wait_until(lock, stop, sync_due, is_some);
    } else {
      changed_.wait(lock, stop, is_some);
    }
    bool failed = false;
    if (!waiting_.empty()) {
      Record record = waiting_.front();
      lock.unlock();
      failed = !write(file, record);
      lock.lock();
      if (!failed) {
        waiting_.pop_front();
        ++counters_.written;
        is_dirty = true;
      }
    }
    if (is_dirty && (Clock::now() >= sync_due || stop.stop_requested())) {
      lock.unlock();
      try {
        file.sync();
      } catch (const std::system_error& error) {
        fail(error.what());
      }
      lock.lock();
      is_dirty = false;
      sync_due = Clock::now() + settings_.sync_interval;
    }
    if (!failed) continue;
    if (stop.stop_requested()) break;
    changed_.wait_for(lock, stop, settings_.retry_interval, [] { return false; });
  }
}

bool JournalWriter::write(JournalFile& file, Record& record) {
  try {
    number_ = std::max(number_, file.open());
    record.number = number_ + 1;
    file.append(write_line(record));
    ++number_;
  } catch (const std::system_error& error) {
    file.close();
    fail(error.what());
    return false;
  }
  const std::lock_guard lock(mutex_);
  cause_.clear();
  return true;
}

void JournalWriter::fail(const std::string& cause) {
  const std::lock_guard lock(mutex_);
  ++counters_.failures;
  if (cause != cause_) error_ = cause;
  cause_ = cause;
}

}  // namespace causeway::control
