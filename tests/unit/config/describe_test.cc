#include "config/describe.h"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <string>

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "tests/unit/config/config_files.h"

namespace causeway::config {
namespace {

using testing::HasSubstr;

// With CAUSEWAY_UPDATE_DOCS=1 writes the file instead.
void expect_checked_in(const std::string& name, const std::string& text) {
  const auto path = test::kSourceRoot / "docs" / name;
  if (std::getenv("CAUSEWAY_UPDATE_DOCS") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_TRUE(test::read_text(path) == text)
      << "docs/" << name << " is not what config/schema.h says: run this test with CAUSEWAY_UPDATE_DOCS=1";
}

TEST(Docs, TheReferenceIsUpToDate) {
  expect_checked_in("config.md", reference_markdown());
}

TEST(Docs, TheJsonSchemaIsUpToDate) {
  expect_checked_in("config.schema.json", json_schema());
}

// Rows of the reference's section that begins with this heading.
std::string section(const std::string& reference, const std::string& heading) {
  const std::size_t begin = reference.find(heading);
  EXPECT_NE(begin, reference.npos) << heading;
  return begin == reference.npos ? "" : reference.substr(begin, reference.find("\n## ", begin + 1) - begin);
}

// Calls with the heading and the schema of each map.
template <class Visitor>
void each_map(const YAML::Node& schema, const std::string& path, const Visitor& visit) {
  visit(path.empty() ? "# Configuration reference" : "\n## `" + path + "`\n", schema);
  for (const auto& member : schema["properties"]) {
    const auto key = member.first.as<std::string>();
    const bool list = member.second["type"] && member.second["type"].as<std::string>() == "array";
    const YAML::Node inner = list ? member.second["items"] : member.second;
    const std::string name = (path.empty() ? "" : path + ".") + key + (list ? "[]" : "");
    if (inner["properties"]) each_map(inner, name, visit);
  }
}

TEST(Docs, EveryKeyOfTheSchemaIsInTheReference) {
  const std::string reference = reference_markdown();
  std::size_t keys = 0;
  each_map(YAML::Load(json_schema()), "", [&](const std::string& heading, const YAML::Node& schema) {
    const std::string text = section(reference, heading);
    for (const auto& member : schema["properties"]) {
      EXPECT_THAT(text, HasSubstr("\n| `" + member.first.as<std::string>() + "` |"));
      ++keys;
    }
  });
  EXPECT_GT(keys, 60u);
}

TEST(Docs, TheSchemaIsClosedAndExplained) {
  each_map(YAML::Load(json_schema()), "", [&](const std::string& heading, const YAML::Node& schema) {
    EXPECT_EQ(schema["type"].as<std::string>(), "object") << heading;
    EXPECT_FALSE(schema["additionalProperties"].as<bool>()) << heading;
    for (const auto& member : schema["properties"]) {
      EXPECT_GT(member.second["description"].as<std::string>().size(), 5u) << heading;
      EXPECT_TRUE(member.second["type"] || member.second["enum"]) << heading << member.first;
    }
  });
}

TEST(Docs, LimitsAndDefaultsComeFromTheStructs) {
  const YAML::Node mtu = YAML::Load(json_schema())["properties"]["ports"]["items"]["properties"]["mtu"];
  EXPECT_EQ(mtu["minimum"].as<int>(), 576);
  EXPECT_EQ(mtu["maximum"].as<int>(), 9600);
  EXPECT_EQ(mtu["default"].as<int>(), Port{}.mtu);
  EXPECT_THAT(reference_markdown(), HasSubstr("| `mtu` | integer | 576 to 9600 bytes | `1500` |"));
}

}  // namespace
}  // namespace causeway::config
