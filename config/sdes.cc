#include "config/sdes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <optional>
#include <span>
#include <sys/types.h>
#include <unistd.h>

#include "config/file.h"
#include "config/problem.h"
#include "config/scalar.h"
#include "config/text.h"

namespace causeway::config {
namespace {

constexpr std::string_view kMethod = "inline:";
constexpr std::size_t kMaxKeyFile = 4096;
constexpr std::size_t kMaxBase64 = 64;  // of 32 bytes of key and 14 of salt
constexpr mode_t kOthersAccess = S_IRWXG | S_IRWXO;

// RFC 3711, 9.2: at most 2^48 packets under one master key.
bool is_lifetime(std::string_view text) {
  constexpr std::uint64_t kMaxExponent = 48;
  const bool power = text.starts_with("2^");
  if (power) text.remove_prefix(2);
  if (!std::all_of(text.begin(), text.end(), is_digit)) return false;
  const auto number = parse_integer(text);
  if (!number || *number == 0) return false;
  return power ? *number <= kMaxExponent : *number <= std::uint64_t{1} << kMaxExponent;
}

std::optional<KeyError> check_parameters(std::string_view parameters) {
  bool lifetime_seen = false;
  while (!parameters.empty()) {
    parameters.remove_prefix(1);  // '|'
    const std::string_view parameter = parameters.substr(0, parameters.find('|'));
    parameters.remove_prefix(parameter.size());
    if (parameter.find(':') != parameter.npos) {
      return KeyError{"a master key identifier (MKI) is not supported",
                      "leave out what follows the second '|'"};
    }
    if (lifetime_seen || !is_lifetime(parameter)) {
      return KeyError{"what follows '|' is not a lifetime",
                      "leave it out, or give 2^1 to 2^48 or a number of packets"};
    }
    lifetime_seen = true;
  }
  return std::nullopt;
}

// Strict: whole groups of four, padding only at the end, and no bits behind the last byte.
std::optional<Secret> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > kMaxBase64) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (!std::all_of(digits.begin(), digits.end(),
                   [](char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; })) {
    return std::nullopt;
  }
  std::array<std::uint8_t, kMaxBase64 / 4 * 3> bytes{};
  std::array<std::uint8_t, kMaxBase64 + 1> again{};
  const auto length = static_cast<int>(text.size());
  EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), length);
  const std::size_t size = text.size() / 4 * 3 - padding;
  EVP_EncodeBlock(again.data(), bytes.data(), static_cast<int>(size));
  const bool canonical = std::equal(text.begin(), text.end(), again.begin());
  std::optional<Secret> secret;
  if (canonical) secret.emplace(std::span(bytes).first(size));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  OPENSSL_cleanse(again.data(), again.size());
  return secret;
}

// For a command line to copy: only if it needs no quoting there.
std::string command_path(const std::string& path) {
  constexpr TextRule kPlain{.shortest = 1, .longest = 4096, .extra = "/._-+=@"};
  return kPlain.holds(path) && !looks_like_key(path) ? path : "that file";
}

}  // namespace

std::variant<KeyMaterial, KeyError> parse_sdes_key(std::string_view text, srtp::Suite suite) {
  const srtp::SuiteInfo& wanted = srtp::info(suite);
  const std::size_t length = wanted.key_length + wanted.salt_length;
  const std::string name(wanted.name);
  const std::string expected = std::to_string(wanted.key_length) + " bytes of key and " +
                               std::to_string(wanted.salt_length) + " of salt for " + name;
  if (!text.starts_with(kMethod)) {
    return KeyError{"does not begin with \"inline:\"", "give inline: and base64 of " + expected};
  }
  text.remove_prefix(kMethod.size());
  if (text.find(';') != text.npos) return KeyError{"holds more than one key", "give one key"};
  const std::size_t bar = std::min(text.find('|'), text.size());
  if (const auto error = check_parameters(text.substr(bar))) return *error;

  const std::string make = "make one with: openssl rand -base64 " + std::to_string(length);
  text = text.substr(0, bar);
  const auto bytes = decode_base64(text);
  if (!bytes && text.size() <= kMaxBase64) {
    return KeyError{"is not valid base64 of " + std::to_string(length) + " bytes: " + expected, make};
  }
  if (!bytes || bytes->bytes().size() != length) {
    const std::string found =
        bytes ? std::to_string(bytes->bytes().size()) : "more than " + std::to_string(length);
    return KeyError{
        "holds " + found + " bytes, but " + name + " takes " + std::to_string(length) + ": " + expected,
        make};
  }
  const auto key = bytes->bytes().first(wanted.key_length);
  const auto salt = bytes->bytes().subspan(wanted.key_length);
  if (std::all_of(key.begin(), key.end(), [](std::uint8_t byte) { return byte == 0; })) {
    return KeyError{"the key is all zeros", make};
  }
  return KeyMaterial{Secret(key), Secret(salt)};
}

std::variant<Secret, KeyError> parse_fleet_key(std::string_view text) {
  constexpr std::size_t kBytes = 32;
  const std::string make = "make one with: openssl rand -base64 32";
  const auto bytes = decode_base64(text);
  if (!bytes || bytes->bytes().size() != kBytes) return KeyError{"is not base64 of 32 bytes", make};
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  if (std::ranges::all_of(bytes->bytes(), is_zero)) return KeyError{"the key is all zeros", make};
  return *bytes;
}

std::variant<Secret, KeyError> read_key_file(const std::string& path) {
  return read_secret_file(path, "\"inline:...\"");
}

std::variant<Secret, KeyError> read_secret_file(const std::string& path, const std::string& holds) {
  const std::string name = quote(path, path.size());
  auto read = read_regular_file(path, kMaxKeyFile);
  if (const auto* error = std::get_if<FileError>(&read)) {
    return KeyError{name + " " + error->what, "give the name of a file with one line: " + holds};
  }
  File& file = std::get<File>(read);
  std::string_view line = file.text;
  if (line.ends_with('\n')) line.remove_suffix(1);
  const Secret secret(std::span(reinterpret_cast<const std::uint8_t*>(line.data()), line.size()));
  const bool one_line = line.find('\n') == line.npos;
  OPENSSL_cleanse(file.text.data(), file.text.size());

  if (file.status.st_uid != 0 && file.status.st_uid != geteuid()) {
    return KeyError{name + " belongs to another user", "chown root " + command_path(path)};
  }
  if ((file.status.st_mode & kOthersAccess) != 0) {
    return KeyError{name + " is open to group or others", "chmod 600 " + command_path(path)};
  }
  if (!one_line) return KeyError{name + " has more than one line", "leave only " + holds};
  return secret;
}

}  // namespace causeway::config
