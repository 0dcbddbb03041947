// Files of signatures for the ingress guard: read, with every problem at once, and compiled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/load.h"
#include "dataplane/guard/database.h"

namespace causeway::config {

// In guard.signatures: the set that comes with the program.
inline constexpr std::string_view kBuiltin = "builtin";
std::string_view builtin_signatures();  // its text

struct LoadedSignatures {
  std::vector<guard::Signature> signatures;  // those that could be read
  std::vector<Problem> problems;             // in file order
};

// The signatures of a text; `path` names it in problems. Never throws for what it holds. Any thread.
LoadedSignatures load_signatures(std::string_view text, const std::string& path);

struct CompiledSignatures {
  std::shared_ptr<const guard::Database> database;  // only if no problem is an error
  std::vector<Problem> problems;
};

// Reads the files of guard.signatures and compiles them as one set, in their order. Relative names are as the
// process sees them (load_file has put the configuration's folder in front). Takes up to seconds. Any thread.
CompiledSignatures compile_signatures(const std::vector<std::string>& files, std::size_t workers,
                                      std::uint64_t generation);

}  // namespace causeway::config
