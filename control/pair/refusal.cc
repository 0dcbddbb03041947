#include "control/pair/refusal.h"

#include <cstdio>
#include <memory>
#include <new>
#include <openssl/asn1.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <string_view>

namespace causeway::control::pair {
namespace {

constexpr std::size_t kMostNameBytes = 64;

struct TimeDeleter {
  void operator()(ASN1_TIME* time) const { ASN1_TIME_free(time); }
};
using Time = std::unique_ptr<ASN1_TIME, TimeDeleter>;

// A stranger's words, for a log.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text.substr(0, kMostNameBytes))
    result += c >= ' ' && c <= '~' && c != '"' && c != '\\' ? c : '?';
  return result + (text.size() > kMostNameBytes ? "...\"" : "\"");
}

std::string_view view(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string common_name(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return "nobody";
  return quoted(view(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))));
}

// The names that it is for, as RFC 6125 takes them.
std::string names_of(X509* certificate) {
  constexpr int kMostNames = 4;
  auto* names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string text;
  int count = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS || ++count > kMostNames) continue;
    text += (text.empty() ? "" : ", ") + quoted(view(name->d.dNSName));
  }
  GENERAL_NAMES_free(names);
  return text.empty() ? common_name(X509_get_subject_name(certificate)) : text;
}

// "germany's certificate", or that of a CA on the way to the fleet's.
std::string subject(const std::string& node, int depth, X509* certificate) {
  if (depth <= 0 || certificate == nullptr) return node + "'s certificate";
  return "the CA certificate " + common_name(X509_get_subject_name(certificate)) + " above " + node + "'s";
}

std::string issuer(X509* certificate) {
  return certificate == nullptr ? "an unknown issuer" : common_name(X509_get_issuer_name(certificate));
}

std::string end(X509* certificate) {
  return certificate == nullptr ? "" : " on " + date(seconds(X509_get0_notAfter(certificate)));
}

std::string begin(X509* certificate) {
  return certificate == nullptr ? "" : " before " + date(seconds(X509_get0_notBefore(certificate)));
}

}  // namespace

void check_name(const std::string& node) {
  // Empty: OpenSSL checks no name. With a dot in front: any name below it.
  if (node.empty() || node.front() == '.' || node.find('\0') != node.npos)
    throw std::invalid_argument("a node's name cannot be in a certificate: " + node);
}

void require_name(X509_VERIFY_PARAM_st* parameters, const std::string& node, std::int64_t wall_s) {
  check_name(node);
  // A certificate for all nodes would let each of them be any other.
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_host(parameters, node.data(), node.size()) != 1) throw std::bad_alloc();
  X509_VERIFY_PARAM_set_time(parameters, wall_s);
}

std::string why_refused(const std::string& node, int error, int depth, x509_st* certificate) {
  const std::string whose = subject(node, depth, certificate);
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return whose + " expired" + end(certificate) + ": renew it";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return whose + " is not valid" + begin(certificate) + ": check the clocks of both nodes";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return whose + " is signed by itself: have the fleet's CA sign it";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return whose + " is not from the fleet's CA but from " + issuer(certificate) +
             ": have the fleet's CA sign it, or add that CA's certificate here";
    case X509_V_ERR_HOSTNAME_MISMATCH:
      return whose + " is for " + (certificate == nullptr ? "somebody else" : names_of(certificate)) +
             ": give it one with the DNS name " + node;
    case X509_V_ERR_INVALID_PURPOSE:
      return whose + " is not for both ends of a connection: allow it clientAuth and serverAuth";
    default:
      return whose + " is refused (" + X509_verify_cert_error_string(error) + "): give it another one";
  }
}

std::string why_alerted(const std::string& node, std::uint8_t description) {
  return node + " seems to refuse this node (" + SSL_alert_desc_string_long(description) +
         "): its journal says why";
}

std::int64_t seconds(const asn1_string_st* time) {
  const Time zero(ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int rest_s = 0;
  if (!zero || ASN1_TIME_diff(&days, &rest_s, zero.get(), time) != 1) return 0;
  return std::int64_t{days} * 86400 + rest_s;
}

std::string date(std::int64_t wall_s) {
  const Time time(ASN1_TIME_set(nullptr, wall_s));
  tm fields{};
  if (!time || ASN1_TIME_to_tm(time.get(), &fields) != 1) return "an unknown day";
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", fields.tm_year + 1900, fields.tm_mon + 1,
                fields.tm_mday);
  return text;
}

}  // namespace causeway::control::pair
