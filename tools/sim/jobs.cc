#include "tools/sim/jobs.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace causeway::sim {
namespace {

// What the threads share.
class Board {
 public:
  Board(std::size_t count, std::size_t ahead) : count_(count), ahead_(ahead) {}

  // The number of the next run; `count` or more: there is none. Waits when the results pile up.
  std::size_t next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_over_ || next_ >= count_ || next_ < wanted_ + ahead_; });
    return is_over_ ? count_ : next_++;
  }
  void put(std::size_t number, RunResult result) {
    const std::lock_guard lock(mutex_);
    results_.emplace(number, std::move(result));
    changed_.notify_all();
  }
  RunResult take(std::size_t number) {
    std::unique_lock lock(mutex_);
    wanted_ = number;
    changed_.notify_all();
    changed_.wait(lock, [&] { return results_.contains(number); });
    return std::move(results_.extract(number).mapped());
  }
  void end() {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_;
  std::size_t ahead_;
  std::size_t next_ = 0;
  std::size_t wanted_ = 0;
  bool is_over_ = false;
  std::map<std::size_t, RunResult> results_;
};

}  // namespace

unsigned cpus() {
  return std::max(1U, std::thread::hardware_concurrency());
}

void run_in_order(std::size_t count, unsigned threads, const std::function<RunResult(std::size_t)>& work,
                  const std::function<bool(std::size_t, const RunResult&)>& done) {
  Board board(count, std::size_t{4} * threads);
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < threads && i < count; ++i) {
    workers.emplace_back([&] {
      for (std::size_t number = board.next(); number < count; number = board.next())
        board.put(number, work(number));
    });
  }
  for (std::size_t number = 0; number < count; ++number) {
    if (!done(number, board.take(number))) break;
  }
  board.end();
}

double wall_clock_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace causeway::sim
