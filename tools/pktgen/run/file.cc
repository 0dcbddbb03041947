#include "tools/pktgen/run/file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace causeway::pktgen {

namespace {

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw FileProblem(path + ": " + what + ": " + std::strerror(errno));
}

}  // namespace

FileWriter::FileWriter(const std::string& path, unsigned mode) : path_(path), unfinished_(path + ".new") {
  struct stat status {};
  // A name that takes the place of a device, a pipe or a link would leave the machine without it.
  if (::lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    throw FileProblem(path + ": is no regular file, and would be replaced; give another name");
  }
  ::unlink(unfinished_.c_str());
  const int fd = ::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) fail(unfinished_, "cannot be made");
  file_ = ::fdopen(fd, "wb");
  if (file_ == nullptr) fail(unfinished_, "cannot be written");
}

FileWriter::~FileWriter() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  ::unlink(unfinished_.c_str());
}

void FileWriter::write(std::span<const std::uint8_t> bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail(path_, "cannot be written");
}

void FileWriter::commit() {
  std::FILE* file = file_;
  file_ = nullptr;
  if (std::fclose(file) != 0 || std::rename(unfinished_.c_str(), path_.c_str()) != 0) {
    fail(path_, "cannot be written");
  }
}

std::vector<std::uint8_t> read_file(const std::string& path, std::uint64_t most_bytes) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fail(path, "cannot be read");
  if (!S_ISREG(status.st_mode)) throw FileProblem(path + ": is no regular file");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > most_bytes) {
    throw FileProblem(path + ": is longer than " + std::to_string(most_bytes >> 20) + " MiB");
  }
  std::vector<std::uint8_t> bytes(size);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    fail(path, "cannot be read");
  }
  return bytes;
}

}  // namespace causeway::pktgen
