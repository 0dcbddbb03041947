// By what a node shows who it is: a certificate of the fleet's CA, or a key that the whole fleet shares.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/secret.h"
#include "control/wire/seal.h"

struct evp_pkey_st;
struct x509_st;
struct x509_store_st;

namespace causeway::control::pair {

// Which file, what is wrong with it, and what to do. Never holds a part of a key.
class CredentialsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// All PEM. The chain: this node's certificate first, then those between it and the CA.
struct CertificateFiles {
  std::string chain;
  std::string key;
  std::string authorities;
};

struct CertificateDeleter {
  void operator()(x509_st* certificate) const;
  void operator()(evp_pkey_st* key) const;
  void operator()(x509_store_st* store) const;
};
using Certificate = std::unique_ptr<x509_st, CertificateDeleter>;
using PrivateKey = std::unique_ptr<evp_pkey_st, CertificateDeleter>;
using Authorities = std::unique_ptr<x509_store_st, CertificateDeleter>;

class Certificates {
 public:
  // Throws CredentialsError. Nobody but its owner, who is root or this user, may open the key's file.
  static Certificates read(const CertificateFiles& files);
  // Of texts, which are wiped by whom they belong to; `names` says what to call them.
  Certificates(const CertificateFiles& texts, CertificateFiles names);

  // Why a peer would refuse this node, as far as it can be told here; empty if it would not.
  std::string problem(const std::string& node, std::int64_t wall_s) const;
  std::int64_t ends_s() const;  // when the node's certificate ends, in seconds since 1970

  x509_st* own() const { return chain_.front().get(); }
  std::span<const Certificate> chain() const { return chain_; }
  evp_pkey_st* key() const { return key_.get(); }
  x509_store_st* authorities() const { return authorities_.get(); }

 private:
  CertificateFiles names_;
  std::vector<Certificate> chain_;
  PrivateKey key_;
  Authorities authorities_;
};

// One key for all pairs: no handshake, no forward secrecy, and who has it can be any node.
class FleetKey {
 public:
  static constexpr std::size_t kBytes = 32;

  explicit FleetKey(std::span<const std::uint8_t, kBytes> bytes) : bytes_(bytes) {}

  // HKDF-SHA-256 (RFC 5869), without salt; info: "causeway pair", and both names in ascending order, each
  // with its length in front, so that no two pairs have one text.
  wire::PairKey pair_key(std::string_view node, std::string_view other) const;

 private:
  config::Secret bytes_;
};

}  // namespace causeway::control::pair
