// Compiles the signatures aside, while the control thread goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/guard/signatures.h"

namespace causeway::control {

// Control thread only. A compilation runs on a short-lived thread of its own, on the control thread's CPUs
// and behind it in the kernel's eyes. It cannot be broken off: who ends meanwhile leaves it behind.
class SignatureReload {
 public:
  SignatureReload(std::vector<std::string> files, std::size_t workers);

  // Reads and compiles the files; again, if that is under way: they may have changed since. Throws
  // std::system_error if there can be no thread.
  void request();

  // What came of it, once. `generation` 1 is the set that the appliance started with.
  std::optional<config::CompiledSignatures> take();

  bool is_running() const { return running_ != nullptr; }

 private:
  struct Run;
  void start();

  std::vector<std::string> files_;
  std::size_t workers_;
  std::uint64_t generation_ = 1;
  bool again_ = false;
  std::shared_ptr<Run> running_;  // the thread holds it, too
};

}  // namespace causeway::control
