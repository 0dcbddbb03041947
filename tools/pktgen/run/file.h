// Files of the generator: written whole, or not at all.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace causeway::pktgen {

// What went wrong with a file, in words.
class FileProblem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throw FileProblem. A written file appears under its name when it is complete.
class FileWriter {
 public:
  // mode: of the new file, such as 0600.
  FileWriter(const std::string& path, unsigned mode);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  void write(std::span<const std::uint8_t> bytes);
  void write(const std::string& text) {
    write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  void commit();

 private:
  std::string path_;
  std::string unfinished_;
  std::FILE* file_ = nullptr;
};

std::vector<std::uint8_t> read_file(const std::string& path, std::uint64_t most_bytes);

}  // namespace causeway::pktgen
