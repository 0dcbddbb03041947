#include "control/srtp_engines.h"

#include <utility>

#include "dataplane/srtp/checked_engine.h"

namespace causeway::control {

std::unique_ptr<srtp::Engine> make_engine(const config::Config& config, std::size_t worker) {
  std::unique_ptr<srtp::Engine> engine = config.srtp.engine == config::SrtpEngine::libsrtp
                                             ? srtp::make_libsrtp_engine(worker, config.workers.lcores.size())
                                             : srtp::make_ipsec_mb_engine();
  constexpr bool kChecked = CAUSEWAY_CHECK_INDICES != 0;  // set by meson
  if (kChecked) engine = std::make_unique<srtp::CheckedEngine>(std::move(engine));
  return engine;
}

}  // namespace causeway::control
