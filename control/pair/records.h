// What of a DTLS 1.2 datagram can be read without its keys (RFC 6347, 4.1 and 4.2.2). Hostile bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "control/wire/frame.h"

namespace causeway::control::pair {

using Datagram = std::vector<std::uint8_t>;
using Datagrams = std::vector<Datagram>;

inline constexpr std::size_t kMaxDatagramBytes = wire::kMaxFrameBytes;  // passes wherever a frame passes

// By the first byte (RFC 7983, 7): between nodes everything else is a frame.
constexpr bool is_dtls(std::span<const std::uint8_t> datagram) {
  return !datagram.empty() && datagram[0] >= 20 && datagram[0] <= 63;
}

enum class ContentType : std::uint8_t { change_cipher_spec = 20, alert = 21, handshake = 22 };

struct RecordView {
  ContentType type{};  // perhaps another one
  std::uint16_t epoch = 0;
  std::uint64_t sequence = 0;           // 48 bits
  std::span<const std::uint8_t> bytes;  // header and body
  std::span<const std::uint8_t> body;
};
inline constexpr std::size_t kRecordHeaderBytes = 13;

// Takes the first record off; nullopt if there is none, or none that is whole.
std::optional<RecordView> next_record(std::span<const std::uint8_t>& rest);
void set_sequence(std::span<std::uint8_t> record, std::uint64_t sequence);

// Of a datagram that begins with a ClientHello: what tells one attempt of a client from another.
using ClientRandom = std::array<std::uint8_t, 32>;
std::optional<ClientRandom> client_random(std::span<const std::uint8_t> datagram);

// "Begin anew": all that a server may say first (RFC 5246, 7.4.1.1). Nothing about it is authentic.
bool is_hello_request(std::span<const std::uint8_t> datagram);
Datagram hello_request(std::uint64_t sequence);

}  // namespace causeway::control::pair
