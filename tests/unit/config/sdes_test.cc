#include "config/sdes.h"

#include <algorithm>
#include <openssl/evp.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace causeway::config {
namespace {

// Bytes 1, 2, 3, ... in base64.
std::string counting(std::size_t length) {
  std::vector<std::uint8_t> bytes(length);
  for (std::size_t i = 0; i < length; ++i)
    bytes[i] = static_cast<std::uint8_t>(i + 1);
  std::vector<std::uint8_t> text(length * 2 + 4);
  const int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(length));
  return std::string(text.begin(), text.begin() + size);
}

TEST(Sdes, KeyAndSaltOfEverySuiteAreSplitWhereTheSuiteSays) {
  for (const srtp::SuiteInfo& suite : srtp::all_suites()) {
    if (suite.suite == srtp::Suite::none) continue;
    const auto parsed =
        parse_sdes_key("inline:" + counting(suite.key_length + suite.salt_length), suite.suite);
    const auto* material = std::get_if<KeyMaterial>(&parsed);
    ASSERT_NE(material, nullptr) << suite.name << ": " << std::get<KeyError>(parsed).what;
    ASSERT_EQ(material->key.bytes().size(), suite.key_length);
    ASSERT_EQ(material->salt.bytes().size(), suite.salt_length);
    EXPECT_EQ(material->key.bytes().front(), 1);
    EXPECT_EQ(material->salt.bytes().front(), suite.key_length + 1);
    EXPECT_EQ(material->salt.bytes().back(), suite.key_length + suite.salt_length);
  }
}

TEST(Sdes, EveryOtherLengthIsRefused) {
  for (const srtp::SuiteInfo& suite : srtp::all_suites()) {
    if (suite.suite == srtp::Suite::none) continue;
    for (std::size_t length = 0; length < 100; ++length) {
      if (length == suite.key_length + suite.salt_length) continue;
      const auto parsed = parse_sdes_key("inline:" + counting(length), suite.suite);
      ASSERT_TRUE(std::holds_alternative<KeyError>(parsed)) << suite.name << " " << length;
      EXPECT_NE(std::get<KeyError>(parsed).what.find(suite.name), std::string::npos);
    }
  }
}

TEST(Sdes, LifetimesAreCheckedAndNotUsed) {
  const struct {
    const char* parameters;
    bool good;
  } kCases[] = {
      {"", true},
      {"|2^20", true},
      {"|2^1", true},
      {"|2^48", true},
      {"|1000", true},
      {"|281474976710656", true},
      {"|", false},
      {"|2^", false},
      {"|2^0", false},
      {"|2^49", false},
      {"|0", false},
      {"|-1", false},
      {"|2^0x10", false},
      {"|0x10", false},
      {"|281474976710657", false},
      {"|2^20|2^20", false},
      {"|2^20|", false},
      {"|1:4", false},
      {"|2^20|1:4", false},
      {";inline:x", false},
      {" ", false},
  };
  const std::string key = "inline:" + counting(30);
  for (const auto& test_case : kCases) {
    const auto parsed = parse_sdes_key(key + test_case.parameters, srtp::Suite::aes_cm_128_hmac_sha1_80);
    EXPECT_EQ(std::holds_alternative<KeyMaterial>(parsed), test_case.good) << test_case.parameters;
  }
}

TEST(Sdes, Base64IsStrict) {
  const std::string good = counting(28);  // ends in "=="
  ASSERT_TRUE(good.ends_with("HA=="));
  const std::string stem = good.substr(0, good.size() - 4);
  for (const std::string& text :
       {stem + "HB==", stem + "HA=", stem + "HA", stem + "H===", stem + "=A==", " " + good, good + "\n",
        "=" + good.substr(1), stem + "H-==", good.substr(0, 4) + "====" + good.substr(8),
        stem + std::string("H\0==", 4)}) {
    EXPECT_TRUE(
        std::holds_alternative<KeyError>(parse_sdes_key("inline:" + text, srtp::Suite::aead_aes_128_gcm)))
        << text;
  }
  EXPECT_TRUE(
      std::holds_alternative<KeyMaterial>(parse_sdes_key("inline:" + good, srtp::Suite::aead_aes_128_gcm)));
}

TEST(Sdes, ThePrefixIsExact) {
  for (const char* prefix : {"", "INLINE:", "inline", " inline:", "inline: "}) {
    const auto parsed = parse_sdes_key(prefix + counting(30), srtp::Suite::aes_cm_128_hmac_sha1_80);
    EXPECT_TRUE(std::holds_alternative<KeyError>(parsed)) << prefix;
  }
}

}  // namespace
}  // namespace causeway::config
