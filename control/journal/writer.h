// Writes the journal on a thread of its own: the control thread must not wait for a disk. A line is given to
// the kernel at once, so that it survives the end of the process, and brought to the disk a few times each
// second.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "control/journal/record.h"

namespace causeway::control {

class JournalFile;

class JournalWriter {
 public:
  struct Settings {
    std::string path{};
    std::uint64_t most_bytes = std::uint64_t{64} << 20;
    std::size_t waiting = 4096;  // entries
    std::chrono::milliseconds sync_interval{200};
    std::chrono::milliseconds retry_interval{1000};
  };
  // Numbers only grow.
  struct Counters {
    std::uint64_t written = 0;
    std::uint64_t lost = 0;  // there was no room for them: the disk was too slow, or full
    std::uint64_t failures = 0;
  };

  explicit JournalWriter(Settings settings);
  ~JournalWriter();  // what waits is written, if the disk lets it
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;

  // ---- the control thread
  // Returns at once. Number and `lost` are given by the writer.
  void add(Record record);
  Counters counters() const;
  // Why it could not be written, once for each new cause until it can be again.
  std::optional<std::string> take_error();

 private:
  void work(const std::stop_token& stop);
  bool write(JournalFile& file, Record& record);
  void fail(const std::string& cause);

  const Settings settings_;
  std::uint64_t number_ = 0;  // of the last line; the writer's thread
  mutable std::mutex mutex_;  // of all below
  std::condition_variable_any changed_;
  std::deque<Record> waiting_;
  std::uint64_t unsaid_ = 0;  // lost since the last entry that found room
  Counters counters_;
  std::string cause_;  // of the last failure; empty: the last attempt succeeded
  std::optional<std::string> error_;
  std::jthread thread_;
};

}  // namespace causeway::control
