// Runs on several threads, their results in order: what is printed does not depend on how many there are.
#pragma once

#include <cstddef>
#include <functional>

#include "tools/sim/run.h"

namespace causeway::sim {

unsigned cpus();

// Calls work(i) for i from 0 on, on `threads` threads, and done(i, result) on the calling one in the order of
// i, until it returns false or `count` are done. Work that was begun beyond that is thrown away.
void run_in_order(std::size_t count, unsigned threads, const std::function<RunResult(std::size_t)>& work,
                  const std::function<bool(std::size_t, const RunResult&)>& done);

// Seconds of the machine's clock, from some moment on.
double wall_clock_s();

}  // namespace causeway::sim
