#include "control/pair/association.h"

#include <algorithm>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>
#include <string_view>
#include <utility>

#include "control/pair/refusal.h"
#include "dataplane/net/bytes.h"

namespace causeway::control::pair {
namespace {

constexpr std::string_view kLabel = "EXPORTER-causeway-pair";
constexpr TimeUs kCookieUs = from_ms(60000);  // and as long again, until it is refused
constexpr TimeUs kRepeatUs =
    from_ms(100);  // between two answers to a client that did not get the last flight
// OpenSSL keeps each record of the next epoch in 17 kB until it can be opened, and a handshake has one of
// them.
constexpr unsigned kMostProtected = 16;

}  // namespace

Association::Association(std::shared_ptr<const Context> context, Settings settings, Moment now,
                         Datagrams& out)
    : context_(std::move(context)),
      settings_(std::move(settings)),
      random_(settings_.seed),
      ssl_(context_->make(*this, settings_.peer, now.wall_s)),
      stage_(settings_.role == Role::client ? Stage::running : Stage::listening),
      began_us_(now.us),
      now_us_(now.us),
      progress_us_(now.us) {
  if (settings_.role == Role::server) {
    SSL_set_accept_state(ssl_.get());
    return;
  }
  SSL_set_connect_state(ssl_.get());
  advance(now, out);
}

Association::~Association() {
  OPENSSL_cleanse(key_.data(), key_.size());
  OPENSSL_cleanse(settings_.cookie_key.data(), settings_.cookie_key.size());
}

void Association::on_datagram(std::span<const std::uint8_t> datagram, Moment now, Datagrams& out) {
  now_us_ = now.us;
  if (stage_ == Stage::failed || datagram.size() > inbox_.size()) return;
  if (stage_ == Stage::done) {
    const bool is_asked = !flight_.empty() && datagram.size() > kRecordHeaderBytes &&
                          datagram[0] == static_cast<std::uint8_t>(ContentType::handshake);
    if (is_asked && now.us - sent_us_ >= kRepeatUs) send_flight(now.us, out);
    return;
  }
  take(datagram);
  if (inbox_size_ == 0) return;
  X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl_.get()), now.wall_s);
  if (stage_ == Stage::listening) {
    out_ = &out;
    listen();
    out_ = nullptr;
    if (stage_ == Stage::listening) return;
    began_us_ = now.us;
  }
  advance(now, out);
}

void Association::tick(Moment now, Datagrams& out) {
  now_us_ = now.us;
  if (stage_ != Stage::running) return;
  if (now.us - began_us_ >= settings_.timers.handshake_us) return fail(complaint());
  if (now.us < resend_us_) return;
  interval_us_ = std::min(interval_us_ * 2, settings_.timers.resend_max_us);
  send_flight(now.us, out);
}

TimeUs Association::next_due_us() const {
  return stage_ == Stage::running ? std::min(resend_us_, began_us_ + settings_.timers.handshake_us) : kNever;
}

std::string Association::complaint() const {
  return alert_ ? why_alerted(settings_.peer, *alert_) : std::string();
}

// Copies the records that may reach OpenSSL.
void Association::take(std::span<const std::uint8_t> datagram) {
  inbox_size_ = 0;
  while (const auto record = next_record(datagram)) {
    if (!may_pass(*record)) continue;
    std::ranges::copy(record->bytes, inbox_.begin() + static_cast<std::ptrdiff_t>(inbox_size_));
    inbox_size_ += record->bytes.size();
  }
}

bool Association::may_pass(const RecordView& record) {
  const bool is_handshake = record.type == ContentType::handshake;
  // An alert that nothing protects would end the handshake, and anybody can send one (RFC 6347, 4.1.2.7). It
  // may tell why, if the handshake does not come to its end.
  if (record.epoch == 0 && record.type == ContentType::alert) {
    constexpr std::uint8_t kFatal = 2;
    if (record.body.size() == 2 && record.body[0] == kFatal) alert_ = record.body[1];
    return false;
  }
  if (record.epoch == 0) return is_handshake || record.type == ContentType::change_cipher_spec;
  if (record.epoch != 1 || !(is_handshake || record.type == ContentType::alert)) return false;
  return ++protected_records_ <= kMostProtected;
}

