#include "control/api/broadcast.h"

#include "control/api/events.h"

namespace causeway::control::api {

Broadcast::Broadcast(asio::io_context& context, const ServerSettings& settings, std::uint64_t first_id)
    : settings_(settings), next_id_(first_id), keepalive_(context) {
  keep_alive();
}

bool Broadcast::add(const std::shared_ptr<Connection>& connection, std::uint64_t last_id) {
  std::erase_if(connections_, [](const auto& other) { return other.expired(); });
  if (connections_.size() >= settings_.streams) return false;
  connections_.push_back(connection);
  for (const auto& [id, text] : kept_) {
    if (last_id != 0 && id > last_id) connection->push(text);
  }
  return true;
}

void Broadcast::publish(const Journal& entries, std::int64_t at_ms, TimeUs now_us) {
  for (const JournalEntry& entry : entries) {
    const std::uint64_t id = next_id_++;
    const std::int64_t when_ms = at_ms - (now_us - entry.at_us) / 1000;
    const Text text = std::make_shared<const std::string>(write_event(entry, id, when_ms, settings_.nodes));
    kept_.emplace_back(id, text);
    if (kept_.size() > kKept) kept_.pop_front();
    say(text);
  }
}

void Broadcast::say(const Text& text) {
  std::erase_if(connections_, [&](const auto& other) {
    const auto connection = other.lock();
    if (connection) connection->push(text);
    return !connection;
  });
}

// So that who is gone without a word is noticed, and proxies keep the connection.
void Broadcast::keep_alive() {
  keepalive_.expires_after(kKeepalive);
  keepalive_.async_wait([this](beast::error_code error) {
    if (error) return;
    say(std::make_shared<const std::string>(": still here\n\n"));
    keep_alive();
  });
}

}  // namespace causeway::control::api
