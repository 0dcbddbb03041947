#include "control/journal/time_text.h"

#include <gtest/gtest.h>

namespace causeway::control {
namespace {

constexpr std::int64_t kNow = 1'707'297'243'250;

TEST(TimeText, WritesRfc3339) {
  EXPECT_EQ(format_time(kNow), "2024-02-07T09:14:03.250Z");
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_time(951'782'400'000), "2000-02-29T00:00:00.000Z");
}

TEST(TimeText, ReadsWhatItWrites) {
  for (std::int64_t ms = -kNow; ms < 2 * kNow; ms += 86'399'999'999 / 7)
    EXPECT_EQ(parse_time(format_time(ms), 0), ms) << format_time(ms);
}

TEST(TimeText, ReadsOffsetsAndFractions) {
  EXPECT_EQ(parse_time("2024-02-07T10:14:03.25+01:00", 0), kNow);
  EXPECT_EQ(parse_time("2024-02-07 09:14Z", 0), kNow - 3250);
  EXPECT_EQ(parse_time("2024-02-07t04:44:03.250999-04:30", 0), kNow);
}

TEST(TimeText, ReadsRelativeTimes) {
  EXPECT_EQ(parse_time("now", kNow), kNow);
  EXPECT_EQ(parse_time("-250ms", kNow), kNow - 250);
  EXPECT_EQ(parse_time("-90s", kNow), kNow - 90'000);
  EXPECT_EQ(parse_time("-15m", kNow), kNow - 900'000);
  EXPECT_EQ(parse_time("-2h", kNow), kNow - 7'200'000);
  EXPECT_EQ(parse_time("-1d", kNow), kNow - 86'400'000);
}

TEST(TimeText, RefusesTheRest) {
  for (const char* text :
       {"", "-", "-5", "-m", "--5m", "15m", "-99999999999999999999s", "-999999999999d",
        "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z",
        "2024-02-07", "2024-02-07T24:00:00Z", "2024-02-07T09:14:03", "2024-02-07T09:14:03.Z",
        "2024-02-07T09:14:03Zx", "2024-02-07T09:14:03+1:00"})
    EXPECT_FALSE(parse_time(text, kNow)) << text;
}

}  // namespace
}  // namespace causeway::control
