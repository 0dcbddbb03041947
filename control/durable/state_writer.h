// Writes the watermark on a thread of its own: a disk that takes a second must not stop the control thread,
// whose pause would be taken for a stall.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "control/durable/state_file.h"

namespace causeway::control::durable {

class StateWriter {
 public:
  // The file and what it holds. The file must outlive the writer.
  StateWriter(const StateFile& file, const NodeState& state);
  ~StateWriter();  // a write that is under way is finished, what was only requested is not begun
  StateWriter(const StateWriter&) = delete;
  StateWriter& operator=(const StateWriter&) = delete;

  // ---- the control thread
  // Returns at once. Only the highest of several requests is written; a lower one than before is none.
  void request(Stamp watermark);
  // Readable (eventfd) when one of the next two has news.
  int fd() const { return fd_; }
  // The highest watermark that came to be on disk since the last call.
  std::optional<Stamp> take_written();
  // Why it could not be written, once for each new cause. It is tried again each second.
  std::optional<std::string> take_error();

 private:
  void work(const std::stop_token& stop);
  void tell(std::unique_lock<std::mutex>& lock, const std::string& error, Stamp watermark);

  const StateFile& file_;
  const BootId boot_;
  const int fd_;
  std::mutex mutex_;  // of all below
  std::condition_variable_any changed_;
  Stamp wanted_;
  Stamp on_disk_;
  std::optional<Stamp> written_;
  std::string cause_;  // of the last failure; empty: the last write succeeded
  std::optional<std::string> error_;
  std::jthread thread_;
};

}  // namespace causeway::control::durable
