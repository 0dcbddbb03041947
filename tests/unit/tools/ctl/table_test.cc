#include "tools/ctl/table.h"

#include <gtest/gtest.h>

namespace causeway::ctl {
namespace {

TEST(Table, AlignsItsColumns) {
  Table table({"NAME", ">MS", "WHAT"});
  table.add({"a", "1", "x"});
  table.add({"zürich-1", "1000", ""});
  EXPECT_EQ(table.text(),
            "NAME        MS  WHAT\n"
            "a            1  x\n"
            "zürich-1  1000\n");
}

TEST(Table, TakesNoCommandsForTheTerminal) {
  Table table({"NAME"});
  table.add({"\033[2J\n"});
  EXPECT_EQ(table.text(), "NAME\n?[2J?\n");
}

TEST(Text, HasDurationsWithUnits) {
  EXPECT_EQ(duration(0), "0 ms");
  EXPECT_EQ(duration(-1), "0 ms");
  EXPECT_EQ(duration(0.85), "850 ms");
  EXPECT_EQ(duration(0.9996), "1.0 s");
  EXPECT_EQ(duration(12.34), "12.3 s");
  EXPECT_EQ(duration(59.96), "1 min 00 s");
  EXPECT_EQ(duration(245), "4 min 05 s");
  EXPECT_EQ(duration(12'000), "3 h 20 min");
  EXPECT_EQ(duration(439'200), "5 d 02 h");
}

TEST(Text, HasPercents) {
  EXPECT_EQ(percent(0.005), "0.5 %");
  EXPECT_EQ(percent(1), "100.0 %");
}

}  // namespace
}  // namespace causeway::ctl
