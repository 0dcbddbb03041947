// Reading a whole file with checks on the very file that is read, not on its name.
#pragma once

#include <cstddef>
#include <string>
#include <sys/stat.h>
#include <variant>

namespace causeway::config {

struct File {
  std::string text;
  struct stat status {};
};

// What is wrong, for a person: "cannot be opened: No such file or directory".
struct FileError {
  std::string what;
};

// Only a regular file; never waits for a device or a pipe.
std::variant<File, FileError> read_regular_file(const std::string& path, std::size_t max_bytes);

}  // namespace causeway::config
