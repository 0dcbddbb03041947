// The simulator's files.
#pragma once

#include <optional>
#include <string>

namespace causeway::sim {

std::optional<std::string> read_file(const std::string& path);
// Makes the folder if it is not there. False if it could not be written.
bool write_file(const std::string& path, const std::string& text);
bool is_terminal_output();

}  // namespace causeway::sim
