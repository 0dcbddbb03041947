// One DTLS 1.2 handshake with one peer over one 5-tuple, for the sake of its exporter (RFC 5705): no
// application data ever passes. Datagrams go in and out, and time is an argument.
//
// client: running (ClientHello, sent again until answered) -> done | failed
// server: listening (answers with a cookie, keeps nothing) -> running -> done | failed
//
// When it is done, OpenSSL's state is gone; a server keeps its last flight, for a client that did not get it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "control/beat/random.h"
#include "control/pair/context.h"
#include "control/pair/flight.h"
#include "control/pair/records.h"
#include "control/wire/ids.h"
#include "control/wire/seal.h"

namespace causeway::control::pair {

struct Moment {
  TimeUs us = 0;            // of the monotonic clock
  std::int64_t wall_s = 0;  // seconds since 1970, for certificates
};

struct HandshakeTimers {
  TimeUs resend_min_us = from_ms(250);   // of a flight, then doubled (RFC 6347, 4.2.4.1)
  TimeUs resend_max_us = from_ms(2000);  // not a minute: a pair without a key carries no media
  TimeUs handshake_us = from_ms(6000);   // then the attempt is given up
};

enum class Role : std::uint8_t { client, server };
enum class Stage : std::uint8_t { listening, running, done, failed };

// By which a server knows its cookies again without keeping them. Of one peer.
using CookieKey = std::array<std::uint8_t, 32>;

class Association final : private Wire {
 public:
  struct Settings {
    Role role{};
    std::string peer;  // the name that its certificate must have
    HandshakeTimers timers;
    CookieKey cookie_key;
    std::uint64_t seed = 0;  // of the jitter
  };

  // A client sends its first flight at once.
  Association(std::shared_ptr<const Context> context, Settings settings, Moment now, Datagrams& out);
  ~Association() override;
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;

  void on_datagram(std::span<const std::uint8_t> datagram, Moment now, Datagrams& out);
  void tick(Moment now, Datagrams& out);
  TimeUs next_due_us() const;

  Stage stage() const { return stage_; }
  TimeUs began_us() const { return began_us_; }
  TimeUs progress_us() const { return progress_us_; }  // when the present flight was first sent
  bool is_answered() const { return flights_ > 1; }

  // When it is done:
  const wire::PairKey& key() const { return key_; }
  std::int64_t certificate_ends_s() const { return certificate_ends_s_; }
  const std::string& suite() const { return suite_; }
  // When it failed: a sentence; empty if the peer was only silent.
  const std::string& refusal() const { return refusal_; }
  // Until then: what the peer said against it, if it was the peer.
  std::string complaint() const;

 private:
  std::size_t receive(std::span<std::uint8_t> room) override;
  void transmit(std::span<const std::uint8_t> datagram) override;
  Cookie cookie(bool before) const override;
  void refuse(int error, int depth, x509_st* certificate) override;

  void take(std::span<const std::uint8_t> datagram);
  bool may_pass(const RecordView& record);
  void listen();
  void advance(Moment now, Datagrams& out);
  void send_flight(TimeUs now_us, Datagrams& out);
  void finish();
  void fail(std::string why);
  std::string error_text() const;

  std::shared_ptr<const Context> context_;  // as long as OpenSSL's state is there
  Settings settings_;
  beat::Random random_;
  Ssl ssl_;
  Flight flight_;
  Stage stage_;
  TimeUs began_us_;
  TimeUs now_us_;
  TimeUs progress_us_;
  TimeUs interval_us_ = 0;
  TimeUs sent_us_ = kLongAgo;
  TimeUs resend_us_ = kNever;
  unsigned flights_ = 0;
  unsigned protected_records_ = 0;
  std::array<std::uint8_t, kMaxDatagramBytes> inbox_;
  std::size_t inbox_size_ = 0;
  Datagrams* out_ = nullptr;  // while it listens
  std::optional<std::uint8_t> alert_;
  wire::PairKey key_{};
  std::int64_t certificate_ends_s_ = 0;
  std::string suite_;
  std::string refusal_;
};

}  // namespace causeway::control::pair
