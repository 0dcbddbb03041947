#include "control/durable/state_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <openssl/sha.h>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace causeway::control::durable {
namespace {

constexpr std::string_view kTitle = "causeway node state 1\n";
constexpr std::size_t kSumBytes = 8;
constexpr std::size_t kMostBytes = 256;  // longer is no state

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  // Errors of writing may come as late as this.
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& what, const std::string& path, int error, const std::string& mend) {
  throw StateError(what + " " + path + ": " + std::strerror(error) + "; " + mend);
}

std::string sum_of(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string sum;
  for (std::size_t i = 0; i < kSumBytes; ++i) {
    std::array<char, 3> byte{};
    std::snprintf(byte.data(), byte.size(), "%02x", digest[i]);
    sum += byte.data();
  }
  return sum;
}

std::string text_of(const NodeState& state) {
  std::string text(kTitle);
  text += "boot " + std::to_string(state.boot) + "\nwatermark " + std::to_string(state.watermark) + "\n";
  return text + "sum " + sum_of(text) + "\n";
}

// "KEY NUMBER\n" at the beginning, which is taken away.
bool take(std::string_view& text, std::string_view key, std::uint64_t& value) {
  if (!text.starts_with(key)) return false;
  const char* from = text.data() + key.size();
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(from, end, value);
  if (error != std::errc() || after == end || *after != '\n') return false;
  text.remove_prefix(static_cast<std::size_t>(after - text.data()) + 1);
  return true;
}

// Only what text_of() writes, to the letter.
std::optional<NodeState> parse(std::string_view text) {
  std::string_view rest = text;
  if (!rest.starts_with(kTitle)) return std::nullopt;
  rest.remove_prefix(kTitle.size());
  NodeState state;
  if (!take(rest, "boot ", state.boot) || !take(rest, "watermark ", state.watermark)) return std::nullopt;
  return text == text_of(state) ? std::optional(state) : std::nullopt;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("cannot write", path, errno, "make room on its disk");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

StateFile::StateFile(std::string path) : path_(std::move(path)), folder_(folder_of(path_)) {
  const std::string lock = path_ + ".lock";
  lock_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0)
    fail("cannot open", lock, errno, "make " + folder_ + " a folder that this user may write to");
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  const int error = errno;
  ::close(lock_);
  if (error != EWOULDBLOCK) fail("cannot lock", lock, error, "put it on a file system that can");
  throw StateError(
      path_ +
      " is in use by another process; two nodes must not have one identity: end the other one, or give "
      "this one a state file of its own");
}

StateFile::~StateFile() {
  ::close(lock_);
}

std::optional<NodeState> StateFile::load() const {
  Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return std::nullopt;
  if (file.get() < 0) fail("cannot read", path_, errno, "make it readable for this user");
  std::array<char, kMostBytes> bytes{};
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("cannot read", path_, errno, "check the disk");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (const auto state = parse({bytes.data(), size})) return state;
  throw StateError(
      path_ +
      " is torn or was altered; a node that forgot what it promised could make relays depend on each other: "
      "restore it from a backup, or remove it and give the node another index in the membership");
}

void StateFile::store(const NodeState& state) const {
  const std::string next = path_ + ".next";
  {
    Descriptor file(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0)
      fail("cannot write", next, errno, "make " + folder_ + " a folder that this user may write to");
    write_all(file.get(), text_of(state), next);
    if (::fsync(file.get()) != 0 || !file.close()) fail("cannot write", next, errno, "check the disk");
  }
  if (::rename(next.c_str(), path_.c_str()) != 0) fail("cannot replace", path_, errno, "check the disk");
  const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) fail("cannot sync", folder_, errno, "check the disk");
}

NodeState start(const StateFile& file, std::uint64_t wall_clock_ms) {
  NodeState state = file.load().value_or(NodeState{});
  state.boot = std::max<BootId>(state.boot + 1, wall_clock_ms);
  file.store(state);
  return state;
}

}  // namespace causeway::control::durable
