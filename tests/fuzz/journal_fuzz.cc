// A line of the journal's file: what is read of one is written and read the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "control/journal/record.h"
#include "control/journal/time_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace causeway::control;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_time(text, 0));
  auto record = parse_line(text);
  if (!record || record->text.size() > kLongestText) return 0;
  std::string line = write_line(*record);
  line.pop_back();
  if (line.size() <= kLongestLine && parse_line(line) != record) std::abort();
  return 0;
}
