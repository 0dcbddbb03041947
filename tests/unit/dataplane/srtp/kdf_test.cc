#include "dataplane/srtp/kdf.h"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

#include "support.h"

namespace causeway::srtp {
namespace {

struct KdfCase {
  const char* name;
  Bytes master_key;
  Bytes master_salt;
  KeyLabel label;
  Bytes derived;
};

std::vector<KdfCase> kdf_cases() {
  const Bytes key_128 = hex({"E1F97A0D3E018BE0D64FA32C06DE4139"});
  const Bytes salt_128 = hex({"0EC675AD498AFEEBB6960B3AABE6"});
  const Bytes key_256 = hex({"f0f04914b513f2763a1b1fa130f10e29 98f6f6e43e4309d1e622a0e332b9f1b6"});
  const Bytes salt_256 = hex({"3b04803de51ee7c96423ab5b78d2"});
  return {
      {"RFC 3711, B.3: cipher key", key_128, salt_128, KeyLabel::rtp_encryption,
       hex({"C61E7A93744F39EE10734AFE3FF7A087"})},
      {"RFC 3711, B.3: salt", key_128, salt_128, KeyLabel::rtp_salt, hex({"30CBBC08863D8C85D49DB34A9AE1"})},
      {"RFC 3711, B.3: 94 bytes of authentication key", key_128, salt_128, KeyLabel::rtp_authentication,
       hex({"CEBE321F6FF7716B6FD4AB49AF256A15", "6D38BAA48F0A0ACF3C34E2359E6CDBCE",
            "E049646C43D9327AD175578EF7227098", "6371C10C9A369AC2F94A8C5FBCDDDC25",
            "6D6E919A48B610EF17C2041E47403576", "6B68642C59BBFC2F34DB60DBDFB2"})},
      {"RFC 6188, 7.2: cipher key", key_256, salt_256, KeyLabel::rtp_encryption,
       hex({"5ba1064e30ec51613cad926c5a28ef73", "1ec7fb397f70a960653caf06554cd8c4"})},
      {"RFC 6188, 7.2: salt", key_256, salt_256, KeyLabel::rtp_salt, hex({"fa31791685ca444a9e07c6c64e93"})},
      {"RFC 6188, 7.2: authentication key", key_256, salt_256, KeyLabel::rtp_authentication,
       hex({"fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"})},
  };
}

TEST(Kdf, DerivesTheVectorsOfTheRfcs) {
  for (const KdfCase& c : kdf_cases()) {
    Bytes derived(c.derived.size());
    derive_key(c.master_key, c.master_salt, c.label, derived);
    EXPECT_EQ(derived, c.derived) << c.name;
  }
}

TEST(Kdf, ATwelveByteSaltIsPaddedBehind) {  // RFC 7714, 11
  const Bytes key = hex({"000102030405060708090a0b0c0d0e0f"});
  Bytes short_salt = hex({"517569642070726f2071756f"});
  Bytes derived(12);
  Bytes padded(12);
  derive_key(key, short_salt, KeyLabel::rtcp_salt, derived);
  short_salt.resize(14, 0);
  derive_key(key, short_salt, KeyLabel::rtcp_salt, padded);
  EXPECT_EQ(derived, padded);
}

TEST(Kdf, SecretsOfASuiteAreItsSixLabels) {
  const Bytes key = hex({"E1F97A0D3E018BE0D64FA32C06DE4139"});
  const Bytes salt = hex({"0EC675AD498AFEEBB6960B3AABE6"});
  SessionSecrets rtp;
  SessionSecrets rtcp;
  derive_secrets(Suite::aes_cm_128_hmac_sha1_80, key, salt, rtp, rtcp);
  const auto expect = [&](KeyLabel label, std::span<const std::uint8_t> actual) {
    Bytes derived(actual.size());
    derive_key(key, salt, label, derived);
    EXPECT_TRUE(std::equal(derived.begin(), derived.end(), actual.begin()))
        << "label " << static_cast<int>(label);
  };
  expect(KeyLabel::rtp_encryption, std::span(rtp.encryption_key).first(16));
  expect(KeyLabel::rtp_authentication, rtp.authentication_key);
  expect(KeyLabel::rtp_salt, rtp.salt);
  expect(KeyLabel::rtcp_encryption, std::span(rtcp.encryption_key).first(16));
  expect(KeyLabel::rtcp_authentication, rtcp.authentication_key);
  expect(KeyLabel::rtcp_salt, rtcp.salt);
}

TEST(Kdf, OtherLengthsThanTheSuitesAreRefused) {
  SessionSecrets rtp;
  SessionSecrets rtcp;
  for (const SuiteInfo& suite : all_suites()) {
    if (suite.suite == Suite::none) continue;
    const Bytes key(suite.key_length);
    const Bytes salt(suite.salt_length);
    EXPECT_NO_THROW(derive_secrets(suite.suite, key, salt, rtp, rtcp));
    EXPECT_THROW(derive_secrets(suite.suite, Bytes(key.size() - 1), salt, rtp, rtcp), std::invalid_argument);
    EXPECT_THROW(derive_secrets(suite.suite, key, Bytes(salt.size() + 1), rtp, rtcp), std::invalid_argument);
    EXPECT_THROW(derive_secrets(suite.suite, Bytes(), Bytes(), rtp, rtcp), std::invalid_argument);
  }
}

}  // namespace
}  // namespace causeway::srtp
