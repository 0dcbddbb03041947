// Each file in broken/ says in its first lines what is wrong with it, and where:
//   # expect: LINE:COLUMN: part of the message
// Exactly these errors must come, and nothing of a key in any of them.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/load.h"
#include "tests/unit/config/config_files.h"

namespace causeway::config {
namespace {

using test::all;
using test::read_text;

std::vector<std::string> broken_files() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(test::kSourceRoot / "tests/unit/config/broken")) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// "LINE:COLUMN" and the text of each line that begins with "# expect: ".
std::vector<std::pair<std::string, std::string>> expectations(const std::string& text) {
  constexpr std::string_view kMark = "# expect: ";
  std::vector<std::pair<std::string, std::string>> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && line.starts_with(kMark);) {
    const std::string rest = line.substr(kMark.size());
    const std::size_t colon = rest.find(": ");
    found.emplace_back(rest.substr(0, colon), rest.substr(colon + 2));
  }
  return found;
}

// Words that may be keys: long, of base64's characters, with capitals, small letters and digits.
std::vector<std::string> key_material(const std::string& text) {
  std::vector<std::string> keys;
  std::string word;
  for (const char c : text + "\n") {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '+' || c == '/' || c == '=') {
      word += c;
      continue;
    }
    const auto has = [&](int (*kind)(int)) {
      return std::any_of(word.begin(), word.end(),
                         [&](char w) { return kind(static_cast<unsigned char>(w)) != 0; });
    };
    if (word.size() >= 24 && has(std::isupper) && has(std::islower) && has(std::isdigit))
      keys.push_back(word);
    word.clear();
  }
  return keys;
}

bool shows_part_of(const std::string& message, const std::string& key) {
  constexpr std::size_t kTelling = 6;
  for (std::size_t i = 0; i + kTelling <= key.size(); ++i) {
    if (message.find(key.substr(i, kTelling)) != message.npos) return true;
  }
  return false;
}

class Broken : public testing::TestWithParam<std::string> {};

TEST_P(Broken, IsReportedInFullAndAtItsPlace) {
  const std::filesystem::path path = test::kSourceRoot / "tests/unit/config/broken" / (GetParam() + ".yaml");
  const std::string text = read_text(path);
  const auto expected = expectations(text);
  ASSERT_FALSE(expected.empty());
  const Loaded loaded = load_text(text, "broken.yaml");
  EXPECT_FALSE(loaded.config.has_value());

  std::vector<std::string> errors;
  for (const Problem& problem : loaded.problems) {
    if (problem.level == Level::error) errors.push_back(problem.to_string());
  }
  EXPECT_EQ(errors.size(), expected.size()) << all(loaded);
  for (const auto& [where, what] : expected) {
    const std::string prefix = "broken.yaml:" + where + ": error: ";
    const auto match = std::find_if(errors.begin(), errors.end(), [&](const std::string& error) {
      return error.starts_with(prefix) && error.find(what, prefix.size()) != error.npos;
    });
    EXPECT_NE(match, errors.end()) << "no error at " << where << " with: " << what << "\n" << all(loaded);
    if (match != errors.end()) errors.erase(match);
  }
}

TEST_P(Broken, ShowsNothingOfItsKeys) {
  const std::string text = read_text(test::kSourceRoot / "tests/unit/config/broken" / (GetParam() + ".yaml"));
  const std::string messages = all(load_text(text, "broken.yaml"));
  for (const std::string& key : key_material(text))
    EXPECT_FALSE(shows_part_of(messages, key)) << messages;
}

INSTANTIATE_TEST_SUITE_P(Files, Broken, testing::ValuesIn(broken_files()),
                         [](const auto& name) { return name.param; });

TEST(BrokenFiles, AreManyAndHoldKeys) {
  std::size_t with_keys = 0;
  for (const std::string& name : broken_files()) {
    const std::string text = read_text(test::kSourceRoot / "tests/unit/config/broken" / (name + ".yaml"));
    with_keys += key_material(text).empty() ? 0 : 1;
  }
  EXPECT_GE(broken_files().size(), 100u);
  EXPECT_GE(with_keys, 15u) << "the test for keys in messages finds no keys to look for";
}

}  // namespace
}  // namespace causeway::config
