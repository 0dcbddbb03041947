#include "tools/ctl/client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <utility>

namespace causeway::ctl {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Stream = beast::basic_stream<asio::generic::stream_protocol>;
using Error = boost::system::error_code;

constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

std::string mend_of(const Address& address, const Error& error) {
  if (!address.host.empty()) return "is the appliance running there, and does its api.tcp say so?";
  if (error == boost::system::errc::no_such_file_or_directory)
    return "is the appliance running? --socket gives the path that its api.listen has";
  if (error == boost::system::errc::connection_refused)
    return "the appliance has ended and left its socket; start it";
  if (error == boost::system::errc::permission_denied) return "be root, or of the socket's group";
  return "is the appliance running?";
}

std::string name_of(const Address& address) {
  return address.host.empty() ? address.socket : address.host + ":" + address.port;
}

// One question. Beast's deadlines hold for asynchronous calls only: each step is one, and waited for.
class Question {
 public:
  Question(const Address& address, std::chrono::milliseconds patience)
      : address_(address), patience_(patience), stream_(context_) {
    parser_.body_limit(kMostBytes);
  }

  void send(const std::string& method, const std::string& target, const std::string& body) {
    connect();
    http::request<http::string_body> request;
    request.version(11);
    request.method_string(method);
    request.target(target);
    request.set(http::field::host, address_.host.empty() ? "localhost" : address_.host);
    request.set(http::field::connection, "close");
    if (!address_.token.empty()) request.set(http::field::authorization, "Bearer " + address_.token);
    if (!body.empty()) request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
    wait([&](auto done) { http::async_write(stream_, request, std::move(done)); });
    wait([&](auto done) { http::async_read_header(stream_, buffer_, parser_, std::move(done)); });
  }

  Answer rest() {
    if (!parser_.is_done())
      wait([&](auto done) { http::async_read(stream_, buffer_, parser_, std::move(done)); });
    return {parser_.get().result_int(), std::move(parser_.get().body())};
  }

  bool is_stream() const { return parser_.get()[http::field::content_type] == "text/event-stream"; }

  // False: it has ended.
  bool more() {
    stream_.expires_never();
    Error error;
    http::async_read_some(stream_, buffer_, parser_, [&](Error failed, std::size_t) { error = failed; });
    run();
    return !error && !parser_.is_done();
  }
  std::string take() { return std::exchange(parser_.get().body(), {}); }

 private:
  void connect() {
    Error error;
    stream_.expires_after(patience_);
    if (address_.host.empty()) {
      stream_.async_connect(asio::local::stream_protocol::endpoint(address_.socket),
                            [&](Error failed) { error = failed; });
      run();
    } else {
      asio::ip::tcp::resolver resolver(context_);
      const auto found = resolver.resolve(address_.host, address_.port, error);
      for (const auto& each : found) {
        stream_.expires_after(patience_);
        stream_.async_connect(each.endpoint(), [&](Error failed) { error = failed; });
        run();
        if (!error) break;
      }
    }
    if (error) fail(error, mend_of(address_, error));
  }

  template <class Start>
  void wait(Start start) {
    Error error;
    stream_.expires_after(patience_);
    start([&error](Error failed, std::size_t) { error = failed; });
    run();
    if (error) fail(error, "it does not answer; see its log");
  }
  void run() {
    context_.restart();
    context_.run();
  }
  [[noreturn]] void fail(const Error& error, const std::string& mend) const {
    throw NotReachable(name_of(address_) + ": " + error.message() + "; " + mend);
  }

  const Address& address_;
  const std::chrono::milliseconds patience_;
  asio::io_context context_;
  Stream stream_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
};

}  // namespace

void set_url(Address& address, std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) throw std::invalid_argument("the URL must be http://HOST[:PORT]");
  url.remove_prefix(kScheme.size());
  while (url.ends_with('/'))
    url.remove_suffix(1);
  const std::size_t bracket = url.starts_with('[') ? url.find(']') : 0;
  if (url.empty() || bracket == url.npos || url.find('/') != url.npos)
    throw std::invalid_argument("the URL must be http://HOST[:PORT]");
  const std::size_t colon = url.find(':', bracket);
  address.port = colon == url.npos ? "80" : std::string(url.substr(colon + 1));
  std::string_view host = url.substr(0, colon);
  if (bracket != 0) host = url.substr(1, bracket - 1);
  if (host.empty() || address.port.empty()) throw std::invalid_argument("the URL must be http://HOST[:PORT]");
  address.host = host;
}

Client::Client(Address address, std::chrono::milliseconds patience)
    : address_(std::move(address)), patience_(patience) {}

Answer Client::ask(const std::string& method, const std::string& target, const std::string& body) const {
  Question question(address_, patience_);
  question.send(method, target, body);
  return question.rest();
}

Answer Client::follow(const std::string& target, const std::function<bool(std::string_view)>& take) const {
  Question question(address_, patience_);
  question.send("GET", target, "");
  if (!question.is_stream()) return question.rest();
  while (question.more()) {
    if (!take(question.take())) break;
  }
  return {200, ""};
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          std::string_view("-._~").find(c) != std::string_view::npos;
    if (is_plain) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

}  // namespace causeway::ctl
