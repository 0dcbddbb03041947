#include "control/api/server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <optional>
#include <pthread.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "control/api/broadcast.h"
#include "control/api/connection.h"
#include "control/api/error.h"
#include "control/api/handle.h"
#include "control/api/listener.h"
#include "drivers/start_error.h"

namespace causeway::control::api {
namespace {

// Requests in one turn of the control thread: it has beats to send.
constexpr int kRequestsPerTurn = 4;
// Entries that wait for the server's thread; it needs some 5 us for each.
constexpr std::size_t kMostUnsaid = 65536;

constexpr int kNice = 10;

// What a request brings about must not end the appliance.
Response answer_to(const Question& question, Service& service) {
  try {
    return handle(question.request(), service);
  } catch (const std::exception&) {
    return error(500, "defect", "the request could not be answered; please report it");
  }
}

std::int64_t wall_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace

ServerSettings settings_of(const config::Api& api, std::vector<std::string> nodes) {
  ServerSettings settings;
  settings.unix_path = api.listen;
  settings.tcp = api.tcp;
  settings.nodes = std::move(nodes);
  if (!api.tcp) return settings;
  auto token = read_token(api.token_file);
  if (const auto* error = std::get_if<config::KeyError>(&token))
    throw drivers::StartError(api.where, "api.token_file: " + error->what, error->mend);
  settings.token = std::get<Token>(std::move(token));
  return settings;
}

struct Server::Impl {
  using UnixListener = Listener<asio::local::stream_protocol::acceptor>;
  using TcpListener = Listener<asio::ip::tcp::acceptor>;

  explicit Impl(ServerSettings given)
      : shared(std::move(given)), broadcast(context, shared.settings, static_cast<std::uint64_t>(wall_us())) {
    shared.listeners = &broadcast;
    if (shared.settings.tcp) {
      if (!shared.settings.token)
        throw drivers::StartError({}, "api: tcp needs a token", "give api.token_file");
      tcp.emplace(listen_tcp(context, *shared.settings.tcp), shared, false);
    }
    const bool made = make_folder(shared.settings.unix_path);
    if (!shared.settings.unix_path.empty())
      local.emplace(listen_unix(context, shared.settings.unix_path), shared, true);
    made_folder = made;
    thread = std::jthread([this] { run(); });
  }

  ~Impl() {
    context.stop();
    thread.join();
    while (shared.queue.pop()) {
    }
    if (!local) return;
    unlink(shared.settings.unix_path.c_str());
    if (made_folder) rmdir(std::filesystem::path(shared.settings.unix_path).parent_path().c_str());
  }

  // What a handler throws, such as for want of memory, ends its connection and no other. The thread runs on
  // the CPU of the control thread, which goes first.
  void run() {
    pthread_setname_np(pthread_self(), "causeway-api");
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
    while (true) {
      try {
        context.run();
        return;
      } catch (const std::exception&) {
        ++failures;
      }
    }
  }

  Shared shared;  // outlives the connections, which go with the context
  asio::io_context context{1};
  Broadcast broadcast;
  std::optional<TcpListener> tcp;
  std::optional<UnixListener> local;
  std::atomic<std::uint64_t> failures = 0;
  std::atomic<std::size_t> unsaid = 0;  // on their way to the server's thread
  std::atomic<std::uint64_t> dropped = 0;
  bool made_folder = false;  // of the unix socket
  std::jthread thread;
};

Server::Server(ServerSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}

Server::~Server() = default;

int Server::fd() const {
  return impl_->shared.queue.fd();
}

void Server::serve(Service& service) {
  for (int i = 0; i < kRequestsPerTurn; ++i) {
    const auto question = impl_->shared.queue.pop();
    if (!question) return;
    if (question->take()) question->answer(answer_to(*question, service));
  }
}

void Server::publish(Journal entries, TimeUs now_us) {
  const std::size_t count = entries.size();
  if (count == 0) return;
  if (impl_->unsaid.fetch_add(count) + count > kMostUnsaid) {
    impl_->unsaid -= count;
    impl_->dropped += count;
    return;
  }
  asio::post(impl_->context,
             [impl = impl_.get(), entries = std::move(entries), now_us, count, at_ms = wall_us() / 1000] {
               impl->broadcast.publish(entries, at_ms, now_us);
               impl->unsaid -= count;
             });
}

ApiSample Server::counters() const {
  const Shared& shared = impl_->shared;
  return {.connections = shared.connections,
          .requests = shared.requests,
          .unauthorized = shared.unauthorized,
          .overloaded = shared.overloaded,
          .late = shared.late,
          .cut = shared.cut,
          .unsaid = impl_->dropped};
}

std::uint16_t Server::tcp_port() const {
  return impl_->tcp ? impl_->tcp->acceptor().local_endpoint().port() : std::uint16_t{0};
}

}  // namespace causeway::control::api
