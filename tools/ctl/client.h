// Asks the API of one node: one connection for each question, and whoever asks waits.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace causeway::ctl {

// Where the node is: a unix socket, or a host and its port.
struct Address {
  std::string socket = "/run/causeway/api.sock";
  std::string host{};  // not empty: instead of the socket
  std::string port{};
  std::string token{};
};

// "http://HOST[:PORT]". Throws std::invalid_argument, with what to do.
void set_url(Address& address, std::string_view url);

struct Answer {
  unsigned status = 0;
  std::string body{};
};

// What is wrong, and what to do.
class NotReachable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Client {
 public:
  explicit Client(Address address, std::chrono::milliseconds patience = std::chrono::seconds(15));

  // Throws NotReachable.
  Answer ask(const std::string& method, const std::string& target, const std::string& body = "") const;
  // Hands on what comes until it ends or take() says false. An answer that is no stream is returned.
  Answer follow(const std::string& target, const std::function<bool(std::string_view)>& take) const;

 private:
  const Address address_;
  const std::chrono::milliseconds patience_;
};

// As a part of a path, or a value in a query.
std::string percent_encode(std::string_view text);

}  // namespace causeway::ctl
