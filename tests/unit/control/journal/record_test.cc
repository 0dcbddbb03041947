#include "control/journal/record.h"

#include <gtest/gtest.h>

namespace causeway::control {
namespace {

Record sample() {
  return {.number = 7,
          .at_ms = 1'707'297'243'250,
          .at_us = 5'000'000,
          .boot = 3,
          .kind = "starvation",
          .severity = "alarm",
          .node = "paris-1",
          .key = std::string(32, 'a'),
          .track = "demo/video",
          .text = "no media \"for\" 5 s\n",
          .numbers = {{"starved_ms", 5000}, {"legs", -1}},
          .lost = 2};
}

TEST(JournalRecord, IsALineOfJson) {
  EXPECT_EQ(
      write_line(sample()),
      R"({"number":7,"at_ms":1707297243250,"at":"2024-02-07T09:14:03.250Z","at_us":5000000,"boot":3,)"
      R"("kind":"starvation","severity":"alarm","node":"paris-1","key":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",)"
      R"("track":"demo/video","text":"no media \"for\" 5 s\n","numbers":{"starved_ms":5000,"legs":-1},)"
      R"("lost":2})"
      "\n");
}

TEST(JournalRecord, IsReadAsItWasWritten) {
  std::string line = write_line(sample());
  line.pop_back();
  EXPECT_EQ(parse_line(line), sample());
  EXPECT_EQ(parse_head(line)->number, 7U);
  EXPECT_EQ(parse_head(line)->at_ms, sample().at_ms);
}

TEST(JournalRecord, IsNoneIfItIsTornAnywhere) {
  const std::string line = write_line(sample());
  for (std::size_t size = 0; size < line.size() - 1; ++size)
    EXPECT_FALSE(parse_line(std::string_view(line).substr(0, size))) << size;
  for (std::size_t begin = 1; begin < line.size(); ++begin)
    EXPECT_FALSE(parse_line(std::string_view(line).substr(begin, line.size() - 1 - begin))) << begin;
}

TEST(JournalRecord, CutsALongSentence) {
  Record record = sample();
  record.text.assign(100'000, '\x80');  // each byte becomes three
  const std::string line = write_line(record);
  EXPECT_LE(line.size(), kLongestLine);
  EXPECT_TRUE(parse_line(std::string_view(line).substr(0, line.size() - 1)));
}

}  // namespace
}  // namespace causeway::control
