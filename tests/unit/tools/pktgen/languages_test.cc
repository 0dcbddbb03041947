#include "tools/pktgen/languages.h"

#include <gtest/gtest.h>

namespace causeway::pktgen {
namespace {

template <class T>
T good(const Parsed<T>& parsed) {
  if (const auto* error = std::get_if<LanguageError>(&parsed)) ADD_FAILURE() << error->what;
  return std::get<T>(parsed);
}

template <class T>
std::string bad(const Parsed<T>& parsed) {
  const auto* error = std::get_if<LanguageError>(&parsed);
  return error == nullptr ? "taken" : error->what;
}

TEST(Languages, Numbers) {
  EXPECT_EQ(parse_number("0"), 0);
  EXPECT_EQ(parse_number("12.50"), 12.5);
  EXPECT_EQ(parse_number(".5"), 0.5);
  EXPECT_EQ(parse_number("5."), 5);
  for (const char* word :
       {"", ".", "-1", "+1", "1e3", "inf", "nan", "1.2.3", " 1", "1 ", "0x10", "1234567890123456"})
    EXPECT_FALSE(parse_number(word)) << word;
}

TEST(Languages, Mix) {
  const Mix mix = good(parse_mix("rtp=80,stun=0.5"));
  EXPECT_EQ(mix.rtp, 80);
  EXPECT_EQ(mix.rtcp, 0);
  EXPECT_EQ(mix.stun, 0.5);
  EXPECT_EQ(bad(parse_mix("rtcp=5")), "without rtp there is nothing to measure: give it a share");
  EXPECT_EQ(bad(parse_mix("rtp=1,rtp=2")), "'rtp' is given twice");
  EXPECT_EQ(bad(parse_mix("rtp=1,dtls=2")), "'dtls' is none of rtp, rtcp, stun");
  EXPECT_EQ(bad(parse_mix("rtp=1,")), "'' is not NAME=NUMBER");
  EXPECT_EQ(bad(parse_mix("")), "give NAME=NUMBER,NAME=NUMBER ...");
  EXPECT_EQ(bad(parse_mix("rtp=1,rtcp=11")), "rtcp and stun are at most ten times rtp");
}

TEST(Languages, Impairments) {
  const Impairments rates = good(parse_impairments("loss=1%,reorder=0.02,garbage=100%"));
  EXPECT_DOUBLE_EQ(rates.loss, 0.01);
  EXPECT_DOUBLE_EQ(rates.reorder, 0.02);
  EXPECT_DOUBLE_EQ(rates.garbage, 1);
  EXPECT_EQ(rates.replay, 0);
  EXPECT_TRUE(rates.any());
  EXPECT_FALSE(good(parse_impairments("loss=0")).any());
  EXPECT_EQ(bad(parse_impairments("loss=2")), "'loss=2' is above 1 (or 100%)");
  EXPECT_EQ(bad(parse_impairments("loss=x")), "'loss=x': give a number such as 0.01 or 1%");
  EXPECT_EQ(bad(parse_impairments("loss=0.6,replay=0.6")),
            "loss, reorder, duplicate, corrupt and replay are above 1 in sum");
  EXPECT_EQ(bad(parse_impairments("\x1b[31m=1")),
            "'?[31m' is none of loss, reorder, duplicate, corrupt, "
            "replay, garbage");
}

TEST(Languages, ProfileRateVerify) {
  EXPECT_EQ(good(parse_profile("audio")).kind, Profile::Kind::audio);
  EXPECT_EQ(good(parse_profile("fixed:1200")).bytes, 1200u);
  for (const char* word : {"", "fixed", "fixed:", "fixed:63", "fixed:9001", "fixed:100.5", "screen"})
    EXPECT_NE(bad(parse_profile(word)), "taken") << word;
  EXPECT_EQ(good(parse_rate("max")).kind, Rate::Kind::max);
  EXPECT_EQ(good(parse_rate("search")).kind, Rate::Kind::search);
  EXPECT_EQ(good(parse_rate("natural")).kind, Rate::Kind::natural);
  EXPECT_DOUBLE_EQ(good(parse_rate("1.5M")).pps, 1.5e6);
  EXPECT_DOUBLE_EQ(good(parse_rate("20k")).pps, 20'000);
  for (const char* word : {"", "0", "k", "1G", "2000M", "-5", "maximum"})
    EXPECT_NE(bad(parse_rate(word)), "taken") << word;
  EXPECT_EQ(good(parse_verify("sample:100")).every, 100u);
  EXPECT_EQ(good(parse_verify("none")).kind, Verify::Kind::none);
  for (const char* word : {"", "sample", "sample:0", "sample:1.5", "some"})
    EXPECT_NE(bad(parse_verify(word)), "taken") << word;
}

}  // namespace
}  // namespace causeway::pktgen
