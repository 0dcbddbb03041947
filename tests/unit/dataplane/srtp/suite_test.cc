#include "dataplane/srtp/suite.h"

#include <gtest/gtest.h>

namespace causeway::srtp {
namespace {

TEST(Suite, NamesRoundTripAndIndexTheTable) {
  for (const SuiteInfo& suite : all_suites()) {
    EXPECT_EQ(parse_suite(suite.name), suite.suite);
    EXPECT_EQ(&info(suite.suite), &suite);
  }
  EXPECT_FALSE(parse_suite("AES_CM_128_HMAC_SHA1_81").has_value());
  EXPECT_FALSE(parse_suite("").has_value());
}

TEST(Suite, ShortTagsAreOnRtpOnly) {  // RFC 4568, 6.2.2
  EXPECT_EQ(info(Suite::aes_cm_128_hmac_sha1_32).rtp_tag_length, 4U);
  EXPECT_EQ(info(Suite::aes_cm_128_hmac_sha1_32).rtcp_tag_length, 10U);
}

}  // namespace
}  // namespace causeway::srtp
