// What a peer says a track looks like: read only if it is whole, refused or taken by the state, and then said
// again as it was.
#include <algorithm>
#include <cstdlib>

#include "control/session/descriptions.h"

namespace {

using namespace causeway::control;
using namespace causeway::control::session;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> body(data, size);
  if (const auto key = read_describe_request(body))
    require(read_describe_request(write_describe_request(*key)) == key);
  auto info = read_description(body);
  if (!info) return 0;
  static const causeway::config::Config config;
  State state(config);
  const Outcome outcome = state.describe(*info);
  require(outcome.ok() || !outcome.text.empty());
  if (!outcome.ok()) return 0;
  std::ranges::sort(info->layers);  // their order tells nothing
  const auto again = read_description(write_description(*state.track(info->id)));
  require(again && again->id == info->id && again->layers == info->layers &&
          again->priority == info->priority);
  return 0;
}
