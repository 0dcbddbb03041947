// libsrtp as an engine, to compare with: one packet at a time, in place, its own rollover counters. What it
// is built on (NSS as Debian has it, OpenSSL) is the loader's choice: LD_LIBRARY_PATH.
#pragma once

#include <memory>
#include <string>

#include "dataplane/srtp/engine.h"

namespace causeway::bench {

// Throws std::runtime_error.
std::unique_ptr<srtp::Engine> make_libsrtp_engine();

// Version and the shared object that was loaded.
std::string libsrtp_description();

}  // namespace causeway::bench
