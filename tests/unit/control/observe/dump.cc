// Prints every metric once, with made-up values: what tests/layout/alerts_test.py holds rules and dashboards
// against.
#include <cstdio>

#include "tests/unit/control/observe/sample.h"

int main() {
  std::fputs(causeway::control::to_text(causeway::control::sample_metrics()).c_str(), stdout);
  return 0;
}
