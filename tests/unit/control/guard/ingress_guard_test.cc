#include "control/guard/ingress_guard.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace causeway::control {
namespace {

class IngressGuardTest : public testing::Test {
 protected:
  IngressGuardTest() {
    std::string name = testing::TempDir() + "guardXXXXXX";
    const char* made = mkdtemp(name.data());
    EXPECT_NE(made, nullptr);
    folder_ = name;
    file_ = folder_ / "guard.yaml";
    config_.signatures = {file_.string()};
    write("first", "^one");
  }
  ~IngressGuardTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& pattern) const {
    std::ofstream(file_) << "signatures:\n  - name: " << name << "\n    class: custom\n    pattern: '"
                         << pattern << "'\n";
  }

  std::unique_ptr<IngressGuard> make() {
    auto compiled = config::compile_signatures(config_.signatures, 2, 1);
    EXPECT_NE(compiled.database, nullptr);
    return std::make_unique<IngressGuard>(config_, compiled.database, 2, 1'000'000'000);
  }

  // Until the reload is over, as Appliance::turn() does: has the set changed?
  static bool reload(IngressGuard& guard) {
    const auto before = guard.current();
    guard.reload();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    bool changed = false;
    while (guard.is_reloading() && std::chrono::steady_clock::now() < deadline) {
      changed |= guard.take_reloaded();
      std::this_thread::yield();
    }
    EXPECT_FALSE(guard.is_reloading());
    EXPECT_EQ(changed, guard.current() != before);
    return changed;
  }

  config::Guard config_;
  std::filesystem::path folder_;
  std::filesystem::path file_;
};

TEST_F(IngressGuardTest, ReadsTheFilesAgain) {
  const auto guard = make();
  write("second", "^two");
  EXPECT_EQ(guard->current()->signatures().at(0).name, "first");
  EXPECT_TRUE(reload(*guard));
  EXPECT_EQ(guard->current()->signatures().at(0).name, "second");
  EXPECT_EQ(guard->current()->generation(), 2u);
  EXPECT_EQ(guard->current()->workers(), 2u);
  write("third", "^three");
  EXPECT_TRUE(reload(*guard));
  EXPECT_EQ(guard->current()->generation(), 3u);
}

TEST_F(IngressGuardTest, KeepsTheSetIfAFileIsBroken) {
  const auto guard = make();
  write("second", "(open");
  EXPECT_FALSE(reload(*guard));
  EXPECT_EQ(guard->current()->signatures().at(0).name, "first");
  std::filesystem::remove(file_);
  EXPECT_FALSE(reload(*guard));
  EXPECT_EQ(guard->current()->signatures().at(0).name, "first");
  write("mended", "^x");
  EXPECT_TRUE(reload(*guard));
  EXPECT_EQ(guard->current()->signatures().at(0).name, "mended");
}

TEST_F(IngressGuardTest, SeesWhatChangesDuringAReload) {
  const auto guard = make();
  write("second", "^two");
  guard->reload();
  write("third", "^three");
  EXPECT_TRUE(reload(*guard));
  EXPECT_EQ(guard->current()->signatures().at(0).name, "third");
}

TEST_F(IngressGuardTest, DoesNothingWhenDisabled) {
  config_.enabled = false;
  IngressGuard guard(config_, nullptr, 1, 1'000'000'000);
  EXPECT_EQ(guard.settings(), nullptr);
  EXPECT_FALSE(reload(guard));
}

TEST_F(IngressGuardTest, HasTheConfigurationsSettingsAndAKeyOfItsOwn) {
  config_.source_rate_per_s = 11;
  config_.source_burst = 12;
  config_.punt_rate_per_s = 13;
  config_.punt_burst = 14;
  config_.samples_per_s = 15;
  const auto one = make();
  const auto other = make();
  ASSERT_NE(one->settings(), nullptr);
  EXPECT_EQ(one->settings()->source.per_s, 11u);
  EXPECT_EQ(one->settings()->source.burst, 12u);
  EXPECT_EQ(one->settings()->punt.per_s, 13u);
  EXPECT_EQ(one->settings()->punt.burst, 14u);
  EXPECT_EQ(one->settings()->samples_per_s, 15u);
  EXPECT_EQ(one->settings()->ticks_per_s, 1'000'000'000u);
  EXPECT_NE(one->settings()->key, other->settings()->key);
}

TEST_F(IngressGuardTest, DescribesASampleInOneLine) {
  const auto guard = make();
  guard::Sample sample;
  sample.generation = 1;
  sample.signature = 0;
  sample.drop = Drop::guard_custom;
  sample.length = 40;
  sample.source = *net::IpAddress::parse("198.51.100.9");
  sample.source_port = 5060;
  sample.destination_port = 20000;
  sample.prefix = {'o', '\n', 0xff};
  sample.prefix_length = 3;
  EXPECT_EQ(describe(sample, *guard->current(), {"wan0"}),
            "guard_custom (first) from 198.51.100.9:5060 to UDP port 20000 on port wan0, 40 bytes: 6f0aff");
  sample.generation = 2;
  EXPECT_NE(describe(sample, *guard->current(), {"wan0"}).find("(a signature of an earlier set)"),
            std::string::npos);
  sample.signature = guard::Sample::kNoSignature;
  sample.drop = Drop::punt_flood;
  EXPECT_EQ(describe(sample, *guard->current(), {"wan0"}), "punt_flood from 198.51.100.9 on port wan0");
  sample.drop = Drop::source_flood;
  sample.prefix_length = 0;
  sample.length = 0;
  EXPECT_EQ(describe(sample, *guard->current(), {}),
            "source_flood from 198.51.100.9:5060 to UDP port 20000 on port ?, 0 bytes");
}

}  // namespace
}  // namespace causeway::control
