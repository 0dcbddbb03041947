// The description of the API names every path that is served, and no other.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "config/document.h"
#include "control/api/handle.h"

namespace causeway::control::api {
namespace {

TEST(OpenApi, NamesEveryPathThatIsServedAndNoOther) {
  std::ifstream file(CAUSEWAY_SOURCE_ROOT "/docs/openapi.yaml");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  config::Problems problems("openapi.yaml");
  config::Document document;
  ASSERT_TRUE(document.parse(text, problems)) << problems.take().front().to_string();
  std::set<std::string> described;
  const config::YamlNode* paths = document.root().find("paths");
  ASSERT_NE(paths, nullptr);
  for (const auto& [path, methods] : paths->keys) {
    for (const auto& [method, operation] : methods->keys) {
      std::string name = method->text;
      std::ranges::transform(name, name.begin(),
                             [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      described.insert(name + " " + path->text);
    }
  }
  std::set<std::string> served;
  for (const Route& route : routes())
    served.insert(std::string(route.method) + " " + std::string(route.path));
  EXPECT_EQ(described, served);
}

}  // namespace
}  // namespace causeway::control::api
