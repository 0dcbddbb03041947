#include "tools/sim/files.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace causeway::sim {

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return std::nullopt;
  return std::move(text).str();
}

bool write_file(const std::string& path, const std::string& text) {
  const std::filesystem::path place(path);
  std::error_code error;
  if (place.has_parent_path()) std::filesystem::create_directories(place.parent_path(), error);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file.good();
}

bool is_terminal_output() {
  return isatty(STDOUT_FILENO) == 1;
}

}  // namespace causeway::sim
