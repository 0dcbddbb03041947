#include "control/journal/file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "control/journal/record.h"

namespace causeway::control {
namespace {

[[noreturn]] void fail(const char* what, const std::string& path) {
  throw std::system_error(errno, std::generic_category(), std::string(what) + " " + path);
}

// The end of a file: at least its last line, if it is one of ours.
std::string tail_of(int fd, std::uint64_t size) {
  constexpr std::uint64_t kMost = 4 * kLongestLine;
  std::string text(static_cast<std::size_t>(std::min(size, kMost)), '\0');
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t bytes =
        ::pread(fd, text.data() + got, text.size() - got, static_cast<off_t>(size - text.size() + got));
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) break;
    got += static_cast<std::size_t>(bytes);
  }
  text.resize(got);
  return text;
}

std::uint64_t last_number(std::string_view text) {
  std::uint64_t last = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (const auto head = parse_head(text.substr(0, end))) last = std::max(last, head->number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return last;
}

std::uint64_t last_number_in(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  struct stat about {};
  const std::uint64_t last =
      ::fstat(fd, &about) == 0 ? last_number(tail_of(fd, static_cast<std::uint64_t>(about.st_size))) : 0;
  ::close(fd);
  return last;
}

}  // namespace

std::string older_journal(const std::string& path) {
  return path + ".old";
}

JournalFile::JournalFile(std::string path, std::uint64_t most_bytes)
    : path_(std::move(path)), most_bytes_(most_bytes) {}

JournalFile::~JournalFile() {
  close();
}

std::uint64_t JournalFile::open() {
  if (fd_ >= 0) return last_;
  fd_ = ::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fd_ < 0) fail("cannot open", path_);
  struct stat about {};
  if (::fstat(fd_, &about) != 0) {
    close();
    fail("cannot read", path_);
  }
  size_ = static_cast<std::uint64_t>(about.st_size);
  const std::string tail = tail_of(fd_, size_);
  is_torn_ = !tail.empty() && tail.back() != '\n';
  last_ = std::max(last_number(tail), last_number_in(older_journal(path_)));
  return last_;
}

void JournalFile::append(std::string_view line) {
  if (size_ != 0 && size_ + line.size() + 1 > most_bytes_ / 2) replace();
  if (is_torn_) {
    write_all("\n");
    is_torn_ = false;
  }
  const std::uint64_t before = size_;
  try {
    write_all(line);
  } catch (const std::system_error&) {
    if (size_ == before) throw;
    is_torn_ = ::ftruncate(fd_, static_cast<off_t>(before)) != 0;
    if (!is_torn_) size_ = before;
    throw;
  }
}

void JournalFile::sync() {
  if (fd_ >= 0 && ::fdatasync(fd_) != 0) fail("cannot write", path_);
}

void JournalFile::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void JournalFile::replace() {
  if (::rename(path_.c_str(), older_journal(path_).c_str()) != 0) fail("cannot replace", path_);
  close();
  open();
}

void JournalFile::write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("cannot write", path_);
    size_ += static_cast<std::uint64_t>(written);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace causeway::control
