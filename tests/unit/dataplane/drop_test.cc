#include "dataplane/drop.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace causeway {
namespace {

TEST(Drop, EveryReasonHasAUniqueNameAndHelp) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kDrops; ++i) {
    const DropInfo& reason = info(static_cast<Drop>(i));
    EXPECT_TRUE(names.insert(reason.name).second) << reason.name;
    EXPECT_FALSE(reason.help.empty()) << reason.name;
  }
  for (std::size_t i = 1; i < kEgressDrops; ++i) {
    const DropInfo& reason = info(static_cast<EgressDrop>(i));
    EXPECT_TRUE(names.insert(reason.name).second) << reason.name;
    EXPECT_FALSE(reason.help.empty()) << reason.name;
  }
}

}  // namespace
}  // namespace causeway
