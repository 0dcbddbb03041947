// The WAN of the tests: first the command lines, then a frame. Whatever is said is answered by one line, and
// what enters the network leaves it once.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/support/wan/console.h"

namespace {

using namespace causeway::wan;

void require(bool condition) {
  if (!condition) std::abort();
}

// False at the end.
bool say(std::string_view line, Network& network, HostFigures& figures) {
  const auto answer = execute(line, network, figures);
  require(answer.line.starts_with("ok") || answer.line.starts_with("error "));
  for (const char c : answer.line)
    require(c >= ' ' && c <= '~');
  return !answer.ends;
}

}  // namespace

// Commands up to an empty line, and behind it the frame.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Copied, since seeding takes longer than all that follows.
  static const Network fresh({"a", "b", "c"}, 1, 4);
  Network network = fresh;
  HostFigures figures;
  figures.sites.resize(3);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (!text.empty() && text.front() != '\n') {
    const auto end = std::min(text.find('\n'), text.size());
    if (!say(text.substr(0, end), network, figures)) return 0;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!text.empty()) text.remove_prefix(1);
  const auto frame = std::span(data, size).last(text.size());
  for (std::int64_t i = 0; i < 6; ++i)
    network.take(static_cast<std::size_t>(i % 3), frame, i);
  while (!network.empty()) {
    const auto delivery = network.pop();
    require(delivery.from != delivery.to && network.frame(delivery).size() == frame.size());
    network.sent(delivery, 0);
  }
  for (std::size_t from = 0; from < 3; ++from)
    for (std::size_t to = 0; to < 3; ++to)
      require(network.queued(from, to) == 0);
  require(say("stats", network, figures));
  return 0;
}
