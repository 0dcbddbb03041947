// Any text as a configuration: problems or a Config, never both or neither, and nothing else.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace causeway::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Loaded loaded = load_text(text, "fuzz.yaml");
  bool refused = false;
  for (const Problem& problem : loaded.problems) {
    refused = refused || problem.level == Level::error;
    const std::string line = problem.to_string();
    if (line.find('\n') != line.npos) __builtin_trap();
  }
  if (refused == loaded.config.has_value()) __builtin_trap();
  return 0;
}
