#include "control/api/connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <utility>

#include "control/api/error.h"

namespace causeway::control::api {
namespace {

constexpr std::size_t kReadBytes = 4096;
// What is taken in and thrown away of a request that was refused before its end, so that its sender sees why.
constexpr std::size_t kMostDrained = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kDrainTime{1000};

std::string text_of(beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

Connection::Connection(Shared& shared, Protocol::socket socket, bool is_trusted)
    : shared_(shared),
      stream_(std::move(socket)),
      is_trusted_(is_trusted),
      is_known_(is_trusted),
      late_(stream_.get_executor()) {
  ++shared_.connections;
}

Connection::~Connection() {
  --shared_.connections;
}

void Connection::start() {
  wait_for_request();
}

// ---- reading

void Connection::wait_for_request() {
  parser_.emplace();
  parser_->header_limit(shared_.settings.header_bytes);
  parser_->body_limit(shared_.settings.body_bytes);
  if (buffer_.size() > 0) {
    read_header();
    return;
  }
  buffer_.shrink_to_fit();  // what it held is wiped
  stream_.expires_after(is_known_ ? shared_.settings.idle_time : shared_.settings.request_time);
  stream_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](Error error, std::size_t bytes) {
                            if (error) return self->close();
                            self->buffer_.commit(bytes);
                            self->read_header();
                          });
}

void Connection::read_header() {
  stream_.expires_after(shared_.settings.request_time);
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, std::size_t) { self->on_header(error); });
}

void Connection::on_header(Error error) {
  if (error) return refuse_read(error);
  const auto& request = parser_->get();
  if (!is_trusted_ && (!shared_.settings.token ||
                       !shared_.settings.token->admits(text_of(request[http::field::authorization])))) {
    ++shared_.unauthorized;
    return send(error_of(401), true);
  }
  is_known_ = true;
  if (!beast::iequals(request[http::field::expect], "100-continue")) return read_body();
  head_ = {http::status::continue_, 11};
  head_serializer_.emplace(head_);
  http::async_write_header(stream_, *head_serializer_,
                           [self = shared_from_this()](Error failed, std::size_t) {
                             if (failed) return self->close();
                             self->read_body();
                           });
}

void Connection::read_body() {
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](Error error, std::size_t) { self->on_body(error); });
}

void Connection::on_body(Error error) {
  if (error) return refuse_read(error);
  ask();
}

void Connection::refuse_read(Error error) {
  if (error == http::error::body_limit) return send(error_of(413), true);
  if (error == http::error::header_limit) return send(error_of(431), true);
  if (error == http::error::buffer_overflow) return send(error_of(431), true);
  if (error == beast::error::timeout) return close();  // its socket is closed already
  const bool is_http = error.category() == make_error_code(http::error::end_of_stream).category();
  if (!is_http || error == http::error::end_of_stream || error == http::error::partial_message)
    return close();
  send(error_of(400), true);
}

// ---- asking

void Connection::ask() {
  auto& message = parser_->get();
  Request request{.method = text_of(message.method_string()),
                  .target = text_of(message.target()),
                  .content_type = text_of(message[http::field::content_type]),
                  .if_match = text_of(message[http::field::if_match]),
                  .body = std::move(message.body())};
  last_event_ = 0;
  const std::string last = text_of(message["Last-Event-ID"]);
  std::from_chars(last.data(), last.data() + last.size(), last_event_);

  stream_.expires_never();
  const bool is_health = request.target == "/healthz";
  // The control thread must not be the one that destroys a connection: it holds none.
  auto answer = [weak = weak_from_this(), executor = stream_.get_executor()](Response response) {
    asio::post(executor, [weak, response = std::move(response)]() mutable {
      if (const auto self = weak.lock()) self->on_answer(std::move(response));
    });
  };
  const auto question = std::make_shared<Question>(std::move(request), std::move(answer));
  if (!shared_.queue.push(question)) {
    ++shared_.overloaded;
    return send(error_of(503), false);
  }
  late_.expires_after(is_health ? shared_.settings.health_time : shared_.settings.request_time);
  late_.async_wait([self = shared_from_this(), question](Error error) {
    if (!error) self->on_late(question);
  });
}

