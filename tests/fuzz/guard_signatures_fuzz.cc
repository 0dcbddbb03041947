// Any text as a file of signatures: problems of one line each, and signatures within the bounds; small ones
// are compiled, too.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/guard/signatures.h"

namespace {

using namespace causeway;

// Repeats of repeats take long to compile, which is no defect.
bool is_small(const guard::Signature& signature) {
  return signature.pattern.size() <= 48 && signature.pattern.find('{') == signature.pattern.npos;
}

void compile(std::vector<guard::Signature> signatures) {
  if (signatures.size() > 4 || !std::ranges::all_of(signatures, is_small)) return;
  const std::size_t count = signatures.size();
  const auto compiled = guard::Database::compile(std::move(signatures), 1, 1);
  if (const auto* errors = std::get_if<std::vector<guard::CompileError>>(&compiled)) {
    for (const guard::CompileError& error : *errors) {
      if (error.what.empty() || error.what.find('\n') != error.what.npos) __builtin_trap();
      if (error.signature && *error.signature >= count) __builtin_trap();
    }
    return;
  }
  const auto& database = std::get<std::unique_ptr<const guard::Database>>(compiled);
  constexpr std::uint8_t kPayload[] = "OPTIONS sip:100@192.0.2.1 SIP/2.0\r\n";
  const auto found = database->scan(0, kPayload, 5060, 20000);
  if (found && *found >= count) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  config::LoadedSignatures loaded = config::load_signatures(text, "fuzz.yaml");
  for (const config::Problem& problem : loaded.problems) {
    if (problem.to_string().find('\n') != std::string::npos) __builtin_trap();
  }
  if (loaded.problems.empty() && loaded.signatures.size() > guard::kMaxSignatures) __builtin_trap();
  for (const guard::Signature& signature : loaded.signatures) {
    if (signature.name.empty() || signature.pattern.size() > guard::kMaxPatternLength) __builtin_trap();
    if (info(signature.drop).stage != "guard") __builtin_trap();
  }
  compile(std::move(loaded.signatures));
  return 0;
}
