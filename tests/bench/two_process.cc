#include "tests/bench/run.h"

namespace causeway::bench {

void measure_two_process(const Run& run) {
  run.report.missing("memif", "no program");
}

}  // namespace causeway::bench
