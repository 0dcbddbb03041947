// How every command begins, and how it says what keeps it from that.
#pragma once

#include <csignal>
#include <optional>
#include <string>

#include "config/config.h"
#include "drivers/start_error.h"
#include "tools/pktgen/run/commands.h"
#include "tools/pktgen/sender.h"

namespace causeway::pktgen {

// Prints every problem; nullopt if one of them is an error.
std::optional<config::Config> load_config(const std::string& file);

void print_start_error(const drivers::StartError& error);
void print_error(const std::string& what);

// Gives the report out, and keeps the device until a signal: the other end of a net_memif may crash when this
// one leaves (DPDK 22.11 unmaps its rings under the thread that polls them).
void hold(const volatile std::sig_atomic_t& interrupted);

SenderOptions sender_options(const LoadOptions& load, const net::MacAddress& own, TxChecksums checksums);
PlanOptions plan_options(const LoadOptions& load, const net::MacAddress& own);

}  // namespace causeway::pktgen
