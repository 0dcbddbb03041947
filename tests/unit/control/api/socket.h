// A connected socket as a client uses it, with patience of 10 s.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace causeway::control::api::test {

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {
    const timeval patience{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // Up to the end of the connection, or until `mark` was there so often.
  std::string read(std::string_view mark = "", int times = 1) const {
    std::string all;
    std::array<char, 65536> piece{};
    const auto count = [&] {
      int found = 0;
      for (std::size_t at = all.find(mark); at != all.npos; at = all.find(mark, at + 1))
        ++found;
      return found;
    };
    while (mark.empty() || count() < times) {
      const ssize_t got = recv(fd_, piece.data(), piece.size(), 0);
      if (got <= 0) break;
      all.append(piece.data(), static_cast<std::size_t>(got));
    }
    return all;
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace causeway::control::api::test
