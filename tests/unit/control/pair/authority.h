// A certificate authority for tests, of this process.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string>

#include "control/pair/credentials.h"

namespace causeway::control::pair {

inline constexpr std::int64_t kWallS = 1'800'000'000;  // 2027-01-15
inline constexpr std::int64_t kDay = 86400;

struct Wish {
  std::string common_name;
  std::string names;  // "DNS:germany,DNS:other"; empty: none
  std::int64_t begins_s = kWallS - kDay;
  std::int64_t ends_s = kWallS + 90 * kDay;
  std::string usage;  // extended key usage; empty: none
  bool authority = false;
  bool rsa = false;
  bool weak = false;
};

inline std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

class Authority {
 public:
  explicit Authority(const std::string& name)
      : Authority(Wish{.common_name = name, .authority = true}, nullptr) {}
  // One that another one vouches for, or no authority at all.
  Authority(const Wish& wish, const Authority* above)
      : key_(wish.weak  ? EVP_RSA_gen(1024)
             : wish.rsa ? EVP_RSA_gen(2048)
                        : EVP_EC_gen("P-256")),
        certificate_(X509_new()) {
    static long serial = 0;
    X509* made = certificate_.get();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
    ASN1_TIME_set(X509_getm_notBefore(made), wish.begins_s);
    ASN1_TIME_set(X509_getm_notAfter(made), wish.ends_s);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1, -1, 0);
    const Authority& signer = above == nullptr ? *this : *above;
    X509_set_issuer_name(made, X509_get_subject_name(signer.certificate_.get()));
    X509_set_pubkey(made, key_.get());
    if (wish.authority) extend(NID_basic_constraints, "critical,CA:TRUE");
    if (!wish.names.empty()) extend(NID_subject_alt_name, wish.names);
    if (!wish.usage.empty()) extend(NID_ext_key_usage, wish.usage);
    if (X509_sign(made, signer.key_.get(), EVP_sha256()) == 0) std::abort();
  }

  Authority issue(const Wish& wish) const { return {wish, this}; }
  std::string certificate() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate_.get());
    return text_of(bio);
  }
  std::string key() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(bio);
  }

 private:
  void extend(int what, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
    if (X509_add_ext(certificate_.get(), extension, -1) != 1) std::abort();
    X509_EXTENSION_free(extension);
  }

  PrivateKey key_;
  Certificate certificate_;
};

inline CertificateFiles texts(const Authority& own, const std::string& authorities,
                              const std::string& between = "") {
  return {own.certificate() + between, own.key(), authorities};
}

inline Wish named(const std::string& name) {
  return {.common_name = name, .names = "DNS:" + name};
}

}  // namespace causeway::control::pair
