#include "control/guard/reload.h"

#include <atomic>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace causeway::control {

struct SignatureReload::Run {
  std::atomic<bool> done{false};
  config::CompiledSignatures result;  // the thread's until it is done
};

SignatureReload::SignatureReload(std::vector<std::string> files, std::size_t workers)
    : files_(std::move(files)), workers_(workers) {}

void SignatureReload::request() {
  if (is_running()) {
    again_ = true;
  } else {
    start();
  }
}

void SignatureReload::start() {
  auto run = std::make_shared<Run>();
  std::thread([run, files = files_, workers = workers_, generation = generation_ + 1] {
    // Linux has priorities of threads: whatever the control thread has to do comes first.
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 19);
    run->result = config::compile_signatures(files, workers, generation);
    run->done.store(true, std::memory_order_release);
  }).detach();
  running_ = std::move(run);
  ++generation_;
}

std::optional<config::CompiledSignatures> SignatureReload::take() {
  if (!is_running() || !running_->done.load(std::memory_order_acquire)) return std::nullopt;
  config::CompiledSignatures result = std::move(running_->result);
  running_.reset();
  // What was read meanwhile is used all the same: who asks again and again would never see anything come of
  // it.
  if (std::exchange(again_, false)) start();
  return result;
}

}  // namespace causeway::control
