// Events on their way to all who listen, with the last ones kept for those who come back.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "control/api/connection.h"
#include "control/journal/entry.h"

namespace causeway::control::api {

// The server's thread.
class Broadcast final : public Listeners {
 public:
  static constexpr std::size_t kKept = 1024;
  static constexpr std::chrono::seconds kKeepalive{15};

  // first_id: above all ids of an earlier life, so that who comes back after a restart misses nothing.
  Broadcast(asio::io_context& context, const ServerSettings& settings, std::uint64_t first_id);

  bool add(const std::shared_ptr<Connection>& connection, std::uint64_t last_id) override;
  // at_ms less now_us is the difference of the two clocks.
  void publish(const Journal& entries, std::int64_t at_ms, TimeUs now_us);

 private:
  using Text = std::shared_ptr<const std::string>;

  void say(const Text& text);
  void keep_alive();

  const ServerSettings& settings_;
  std::uint64_t next_id_;
  std::deque<std::pair<std::uint64_t, Text>> kept_;
  std::vector<std::weak_ptr<Connection>> connections_;
  asio::steady_timer keepalive_;
};

}  // namespace causeway::control::api
