#include "config/secret.h"

#include <array>
#include <utility>

#include <gtest/gtest.h>

namespace causeway::config {
namespace {

TEST(Secret, CopiesAndMovesAreValues) {
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  Secret a{bytes};
  Secret b = a;
  EXPECT_EQ(a, b);
  Secret c = std::move(b);
  EXPECT_EQ(a, c);
  c = Secret{};
  EXPECT_TRUE(c.empty());
}

}  // namespace
}  // namespace causeway::config
