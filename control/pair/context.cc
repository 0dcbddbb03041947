#include "control/pair/context.h"

#include <algorithm>
#include <new>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <climits>

#include "control/pair/records.h"
#include "control/pair/refusal.h"

namespace causeway::control::pair {
namespace {

// Both ends are of the fleet, so there is nothing old to talk to.
constexpr const char* kSuites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256";
constexpr const char* kSignatures =
    "ed25519:ECDSA+SHA256:ECDSA+SHA384:rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:RSA+SHA256:RSA+SHA384";
constexpr long kMostChainBytes = 16384;

Wire& wire_of(BIO* bio) {
  return *static_cast<Wire*>(BIO_get_data(bio));
}

Wire& wire_of(SSL* ssl) {
  return *static_cast<Wire*>(SSL_get_app_data(ssl));
}

int read_datagram(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const std::size_t got =
      wire_of(bio).receive({reinterpret_cast<std::uint8_t*>(data), static_cast<std::size_t>(size)});
  if (got > 0) return static_cast<int>(got);
  BIO_set_retry_read(bio);
  return -1;
}

int write_datagram(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  wire_of(bio).transmit({reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
  return size;
}

long answer(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// OpenSSL's own timer reads the wall clock: it is put an hour off, and Flight does its work. An association
// does not live for that long.
unsigned never(SSL*, unsigned) {
  return UINT_MAX;
}

int make_cookie(SSL* ssl, unsigned char* cookie, unsigned* size) {
  const Wire::Cookie made = wire_of(ssl).cookie(false);
  std::ranges::copy(made, cookie);
  *size = made.size();
  return 1;
}

int check_cookie(SSL* ssl, const unsigned char* cookie, unsigned size) {
  const auto is = [&](const Wire::Cookie& wanted) {
    return size == wanted.size() && CRYPTO_memcmp(cookie, wanted.data(), size) == 0;
  };
  return is(wire_of(ssl).cookie(false)) || is(wire_of(ssl).cookie(true)) ? 1 : 0;
}

int on_verify(int good, X509_STORE_CTX* store) {
  if (good == 1) return 1;
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  wire_of(ssl).refuse(X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_error_depth(store),
                      X509_STORE_CTX_get_current_cert(store));
  return 0;
}

void require(bool holds) {
  if (!holds) throw std::bad_alloc();
}

void configure(SSL_CTX* context) {
  require(SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
          SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
          SSL_CTX_set_cipher_list(context, kSuites) == 1 && SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
          SSL_CTX_set1_sigalgs_list(context, kSignatures) == 1);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_QUERY_MTU |
                                   SSL_OP_NO_COMPRESSION | SSL_OP_SINGLE_ECDH_USE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, kMostChainBytes);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, on_verify);
  SSL_CTX_set_cookie_generate_cb(context, make_cookie);
  SSL_CTX_set_cookie_verify_cb(context, check_cookie);
}

}  // namespace

void ContextDeleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void ContextDeleter::operator()(bio_method_st* method) const {
  BIO_meth_free(method);
}
void ContextDeleter::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

Context::Context(const Certificates& certificates)
    : context_(SSL_CTX_new(DTLS_method())), method_(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "pair")) {
  require(context_ && method_);
  BIO_meth_set_read(method_.get(), read_datagram);
  BIO_meth_set_write(method_.get(), write_datagram);
  BIO_meth_set_ctrl(method_.get(), answer);
  SSL_CTX* context = context_.get();
  configure(context);
  bool usable = SSL_CTX_use_certificate(context, certificates.own()) == 1 &&
                SSL_CTX_use_PrivateKey(context, certificates.key()) == 1;
  for (const Certificate& each : certificates.chain().subspan(1))
    usable = usable && SSL_CTX_add1_chain_cert(context, each.get()) == 1;
  ERR_clear_error();
  if (!usable) {
    throw CredentialsError(
        "the certificates cannot be used for DTLS: give the node a key of at least 2048 bits (RSA), or of "
        "the "
        "curve P-256, or Ed25519");
  }
  SSL_CTX_set1_cert_store(context, certificates.authorities());
}

Ssl Context::make(Wire& wire, const std::string& peer, std::int64_t wall_s) const {
  Ssl ssl(SSL_new(context_.get()));
  BIO* bio = BIO_new(method_.get());
  if (!ssl || bio == nullptr) {
    BIO_free(bio);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_app_data(ssl.get(), &wire);
  SSL_set_mtu(ssl.get(), static_cast<long>(kMaxDatagramBytes));
  DTLS_set_timer_cb(ssl.get(), never);
  require_name(SSL_get0_param(ssl.get()), peer, wall_s);
  return ssl;
}

}  // namespace causeway::control::pair
