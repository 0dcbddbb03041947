#include "control/pair/credentials.h"

#include <algorithm>
#include <array>
#include <new>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <optional>
#include <unistd.h>
#include <utility>
#include <variant>

#include "config/file.h"
#include "control/pair/refusal.h"

namespace causeway::control::pair {
namespace {

constexpr std::size_t kMostFileBytes = 1 << 20;
constexpr std::size_t kMostChain = 8;
constexpr mode_t kOthersAccess = S_IRWXG | S_IRWXO;

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioDeleter>;

// What OpenSSL queued is told by us in our words, and must not be taken for a later call's.
struct QuietErrors {
  QuietErrors() { ERR_set_mark(); }
  ~QuietErrors() { ERR_pop_to_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

[[noreturn]] void fail(const std::string& file, const std::string& what, const std::string& mend) {
  throw CredentialsError(file + " " + what + ": " + mend);
}

// The text of a file; with `is_secret` only of one that is closed to others.
std::string read_text(const std::string& path, bool is_secret, const std::string& mend) {
  auto read = config::read_regular_file(path, kMostFileBytes);
  if (const auto* error = std::get_if<config::FileError>(&read)) fail(path, error->what, mend);
  auto& file = std::get<config::File>(read);
  const bool is_foreign = file.status.st_uid != 0 && file.status.st_uid != geteuid();
  const bool is_open = (file.status.st_mode & kOthersAccess) != 0;
  if (is_secret && (is_foreign || is_open)) {
    OPENSSL_cleanse(file.text.data(), file.text.size());
    if (is_foreign) fail(path, "belongs to another user", "chown root " + path);
    fail(path, "is open to group or others", "chmod 600 " + path);
  }
  return std::move(file.text);
}

Bio open_text(const std::string& text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) throw std::bad_alloc();
  return bio;
}

// An encrypted key would be asked for on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

std::vector<Certificate> parse_certificates(const std::string& text, const std::string& file) {
  const QuietErrors quiet;
  std::vector<Certificate> found;
  const Bio bio = open_text(text);
  while (X509* each = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr))
    found.emplace_back(each);
  const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!is_end) fail(file, "holds a certificate that cannot be read", "write it again, as PEM");
  if (found.empty())
    fail(file, "holds no certificate", "give PEM, which begins with -----BEGIN CERTIFICATE-----");
  return found;
}

PrivateKey parse_key(const std::string& text, const std::string& file) {
  const QuietErrors quiet;
  const Bio bio = open_text(text);
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (key) return key;
  if (text.find("ENCRYPTED") != text.npos)
    fail(file, "is encrypted", "decrypt it (openssl pkey), nobody is there to give the passphrase");
  fail(file, "holds no private key", "give PEM, which begins with -----BEGIN PRIVATE KEY-----");
}

// Strict: 44 characters, whose last is padding, and no bits behind the last byte.
using Digest = std::array<std::uint8_t, 32>;

void hmac(std::span<const std::uint8_t> key, std::string_view text, Digest& digest) {
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size) == nullptr)
    throw std::bad_alloc();
}

std::string with_length(std::string_view name) {
  return static_cast<char>(name.size()) + std::string(name);
}

}  // namespace

void CertificateDeleter::operator()(x509_st* certificate) const {
  X509_free(certificate);
}
void CertificateDeleter::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}
void CertificateDeleter::operator()(x509_store_st* store) const {
  X509_STORE_free(store);
}

Certificates Certificates::read(const CertificateFiles& files) {
  CertificateFiles texts;
  texts.chain = read_text(files.chain, false, "give the file of this node's certificate");
  texts.authorities = read_text(files.authorities, false, "give the file of the fleet's CA certificates");
  texts.key = read_text(files.key, true, "give the file of this node's private key");
  struct Wipe {
    ~Wipe() { OPENSSL_cleanse(text.data(), text.size()); }
    std::string& text;
  } const wipe{texts.key};
  return {texts, files};
}

Certificates::Certificates(const CertificateFiles& texts, CertificateFiles names)
    : names_(std::move(names)),
      chain_(parse_certificates(texts.chain, names_.chain)),
      key_(parse_key(texts.key, names_.key)),
      authorities_(X509_STORE_new()) {
  const QuietErrors quiet;
  if (!authorities_) throw std::bad_alloc();
  if (chain_.size() > kMostChain)
    fail(names_.chain, "holds more than 8 certificates", "leave only those between this node's and the CA's");
  if (X509_check_private_key(own(), key()) != 1) {
    fail(names_.key, "is not the key of the first certificate in " + names_.chain,
         "give the two that were made together, this node's certificate first");
  }
  for (const Certificate& each : parse_certificates(texts.authorities, names_.authorities)) {
    if (X509_STORE_add_cert(authorities_.get(), each.get()) != 1) throw std::bad_alloc();
  }
}

std::string Certificates::problem(const std::string& node, std::int64_t wall_s) const {
  const QuietErrors quiet;
  STACK_OF(X509)* above = sk_X509_new_null();
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  std::string text;
  for (std::size_t i = 1; above != nullptr && i < chain_.size(); ++i)
    sk_X509_push(above, chain_[i].get());
  // It is the client with some peers, and the server with others.
  for (const char* purpose : {"ssl_client", "ssl_server"}) {
    if (!text.empty() || X509_STORE_CTX_init(context, authorities(), own(), above) != 1) break;
    X509_STORE_CTX_set_default(context, purpose);
    require_name(X509_STORE_CTX_get0_param(context), node, wall_s);
    if (X509_verify_cert(context) != 1) {
      text = names_.chain + ": " +
             why_refused(node, X509_STORE_CTX_get_error(context), X509_STORE_CTX_get_error_depth(context),
                         X509_STORE_CTX_get_current_cert(context));
    }
    X509_STORE_CTX_cleanup(context);
  }
  X509_STORE_CTX_free(context);
  sk_X509_free(above);
  return text;
}

std::int64_t Certificates::ends_s() const {
  return seconds(X509_get0_notAfter(own()));
}

wire::PairKey FleetKey::pair_key(std::string_view node, std::string_view other) const {
  const auto [lower, higher] = std::minmax(node, other);
  const Digest no_salt{};
  Digest extracted;  // RFC 5869, 2.2
  hmac(no_salt, {reinterpret_cast<const char*>(bytes_.bytes().data()), bytes_.bytes().size()}, extracted);
  wire::PairKey key;  // 2.3: one block is all that is needed
  hmac(extracted, "causeway pair" + with_length(lower) + with_length(higher) + '\x01', key);
  OPENSSL_cleanse(extracted.data(), extracted.size());
  return key;
}

}  // namespace causeway::control::pair