void Association::listen() {
  ERR_clear_error();
  BIO_ADDR* nobody = BIO_ADDR_new();
  const bool is_shown = nobody != nullptr && DTLSv1_listen(ssl_.get(), nobody) == 1;
  BIO_ADDR_free(nobody);
  ERR_clear_error();
  inbox_size_ = 0;
  if (is_shown) stage_ = Stage::running;
}

void Association::advance(Moment now, Datagrams& out) {
  flight_.close();
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  const int error = SSL_get_error(ssl_.get(), result);
  inbox_size_ = 0;
  if (flight_.is_open()) {
    ++flights_;
    progress_us_ = now.us;
    interval_us_ = settings_.timers.resend_min_us;
    send_flight(now.us, out);
  }
  if (result == 1) {
    finish();
  } else if (error != SSL_ERROR_WANT_READ) {
    fail(error_text());
  }
  ERR_clear_error();
}

void Association::send_flight(TimeUs now_us, Datagrams& out) {
  flight_.send(out);
  sent_us_ = now_us;
  resend_us_ = now_us + interval_us_ +
               static_cast<TimeUs>(random_.below(static_cast<std::uint64_t>(interval_us_ / 4) + 1));
}

void Association::finish() {
  // Without RFC 7627 two handshakes could be made to have one exporter.
  const bool is_exported = SSL_get_extms_support(ssl_.get()) == 1 &&
                           SSL_export_keying_material(ssl_.get(), key_.data(), key_.size(), kLabel.data(),
                                                      kLabel.size(), nullptr, 0, 0) == 1;
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (!is_exported || certificate == nullptr)
    return fail("the handshake with " + settings_.peer +
                " gave no key: give it the same release as this node");
  certificate_ends_s_ = seconds(X509_get0_notAfter(certificate));
  suite_ = SSL_get_cipher_name(ssl_.get());
  stage_ = Stage::done;
  ssl_.reset();
  if (settings_.role == Role::client) flight_.clear();
}

void Association::fail(std::string why) {
  stage_ = Stage::failed;
  refusal_ = std::move(why);
  ssl_.reset();
  flight_.clear();
}

std::string Association::error_text() const {
  if (!refusal_.empty()) return refusal_;
  const unsigned long error = ERR_peek_error();
  if (ERR_GET_REASON(error) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
    return settings_.peer + " shows no certificate: configure one there, as at this node";
  const char* reason = ERR_reason_error_string(error);
  return "the handshake with " + settings_.peer + " failed (" +
         (reason == nullptr ? "OpenSSL does not say why" : reason) +
         "): if it goes on, look at that node's journal";
}

std::size_t Association::receive(std::span<std::uint8_t> room) {
  const std::size_t size = std::min(std::exchange(inbox_size_, 0), room.size());
  std::copy_n(inbox_.begin(), size, room.begin());
  return size;
}

void Association::transmit(std::span<const std::uint8_t> datagram) {
  if (stage_ != Stage::listening) {
    flight_.add(datagram);
  } else if (out_ != nullptr) {
    out_->emplace_back(datagram.begin(), datagram.end());
  }
}

Wire::Cookie Association::cookie(bool before) const {
  std::array<std::uint8_t, 8> slot;
  net::store_be64(slot.data(), static_cast<std::uint64_t>(now_us_ / kCookieUs - (before ? 1 : 0)));
  Cookie made;
  unsigned size = 0;
  HMAC(EVP_sha256(), settings_.cookie_key.data(), static_cast<int>(settings_.cookie_key.size()), slot.data(),
       slot.size(), made.data(), &size);
  return made;
}

void Association::refuse(int error, int depth, x509_st* certificate) {
  refusal_ = why_refused(settings_.peer, error, depth, certificate);
}

}  // namespace causeway::control::pair
