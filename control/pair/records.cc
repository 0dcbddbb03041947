#include "control/pair/records.h"

#include <algorithm>

#include "dataplane/net/bytes.h"

namespace causeway::control::pair {
namespace {

constexpr std::uint8_t kDtlsMajor = 0xfe;  // 254.255 and 254.253: 1.0 and 1.2
constexpr std::size_t kEpochOffset = 3;
constexpr std::size_t kSequenceOffset = 5;
constexpr std::size_t kLengthOffset = 11;
constexpr std::size_t kMessageHeaderBytes = 12;  // type, length (3), sequence (2), offset (3), length (3)
constexpr std::uint8_t kHelloRequest = 0;
constexpr std::uint8_t kClientHello = 1;
constexpr std::size_t kVersionBytes = 2;

// The first handshake message, if it can be read at all.
std::optional<RecordView> first_message(std::span<const std::uint8_t> datagram, std::uint8_t type) {
  const auto record = next_record(datagram);
  if (!record || record->type != ContentType::handshake || record->epoch != 0) return std::nullopt;
  if (record->body.size() < kMessageHeaderBytes || record->body[0] != type) return std::nullopt;
  return record;
}

}  // namespace

std::optional<RecordView> next_record(std::span<const std::uint8_t>& rest) {
  if (rest.size() < kRecordHeaderBytes || rest[1] != kDtlsMajor) return std::nullopt;
  const std::size_t length = net::load_be16(&rest[kLengthOffset]);
  if (rest.size() - kRecordHeaderBytes < length) return std::nullopt;
  RecordView record;
  record.type = static_cast<ContentType>(rest[0]);
  record.epoch = net::load_be16(&rest[kEpochOffset]);
  record.sequence = std::uint64_t{net::load_be16(&rest[kSequenceOffset])} << 32 |
                    net::load_be32(&rest[kSequenceOffset + 2]);
  record.bytes = rest.first(kRecordHeaderBytes + length);
  record.body = record.bytes.subspan(kRecordHeaderBytes);
  rest = rest.subspan(record.bytes.size());
  return record;
}

void set_sequence(std::span<std::uint8_t> record, std::uint64_t sequence) {
  net::store_be16(&record[kSequenceOffset], static_cast<std::uint16_t>(sequence >> 32));
  net::store_be32(&record[kSequenceOffset + 2], static_cast<std::uint32_t>(sequence));
}

std::optional<ClientRandom> client_random(std::span<const std::uint8_t> datagram) {
  const auto record = first_message(datagram, kClientHello);
  constexpr std::size_t kOffset = kMessageHeaderBytes + kVersionBytes;
  ClientRandom random;
  if (!record || record->body.size() < kOffset + random.size()) return std::nullopt;
  std::copy_n(record->body.data() + kOffset, random.size(), random.data());
  return random;
}

bool is_hello_request(std::span<const std::uint8_t> datagram) {
  const auto record = first_message(datagram, kHelloRequest);
  return record && record->body.size() == kMessageHeaderBytes && record->bytes.size() == datagram.size();
}

Datagram hello_request(std::uint64_t sequence) {
  Datagram datagram(kRecordHeaderBytes + kMessageHeaderBytes);
  datagram[0] = static_cast<std::uint8_t>(ContentType::handshake);
  datagram[1] = kDtlsMajor;
  datagram[2] = 0xfd;
  set_sequence(datagram, sequence);
  net::store_be16(&datagram[kLengthOffset], kMessageHeaderBytes);
  return datagram;
}

}  // namespace causeway::control::pair
