// DPDK telemetry as endpoints that answer with a dictionary: JSON on the EAL's telemetry socket
// (dpdk-telemetry.py reads it).
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

struct rte_tel_data;

namespace causeway::drivers {

// One JSON object of an answer. Keys are letters, digits and underscores. DPDK bounds an answer to 16 KiB, an
// object to 256 entries and a string to 127 bytes: what is beyond is cut off there.
class TelemetryAnswer {
 public:
  explicit TelemetryAnswer(rte_tel_data* dictionary) : dictionary_(dictionary) {}
  void put(const char* key, std::uint64_t value);
  void put(const char* key, const std::string& value);
  void put(const char* key, const std::vector<std::string>& values);
  void put_object(const char* key, const std::function<void(TelemetryAnswer&)>& fill);

 private:
  rte_tel_data* dictionary_;
};

struct TelemetryEndpoint {
  const char* command;  // "/causeway/leg"
  const char* help;
  // Fills the answer; false: there is no such thing. On the telemetry thread.
  std::function<bool(std::string_view parameters, TelemetryAnswer& answer)> answer;
};

// Serves endpoints until it goes. One per process: DPDK's callbacks carry no pointer, and cannot be
// unregistered.
class Telemetry {
 public:
  explicit Telemetry(std::vector<TelemetryEndpoint> endpoints);
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  // No endpoint answers while this is held: for whoever frees what they read. The telemetry thread is no
  // reader of the tables, so no grace period waits for it.
  static std::unique_lock<std::mutex> quiet();
};

}  // namespace causeway::drivers
