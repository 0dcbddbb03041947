// Random wishes, relays and peers: what is asked for twice changes nothing, what changes is named, and each
// way from one plan to the next is steps that are valid one by one and leads where it should.
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

#include "tests/unit/control/session/walk.h"

namespace {

using namespace causeway::control::session;

void require(const std::string& fault) {
  if (fault.empty()) return;
  std::fprintf(stderr, "%s\n", fault.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLongest = 2048;
  if (size > kLongest) return 0;
  test::Walk walk;
  for (test::Bytes bytes(std::span(data, size)); !bytes.empty();)
    require(walk.step(bytes));
  require(test::faults_of_delta(walk.world().plan().desired, {}));
  return 0;
}
