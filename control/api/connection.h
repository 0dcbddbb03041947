// One connection: requests are read, handed on and answered one after the other; what a client sends ahead
// waits in its socket. After GET /v1/events it is a stream.
#pragma once

#include <atomic>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "control/api/message.h"
#include "control/api/queue.h"
#include "control/api/server.h"

namespace causeway::control::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

class Connection;

// What the connections of a server share.
struct Shared {
  explicit Shared(ServerSettings given) : settings(std::move(given)), queue(settings.waiting) {}

  const ServerSettings settings;
  Queue queue;
  std::atomic<std::uint64_t> connections = 0;
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> unauthorized = 0;
  std::atomic<std::uint64_t> overloaded = 0;
  std::atomic<std::uint64_t> late = 0;
  std::atomic<std::uint64_t> cut = 0;

  // Who listens to events. The server's thread.
  class Listeners* listeners = nullptr;
};

// The server's thread, as all below.
class Listeners {
 public:
  virtual ~Listeners() = default;
  // False: there are as many as may be. last_id: the last event that it knows, 0 if it knows none.
  virtual bool add(const std::shared_ptr<Connection>& connection, std::uint64_t last_id) = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Protocol = asio::generic::stream_protocol;

  // is_trusted: it came where only who may ask can come.
  Connection(Shared& shared, Protocol::socket socket, bool is_trusted);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  // Of a stream: sent when there is room. Who leaves too much unread is cut off.
  void push(const std::shared_ptr<const std::string>& text);

 private:
  using Body = http::basic_string_body<char, std::char_traits<char>, WipingAllocator<char>>;
  using Error = beast::error_code;

  void wait_for_request();
  void read_header();
  void on_header(Error error);
  void read_body();
  void on_body(Error error);
  void refuse_read(Error error);
  void ask();
  void on_late(const std::shared_ptr<Question>& question);
  void on_answer(Response response);
  // close: with this answer the connection ends.
  void send(Response response, bool close);
  void on_sent(Error error);
  void end();
  void drain();
  void start_stream();
  void watch_stream();
  void send_stream();
  void close();

  Shared& shared_;
  beast::basic_stream<Protocol> stream_;
  beast::basic_flat_buffer<WipingAllocator<char>> buffer_;
  bool is_trusted_;
  bool is_known_;  // is trusted, or showed the token
  std::optional<http::request_parser<Body>> parser_;
  asio::steady_timer late_;
  http::response<http::string_body> response_;
  http::response<http::empty_body> head_;
  std::optional<http::response_serializer<http::empty_body>> head_serializer_;
  std::uint64_t last_event_ = 0;

  std::size_t drained_ = 0;
  std::array<char, 512> scrap_{};
  bool is_sending_ = false;
  std::deque<std::shared_ptr<const std::string>> unread_;
  std::size_t unread_bytes_ = 0;
};

}  // namespace causeway::control::api
