#include "tools/ctl/timeline.h"

#include <gtest/gtest.h>

namespace causeway::ctl {
namespace {

using Json = nlohmann::json;

Json entry(std::int64_t after_ms, const std::string& kind, const std::string& severity,
           const std::string& text, const std::string& node = "", const std::string& track = "",
           const Json& numbers = nullptr) {
  Json json{{"number", 1},
            {"at_ms", 1'707'297'243'250 + after_ms},
            {"kind", kind},
            {"severity", severity},
            {"text", text}};
  if (!node.empty()) json["node"] = node;
  if (!track.empty()) json["track"] = track;
  if (!numbers.is_null()) json["numbers"] = numbers;
  return json;
}

TEST(Timeline, TellsACut) {
  const Json journal{
      {"items",
       {entry(0, "relay_starved", "notice", "paris-1 is silent", "paris-1", "cam", {{"silent_ms", 300}}),
        entry(200, "link_down", "warning", "nothing for 500 ms", "paris-1"),
        entry(900, "verdict", "warning", "path_broken", "paris-1"),
        entry(2500, "relay_up", "info", "flows from rome-1", "rome-1", "cam", {{"starved_ms", 2500}})}},
      {"torn", 1},
      {"problem", nullptr}};
  EXPECT_EQ(timeline_text(journal),
            "From 2024-02-07T09:14:03.250Z to 2024-02-07T09:14:05.750Z (2.5 s), 4 entries. Times are UTC.\n"
            "1 lines were torn by a crash or a full disk, and are left out.\n"
            "\n"
            "Verdicts\n"
            "  09:14:04.150  paris-1: path_broken\n"
            "\n"
            "Links\n"
            "  09:14:03.450  paris-1: nothing for 500 ms\n"
            "\n"
            "Tracks\n"
            "TRACK  FIRST MEDIA   LAST END      STARVED  LONGEST  NOW    ALARM\n"
            "cam    09:14:05.750  09:14:03.250  1 times    2.5 s  flows\n"
            "\n"
            "All of it\n"
            "TIME          SEVERITY  KIND           ABOUT        WHAT, AND THE EVIDENCE\n"
            "09:14:03.250  notice    relay_starved  cam paris-1  paris-1 is silent [silent_ms 300]\n"
            "09:14:03.450  warning   link_down      paris-1      nothing for 500 ms\n"
            "09:14:04.150  warning   verdict        paris-1      path_broken\n"
            "09:14:05.750  info      relay_up       cam rome-1   flows from rome-1 [starved_ms 2500]\n");
}

TEST(Timeline, SaysWhatStillStarvesAndWhatIsMissing) {
  Json late = entry(7000, "starvation", "alarm", "no media", "", "cam");
  late["lost"] = 3;
  const Json journal{{"items", {entry(0, "relay_starved", "notice", "silent", "paris-1", "cam"), late}},
                     {"torn", 0},
                     {"problem", "cannot read x"}};
  const std::string text = timeline_text(journal);
  EXPECT_NE(text.find("Not all could be read: cannot read x\n"), text.npos) << text;
  EXPECT_NE(text.find("1 times    7.0 s  starves since 09:14:03.250  yes\n"), text.npos) << text;
  EXPECT_NE(text.find("3 entries before this did not come to the disk\n"), text.npos) << text;
}

TEST(Timeline, NamesATrackThatWasForgotten) {
  Json begin = entry(0, "published", "info", "is published", "", "cam");
  begin["key"] = "00112233445566778899aabbccddeeff";
  Json end = entry(1000, "unpublished", "info", "is not published");
  end["key"] = begin["key"];
  const std::string text = timeline_text({{"items", {begin, end}}, {"torn", 0}, {"problem", nullptr}});
  EXPECT_EQ(text.find("00112233"), text.npos) << text;
  EXPECT_NE(text.find("cam    09:14:03.250  09:14:04.250  0 times        -  ended\n"), text.npos) << text;
}

TEST(Timeline, OfNothing) {
  EXPECT_EQ(timeline_text({{"items", Json::array()}, {"torn", 0}, {"problem", nullptr}}),
            "Nothing happened in this time, as far as the journal goes.\n");
}

}  // namespace
}  // namespace causeway::ctl
