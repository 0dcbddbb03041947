#include "engines.h"

#include <stdexcept>

#include "dataplane/srtp/ipsec_mb_engine.h"

namespace causeway::srtp {

namespace {

template <Isa isa, ShaExtensions sha>
std::unique_ptr<Engine> ipsec_mb() {
  return std::make_unique<IpsecMbEngine>(isa, sha);
}

std::unique_ptr<Engine> libsrtp() {
  return make_libsrtp_engine();
}

constexpr EngineCase kEngines[] = {
    {"Best", ipsec_mb<Isa::best, ShaExtensions::use>, 0},
    {"Sse", ipsec_mb<Isa::sse, ShaExtensions::use>, 0},
    {"SseWithoutSha", ipsec_mb<Isa::sse, ShaExtensions::leave>, 0},
    {"Avx2", ipsec_mb<Isa::avx2, ShaExtensions::use>, 0},
    {"Avx2WithoutSha", ipsec_mb<Isa::avx2, ShaExtensions::leave>, 0},
    {"Avx512", ipsec_mb<Isa::avx512, ShaExtensions::use>, 0},
    {"Avx512WithoutSha", ipsec_mb<Isa::avx512, ShaExtensions::leave>, 0},
    {"Libsrtp", libsrtp, 1},
};

}  // namespace

std::vector<EngineCase> engine_cases() {
  std::vector<EngineCase> runnable;
  for (const EngineCase& engine : kEngines) {
    try {
      engine.make();
      runnable.push_back(engine);
    } catch (const std::runtime_error&) {
      continue;
    }
  }
  return runnable;
}

std::vector<EngineCase> engine_of_each_library() {
  const std::vector<EngineCase> engines = engine_cases();
  return {engines.front(), engines.back()};
}

}  // namespace causeway::srtp
