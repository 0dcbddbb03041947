// The sockets that clients come to.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <string>

#include "control/api/connection.h"

namespace causeway::control::api {

// True if the socket's folder was not there, and is now.
bool make_folder(const std::string& path);

// Listen, or throw drivers::StartError. A socket file that nobody serves is replaced; mode 0660.
asio::local::stream_protocol::acceptor listen_unix(asio::io_context& context, const std::string& path);
asio::ip::tcp::acceptor listen_tcp(asio::io_context& context, const net::Endpoint& endpoint);

// Accepts for as long as it lives. More connections than settings.connections are told so and closed.
template <class Acceptor>
class Listener {
 public:
  Listener(Acceptor acceptor, Shared& shared, bool is_trusted)
      : acceptor_(std::move(acceptor)),
        shared_(shared),
        is_trusted_(is_trusted),
        again_(acceptor_.get_executor()) {
    accept();
  }
  const Acceptor& acceptor() const { return acceptor_; }

 private:
  void accept();
  void on_accepted(beast::error_code error, Connection::Protocol::socket socket);

  Acceptor acceptor_;
  Shared& shared_;
  bool is_trusted_;
  asio::steady_timer again_;
};

extern template class Listener<asio::local::stream_protocol::acceptor>;
extern template class Listener<asio::ip::tcp::acceptor>;

}  // namespace causeway::control::api
