// Why a certificate was refused, in a sentence for the one who is paged; and what is asked of each.
#pragma once

#include <cstdint>
#include <string>

struct asn1_string_st;
struct x509_st;
struct X509_VERIFY_PARAM_st;

namespace causeway::control::pair {

// Throws std::invalid_argument for a name by which OpenSSL would accept more than that name.
void check_name(const std::string& node);
// The certificate must be the node's, to the letter: its DNS name, or its common name if it has no DNS name
// (RFC 6125, 6.4.4). Throws likewise.
void require_name(X509_VERIFY_PARAM_st* parameters, const std::string& node, std::int64_t wall_s);

// error, depth and certificate as X509_verify_cert() left them; the certificate may be nullptr.
std::string why_refused(const std::string& node, int error, int depth, x509_st* certificate);

// What an alert says, of which nothing is authentic.
std::string why_alerted(const std::string& node, std::uint8_t description);

std::int64_t seconds(const asn1_string_st* time);  // since 1970
std::string date(std::int64_t wall_s);             // 2026-11-01, in UTC

}  // namespace causeway::control::pair
