#include "drivers/telemetry.h"

#include <algorithm>

#include <rte_telemetry.h>
#include <spdlog/spdlog.h>

namespace causeway::drivers {

namespace {

// DPDK's callbacks get no user pointer, so what they serve must be reachable from here. The telemetry thread
// and the main thread meet at this lock; no worker does.
std::mutex lock;
std::vector<TelemetryEndpoint> served;

int on_command(const char* command, const char* parameters, rte_tel_data* data) {
  const std::lock_guard guard(lock);
  const auto endpoint = std::ranges::find_if(
      served, [command](const TelemetryEndpoint& each) { return std::string_view(each.command) == command; });
  if (endpoint == served.end()) return -1;
  rte_tel_data_start_dict(data);
  TelemetryAnswer answer(data);
  return endpoint->answer(parameters == nullptr ? "" : parameters, answer) ? 0 : -1;
}

}  // namespace

void TelemetryAnswer::put(const char* key, std::uint64_t value) {
  rte_tel_data_add_dict_u64(dictionary_, key, value);
}

void TelemetryAnswer::put(const char* key, const std::string& value) {
  rte_tel_data_add_dict_string(dictionary_, key, value.c_str());
}

void TelemetryAnswer::put(const char* key, const std::vector<std::string>& values) {
  rte_tel_data* array = rte_tel_data_alloc();
  if (array == nullptr) return;
  rte_tel_data_start_array(array, RTE_TEL_STRING_VAL);
  for (const std::string& value : values)
    rte_tel_data_add_array_string(array, value.c_str());
  rte_tel_data_add_dict_container(dictionary_, key, array, 0);
}

void TelemetryAnswer::put_object(const char* key, const std::function<void(TelemetryAnswer&)>& fill) {
  rte_tel_data* object = rte_tel_data_alloc();
  if (object == nullptr) return;
  rte_tel_data_start_dict(object);
  TelemetryAnswer inner(object);
  fill(inner);
  rte_tel_data_add_dict_container(dictionary_, key, object, 0);
}

Telemetry::Telemetry(std::vector<TelemetryEndpoint> endpoints) {
  const std::lock_guard guard(lock);
  served = std::move(endpoints);
  for (const TelemetryEndpoint& endpoint : served) {
    if (rte_telemetry_register_cmd(endpoint.command, on_command, endpoint.help) != 0) {
      spdlog::warn("telemetry: {} is not available", endpoint.command);
    }
  }
}

std::unique_lock<std::mutex> Telemetry::quiet() {
  return std::unique_lock(lock);
}

Telemetry::~Telemetry() {
  const std::lock_guard guard(lock);
  served.clear();
}

}  // namespace causeway::drivers
