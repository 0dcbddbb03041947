#include "control/api/listener.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include "drivers/start_error.h"

namespace causeway::control::api {
namespace {

using drivers::StartError;

constexpr mode_t kMode = 0660;
constexpr int kBacklog = 64;
// After the process ran out of file descriptors.
constexpr std::chrono::milliseconds kAcceptAgain{100};

void refuse(const std::string& what, const std::string& mend) {
  throw StartError({}, "api: " + what, mend);
}

std::string reason(int error) {
  return std::generic_category().message(error);
}

enum class Found { nothing, stale, served, other };

// What is there is only replaced if it is a socket, and nobody answers.
Found look(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return Found::nothing;
  if (!S_ISSOCK(status.st_mode)) return Found::other;
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int result = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  close(fd);
  return result != 0 && error == ECONNREFUSED ? Found::stale : Found::served;
}

}  // namespace

bool make_folder(const std::string& path) {
  std::error_code ignored;  // whoever binds the socket says what is wrong
  return !path.empty() &&
         std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
}

asio::local::stream_protocol::acceptor listen_unix(asio::io_context& context, const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    refuse("listen: " + path + " is longer than the path of a socket may be", "give a shorter one");
  switch (look(path)) {
    case Found::served:
      refuse("listen: another process serves " + path, "end it, or give another path");
      break;
    case Found::other:
      refuse("listen: " + path + " exists, and is no socket", "remove it, or give another path");
      break;
    case Found::stale:
      unlink(path.c_str());
      break;
    case Found::nothing:
      break;
  }
  asio::local::stream_protocol::acceptor acceptor(context);
  beast::error_code error;
  acceptor.open(asio::local::stream_protocol(), error);
  if (!error) acceptor.bind(asio::local::stream_protocol::endpoint(path), error);
  if (error) refuse("listen: " + path + ": " + error.message(), "give a path whose folder can be written");
  // Before it listens nobody can come.
  if (chmod(path.c_str(), kMode) != 0) refuse("listen: " + path + ": " + reason(errno), "give another path");
  acceptor.listen(kBacklog, error);
  if (error) refuse("listen: " + path + ": " + error.message(), "give another path");
  return acceptor;
}

asio::ip::tcp::acceptor listen_tcp(asio::io_context& context, const net::Endpoint& endpoint) {
  const std::string name = endpoint.to_string();
  beast::error_code error;
  const auto address = asio::ip::make_address(endpoint.address.to_string(), error);
  asio::ip::tcp::acceptor acceptor(context);
  const asio::ip::tcp::endpoint local(address, endpoint.port);
  if (!error) acceptor.open(local.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(local, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (error)
    refuse("tcp: " + name + ": " + error.message(), "give an address of this machine and a free port");
  return acceptor;
}

template <class Acceptor>
void Listener<Acceptor>::accept() {
  acceptor_.async_accept([this](beast::error_code error, typename Acceptor::protocol_type::socket socket) {
    if (error == asio::error::operation_aborted) return;
    on_accepted(error, Connection::Protocol::socket(std::move(socket)));
  });
}

template <class Acceptor>
void Listener<Acceptor>::on_accepted(beast::error_code error, Connection::Protocol::socket socket) {
  if (error) {
    again_.expires_after(kAcceptAgain);
    again_.async_wait([this](beast::error_code stopped) {
      if (!stopped) accept();
    });
    return;
  }
  // Strangers on the network, who have not shown a token yet, cannot take the last places from the unix
  // socket.
  const std::size_t most = shared_.settings.connections;
  if (shared_.connections < (is_trusted_ ? most : most - most / 4)) {
    std::make_shared<Connection>(shared_, std::move(socket), is_trusted_)->start();
  } else {
    ++shared_.overloaded;
    constexpr std::string_view kBusy =
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: "
        "0\r\n\r\n";
    send(socket.native_handle(), kBusy.data(), kBusy.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  accept();
}

template class Listener<asio::local::stream_protocol::acceptor>;
template class Listener<asio::ip::tcp::acceptor>;

}  // namespace causeway::control::api
