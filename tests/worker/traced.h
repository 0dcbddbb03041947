// ThreadSanitizer does not see what the shared objects of DPDK do: an order between threads that only they
// make looks like a race. These say it again in code that it sees.
#pragma once

#include <cstdint>

namespace causeway::test {

// The name of mempool operations that are compiled here.
inline constexpr const char* kTracedPool = "traced";

// What enters a port's receive ring happens before its worker takes it, what the worker sends before it is
// taken out of the transmit ring.
void trace_port(std::uint16_t device, std::uint16_t queues);
void before_receive_ring();
void behind_transmit_ring();

}  // namespace causeway::test
