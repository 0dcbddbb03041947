// Files of signatures. Each file in broken/ says in its first lines what is wrong with it, and where:
//   # expect: LINE:COLUMN: part of the message

#include "config/guard/signatures.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/config/config_files.h"

namespace causeway::config {
namespace {

const std::filesystem::path kBroken = test::kSourceRoot / "tests/unit/config/guard/broken";

std::vector<std::string> broken_signature_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kBroken))
    names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> lines_of(const std::vector<Problem>& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems)
    lines.push_back(problem.to_string());
  return lines;
}

class BrokenSignatures : public testing::TestWithParam<std::string> {};

TEST_P(BrokenSignatures, AreReportedInFullAndAtTheirPlace) {
  const std::string path = (kBroken / (GetParam() + ".yaml")).string();
  const CompiledSignatures compiled = compile_signatures({path}, 1, 1);
  EXPECT_EQ(compiled.database, nullptr);
  std::vector<std::string> errors = lines_of(compiled.problems);
  std::istringstream lines(test::read_text(path));
  constexpr std::string_view kMark = "# expect: ";
  std::size_t expected = 0;
  for (std::string line; std::getline(lines, line) && line.starts_with(kMark); ++expected) {
    const std::size_t colon = line.find(": ", kMark.size());
    const std::string prefix = path + ":" + line.substr(kMark.size(), colon - kMark.size()) + ": error: ";
    const std::string what = line.substr(colon + 2);
    EXPECT_TRUE(std::ranges::any_of(errors,
                                    [&](const std::string& error) {
                                      return error.starts_with(prefix) &&
                                             error.find(what, prefix.size()) != error.npos;
                                    }))
        << line << "\n"
        << testing::PrintToString(errors);
  }
  EXPECT_GT(expected, 0u);
  EXPECT_EQ(errors.size(), expected) << testing::PrintToString(errors);
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenSignatures, testing::ValuesIn(broken_signature_files()),
                         [](const auto& name) { return name.param; });

TEST(Signatures, HaveAllTheirFields) {
  const LoadedSignatures loaded = load_signatures(R"(signatures:
  - name: own
    class: custom
    pattern: '^a\x00b'
    flags: i
    source_port: 7
    destination_port: 20002
    min_length: 9
  - {name: other, class: sip_scan, pattern: x}
)",
                                                  "own.yaml");
  ASSERT_TRUE(loaded.problems.empty()) << testing::PrintToString(lines_of(loaded.problems));
  ASSERT_EQ(loaded.signatures.size(), 2u);
  const guard::Signature& own = loaded.signatures[0];
  EXPECT_EQ(own.name, "own");
  EXPECT_EQ(own.drop, Drop::guard_custom);
  EXPECT_EQ(own.pattern, "^a\\x00b");
  EXPECT_TRUE(own.caseless);
  EXPECT_EQ(own.source_port, 7);
  EXPECT_EQ(own.destination_port, 20002);
  EXPECT_EQ(own.min_length, 9);
  EXPECT_EQ(own.where.file, "own.yaml");
  EXPECT_EQ(own.where.line, 4);
  EXPECT_EQ(own.where.column, 14);
  const guard::Signature& other = loaded.signatures[1];
  EXPECT_EQ(other.drop, Drop::guard_sip_scan);
  EXPECT_FALSE(other.caseless);
  EXPECT_EQ(other.source_port, 0);
}

TEST(Signatures, OfSeveralFilesAreOneSetInTheirOrder) {
  const std::string own = (kBroken.parent_path() / "own.yaml").string();
  const CompiledSignatures first = compile_signatures({own, std::string(kBuiltin)}, 2, 7);
  ASSERT_NE(first.database, nullptr) << testing::PrintToString(lines_of(first.problems));
  EXPECT_EQ(first.database->signatures().front().name, "own-cookie");
  EXPECT_EQ(first.database->workers(), 2u);
  EXPECT_EQ(first.database->generation(), 7u);
  const CompiledSignatures last = compile_signatures({std::string(kBuiltin), own}, 1, 1);
  ASSERT_NE(last.database, nullptr);
  EXPECT_EQ(last.database->signatures().back().name, "own-cookie");
}

TEST(Signatures, OfTwoFilesWithOneNameAreRefused) {
  const std::string own = (kBroken.parent_path() / "own.yaml").string();
  const CompiledSignatures twice = compile_signatures({own, own}, 1, 1);
  EXPECT_EQ(twice.database, nullptr);
  ASSERT_EQ(twice.problems.size(), 1u);
  EXPECT_NE(twice.problems[0].to_string().find("has the name of that of " + own + ":5"), std::string::npos)
      << twice.problems[0].to_string();
}

TEST(Signatures, OfAnAbsentFileAreAProblem) {
  const CompiledSignatures absent = compile_signatures({"/nowhere/guard.yaml"}, 1, 1);
  EXPECT_EQ(absent.database, nullptr);
  ASSERT_EQ(absent.problems.size(), 1u);
  EXPECT_NE(absent.problems[0].to_string().find("/nowhere/guard.yaml"), std::string::npos);
}

TEST(Signatures, OfNoFileAreAnEmptySet) {
  const CompiledSignatures none = compile_signatures({}, 1, 1);
  ASSERT_NE(none.database, nullptr);
  const std::uint8_t byte = 0;
  EXPECT_EQ(none.database->scan(0, {&byte, 1}, 1, 1), std::nullopt);
}

TEST(Signatures, AreLookedForInTheConfigurationsFolder) {
  const Loaded loaded = load_file((test::kSourceRoot / "tests/unit/config/guard/with_own.yaml").string());
  ASSERT_TRUE(loaded.config.has_value()) << test::all(loaded);
  const std::vector<std::string>& files = loaded.config->guard.signatures;
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0], "builtin");
  EXPECT_EQ(files[1], (test::kSourceRoot / "tests/unit/config/guard/own.yaml").string());
  EXPECT_EQ(files[2], "/etc/causeway/guard.yaml");
}

}  // namespace
}  // namespace causeway::config
