#include "config/file.h"

#include <cerrno>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace causeway::config {
namespace {

FileError from_errno(const char* what) {
  return {std::string(what) + std::generic_category().message(errno)};
}

struct Descriptor {
  explicit Descriptor(int number) : fd(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
  int fd;
};

}  // namespace

std::variant<File, FileError> read_regular_file(const std::string& path, std::size_t max_bytes) {
  if (path.find('\0') != path.npos) return FileError{"is no file name"};
  // A pipe or a terminal must not hold us before we know what it is.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.fd < 0) return from_errno("cannot be opened: ");
  File result;
  if (fstat(file.fd, &result.status) != 0) return from_errno("cannot be examined: ");
  if (!S_ISREG(result.status.st_mode)) return FileError{"is not a regular file"};
  const FileError too_long{"is longer than " + std::to_string(max_bytes) + " bytes"};
  if (static_cast<std::size_t>(result.status.st_size) > max_bytes) return too_long;

  // One byte more than there should be: the file may grow meanwhile. No reallocation, which would leave keys
  // behind.
  std::string& text = result.text;
  text.resize(static_cast<std::size_t>(result.status.st_size) + 1);
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = read(file.fd, text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const FileError error = from_errno("cannot be read: ");
      OPENSSL_cleanse(text.data(), text.size());
      return error;
    }
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length == text.size()) {
    OPENSSL_cleanse(text.data(), text.size());
    return FileError{"changes while it is read"};
  }
  text.resize(length);
  return result;
}

}  // namespace causeway::config
