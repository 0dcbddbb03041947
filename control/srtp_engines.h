// The SRTP engines that the configuration asks for.
#pragma once

#include <cstddef>
#include <memory>

#include "config/config.h"
#include "dataplane/srtp/engine.h"

namespace causeway::control {

// One for each worker, counted from 0; any of them expands keys for all. In builds with -Dcheck_indices=true
// they watch over the indices that they seal (dataplane/srtp/checked_engine.h). Not while another thread
// makes one. Throws std::runtime_error if the machine or the library cannot.
std::unique_ptr<srtp::Engine> make_engine(const config::Config& config, std::size_t worker);

}  // namespace causeway::control
