// The generator's small languages: whatever a word is, its meaning stays within the limits.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tools/pktgen/languages.h"

namespace {

using namespace causeway::pktgen;

void require(bool condition) {
  if (!condition) std::abort();
}

void require_share(double value) {
  require(std::isfinite(value) && value >= 0 && value <= 1);
}

// What is wrong is said in printable words of bounded length.
template <class T>
const T* value_of(const Parsed<T>& parsed) {
  if (const auto* error = std::get_if<LanguageError>(&parsed)) {
    require(!error->what.empty() && error->what.size() < 512);
    for (const char c : error->what)
      require(c >= ' ' && c <= '~');
    return nullptr;
  }
  return &std::get<T>(parsed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto mix = parse_mix(text);
  if (const Mix* value = value_of(mix)) {
    require(value->rtp > 0 && std::isfinite(value->rtp));
    require(value->rtcp <= 10 * value->rtp && value->stun <= 10 * value->rtp);
  }
  const auto rates = parse_impairments(text);
  if (const Impairments* value = value_of(rates)) {
    for (const double rate :
         {value->loss, value->reorder, value->duplicate, value->corrupt, value->replay, value->garbage})
      require_share(rate);
    require_share(value->loss + value->reorder + value->duplicate + value->corrupt + value->replay);
  }
  const auto profile = parse_profile(text);
  if (const Profile* value = value_of(profile); value != nullptr && value->kind == Profile::Kind::fixed) {
    require(value->bytes >= kLeastFixed && value->bytes <= kMostFixed);
  }
  const auto rate = parse_rate(text);
  if (const Rate* value = value_of(rate); value != nullptr && value->kind == Rate::Kind::fixed) {
    require(value->pps >= 1 && value->pps <= 1e9);
  }
  const auto verify = parse_verify(text);
  if (const Verify* value = value_of(verify)) require(value->every >= 1);
  return 0;
}
