// What all handshakes of a node share: its certificates and how it speaks DTLS. Immutable; a node that gets
// new certificates makes a new one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "control/pair/credentials.h"

struct bio_method_st;
struct ssl_ctx_st;
struct ssl_st;

namespace causeway::control::pair {

struct ContextDeleter {
  void operator()(ssl_ctx_st* context) const;
  void operator()(bio_method_st* method) const;
  void operator()(ssl_st* ssl) const;
};
using Ssl = std::unique_ptr<ssl_st, ContextDeleter>;

// Where a handshake's datagrams come from and go to.
class Wire {
 public:
  virtual ~Wire() = default;
  // Copies a datagram, and its length; 0 if there is none.
  virtual std::size_t receive(std::span<std::uint8_t> room) = 0;
  virtual void transmit(std::span<const std::uint8_t> datagram) = 0;
  // To be the cookie of this peer at this time (RFC 6347, 4.2.1), and of the time before.
  using Cookie = std::array<std::uint8_t, 32>;
  virtual Cookie cookie(bool before) const = 0;
  // OpenSSL refused the peer's certificate.
  virtual void refuse(int error, int depth, x509_st* certificate) = 0;
};

class Context {
 public:
  // Throws CredentialsError for certificates that DTLS cannot use.
  explicit Context(const Certificates& certificates);

  // Over `wire`, which outlives it, as this context does. The peer must have the certificate of `peer` at the
  // time wall_s.
  Ssl make(Wire& wire, const std::string& peer, std::int64_t wall_s) const;

 private:
  std::unique_ptr<ssl_ctx_st, ContextDeleter> context_;
  std::unique_ptr<bio_method_st, ContextDeleter> method_;
};

}  // namespace causeway::control::pair