void Connection::on_late(const std::shared_ptr<Question>& question) {
  if (!question->give_up()) {  // it is being answered: once more
    late_.expires_after(shared_.settings.request_time);
    late_.async_wait([self = shared_from_this()](Error error) {
      if (!error) self->close();
    });
    return;
  }
  ++shared_.late;
  send(error_of(504), false);
}

void Connection::on_answer(Response response) {
  late_.cancel();
  if (!response.is_stream) return send(std::move(response), false);
  is_sending_ = true;  // the header goes first
  if (!shared_.listeners->add(shared_from_this(), last_event_)) {
    is_sending_ = false;
    ++shared_.overloaded;
    return send(error_of(503), false);
  }
  start_stream();
}

// ---- answering

void Connection::send(Response response, bool close) {
  ++shared_.requests;
  if (response.write_later) response.body = response.write_later();
  response_ = {};
  response_.version(11);
  response_.result(response.status);
  if (!response.content_type.empty()) response_.set(http::field::content_type, response.content_type);
  response_.set(http::field::cache_control, "no-store");
  if (!response.allow.empty()) response_.set(http::field::allow, response.allow);
  if (!response.etag.empty()) response_.set(http::field::etag, response.etag);
  if (response.status == 401) response_.set(http::field::www_authenticate, "Bearer");
  if (response.status == 503) response_.set(http::field::retry_after, "1");
  response_.body() = std::move(response.body);
  response_.keep_alive(!close && parser_->get().keep_alive());
  if (response.status != 204) response_.prepare_payload();
  stream_.expires_after(shared_.settings.request_time);
  http::async_write(stream_, response_,
                    [self = shared_from_this()](Error error, std::size_t) { self->on_sent(error); });
}

void Connection::on_sent(Error error) {
  if (error) return close();
  if (!response_.keep_alive()) return end();
  wait_for_request();
}

// What is unread when a socket is closed makes the kernel reset the connection, and the answer may be lost.
void Connection::end() {
  Error ignored;
  stream_.socket().shutdown(asio::socket_base::shutdown_send,
                            ignored);  // NOLINT(bugprone-unused-return-value)
  drained_ = 0;
  stream_.expires_after(kDrainTime);
  drain();
}

void Connection::drain() {
  stream_.async_read_some(asio::buffer(scrap_), [self = shared_from_this()](Error error, std::size_t bytes) {
    self->drained_ += bytes;
    if (error || self->drained_ > kMostDrained) return self->close();
    self->drain();
  });
}

void Connection::close() {
  late_.cancel();
  stream_.close();
}

// ---- a stream of events

void Connection::start_stream() {
  ++shared_.requests;
  head_ = {http::status::ok, 11};
  head_.set(http::field::content_type, "text/event-stream");
  head_.set(http::field::cache_control, "no-store");
  head_.keep_alive(false);
  head_serializer_.emplace(head_);
  stream_.expires_after(shared_.settings.request_time);
  http::async_write_header(stream_, *head_serializer_, [self = shared_from_this()](Error error, std::size_t) {
    if (error) return self->close();
    self->is_sending_ = false;
    self->stream_.expires_never();
    self->watch_stream();
    self->send_stream();
  });
}

// Nothing more is expected of the client but its end.
void Connection::watch_stream() {
  stream_.async_read_some(asio::buffer(scrap_), [self = shared_from_this()](Error error, std::size_t) {
    if (error) return self->close();
    self->watch_stream();
  });
}

void Connection::push(const std::shared_ptr<const std::string>& text) {
  if (!stream_.socket().is_open()) return;
  unread_bytes_ += text->size();
  unread_.push_back(text);
  if (unread_bytes_ > shared_.settings.unread_bytes) {
    ++shared_.cut;
    return close();
  }
  send_stream();
}

void Connection::send_stream() {
  if (is_sending_ || unread_.empty()) return;
  is_sending_ = true;
  const auto text = unread_.front();
  asio::async_write(stream_, asio::buffer(*text),
                    [self = shared_from_this(), text](Error error, std::size_t) {
                      self->is_sending_ = false;
                      if (error) return self->close();
                      self->unread_bytes_ -= text->size();
                      self->unread_.pop_front();
                      self->send_stream();
                    });
}

}  // namespace causeway::control::api
