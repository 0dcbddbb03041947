// The API's server: HTTP/1.1 (RFC 9112) on a unix socket and, if wanted, on a TCP address, on a thread of its
// own. It knows no more of the appliance than that requests are answered: each one waits in a bounded queue
// until the control thread calls serve().
//
// Everything is bounded: connections, headers, bodies, waiting requests, what a slow reader of events may
// leave unread, and the time of each step.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "control/api/token.h"
#include "control/journal/entry.h"
#include "control/observe/metrics.h"
#include "dataplane/net/address.h"

namespace causeway::control::api {

class Service;

struct ServerSettings {
  std::string unix_path;             // "": none. Mode 0660; a socket that nobody serves is replaced
  std::optional<net::Endpoint> tcp;  // port 0: any, see tcp_port()
  std::optional<Token> token;        // needed with tcp
  std::vector<std::string> nodes;    // their names, by NodeId: for events

  std::size_t connections = 64;  // a quarter of them for the unix socket only
  std::size_t streams = 16;      // of these, that may be streams of events
  std::size_t waiting = 32;      // requests, for the control thread
  std::size_t body_bytes = std::size_t{256} << 10;
  std::uint32_t header_bytes = 16 << 10;
  std::size_t unread_bytes = std::size_t{256} << 10;  // of one stream of events
  std::chrono::milliseconds request_time{10000};      // from its first byte to its last, and for its answer
  std::chrono::milliseconds idle_time{60000};         // of a connection between two requests
  std::chrono::milliseconds health_time{2000};        // of an answer to /healthz
};

// As the configuration has it. nodes: their names, by NodeId. Reads the token; throws drivers::StartError.
ServerSettings settings_of(const config::Api& api, std::vector<std::string> nodes);

class Server {
 public:
  // Listens, or throws drivers::StartError with nothing left behind.
  explicit Server(ServerSettings settings);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // ---- the control thread
  // Readable when requests wait; stays so until serve() took all of them.
  int fd() const;
  // Answers some of what waits: as many as a turn of the control thread can bear.
  void serve(Service& service);
  // For everybody who listens to /v1/events; written out on the server's thread. now_us: of the clock of the
  // entries.
  void publish(Journal entries, TimeUs now_us);

  // Any thread.
  ApiSample counters() const;
  std::uint16_t tcp_port() const;  // 0: none

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace causeway::control::api
