#include "config/text.h"

#include <limits>
#include <regex.h>
#include <string>

#include <gtest/gtest.h>

#include "config/problem.h"
#include "config/scalar.h"

namespace causeway::config {
namespace {

TEST(Integers, AreExact) {
  EXPECT_EQ(parse_integer("0"), 0u);
  EXPECT_EQ(parse_integer("1500"), 1500u);
  EXPECT_EQ(parse_integer("0xFf"), 255u);
  EXPECT_EQ(parse_integer("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  for (const char* text : {"", "12abc", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x", "0x-1", "0xg", "x1",
                           "010", "1_000", "18446744073709551616", "0x10000000000000000"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(PortRanges, HaveTwoPortsInOrder) {
  ASSERT_TRUE(parse_port_range("1-65535").has_value());
  EXPECT_EQ(parse_port_range("20000-20000")->last, 20000);
  for (const char* text : {"", "-", "1", "1-", "-1", "0-1", "2-1", "1-65536", "1-2-3", "1 - 2"}) {
    EXPECT_FALSE(parse_port_range(text).has_value()) << text;
  }
}

bool matches(const regex_t& pattern, const std::string& text) {
  return regexec(&pattern, text.c_str(), 0, nullptr, 0) == 0;
}

TEST(TextRules, AndTheirPatternsAgree) {
  for (const TextRule& rule : {kName, kTrackId, kLegName, kInterfaceName}) {
    regex_t pattern;
    ASSERT_EQ(regcomp(&pattern, rule.pattern().c_str(), REG_EXTENDED | REG_NOSUB), 0) << rule.pattern();
    for (int byte = 1; byte < 128; ++byte) {
      const std::string text(3, static_cast<char>(byte));
      EXPECT_EQ(rule.holds(text), matches(pattern, text)) << rule.pattern() << " " << byte;
    }
    for (const std::size_t length : {0, 1, 15, 16, 64, 65}) {
      const std::string text(length, 'a');
      EXPECT_EQ(rule.holds(text), matches(pattern, text)) << rule.pattern() << " " << length;
    }
    regfree(&pattern);
  }
}

TEST(EditDistance, CountsSingleEditsAndSwaps) {
  EXPECT_EQ(edit_distance("mtu", "mtu"), 0u);
  EXPECT_EQ(edit_distance("mut", "mtu"), 1u);
  EXPECT_EQ(edit_distance("", "mtu"), 3u);
  EXPECT_EQ(edit_distance("vlna_id", "vlan"), 4u);
  EXPECT_EQ(edit_distance("remote", "remotes"), 1u);
}

TEST(Quote, HidesWhatLooksLikeAKey) {
  const std::string key = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHA";
  EXPECT_TRUE(looks_like_key("inline:x"));
  EXPECT_TRUE(looks_like_key("INLINE:x"));
  EXPECT_TRUE(looks_like_key(key));
  EXPECT_TRUE(looks_like_key("x " + key.substr(0, 30)));
  EXPECT_TRUE(looks_like_key(key.substr(0, 16) + "/" + key.substr(16)));
  for (const char* text :
       {"AES_CM_128_HMAC_SHA1_80", "/etc/causeway/keys/studio-a.receive", "net_af_packet0,iface=cw-port0",
        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "a-long-name-of-a-transport-in-a-large-site"}) {
    EXPECT_FALSE(looks_like_key(text)) << text;
  }
  EXPECT_EQ(quote(key).find("AQ"), std::string::npos);
}

TEST(Quote, KeepsTerminalsSafe) {
  EXPECT_EQ(quote("a\x1b[2Jb\n"), "\"a?[2Jb?\"");
  EXPECT_EQ(quote(std::string(1000, '-')).size(), 64u + 5u);
}

TEST(Problem, IsOneLineWithPlaceFaultAndMend) {
  EXPECT_EQ(
      (Problem{
           Level::error, "a.yaml", {7, 12}, "ports[0].mtu: 99999 is above 9600 bytes", "give 576 to 9600"})
          .to_string(),
      "a.yaml:7:12: error: ports[0].mtu: 99999 is above 9600 bytes; give 576 to 9600");
  EXPECT_EQ((Problem{Level::warning, "a.yaml", {}, "what", ""}).to_string(), "a.yaml: warning: what");
}

}  // namespace
}  // namespace causeway::config
