#include <filesystem>
#include <gmock/gmock.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "config/load.h"
#include "tests/unit/config/config_files.h"

namespace causeway::config {
namespace {

using test::all;

using testing::HasSubstr;
using testing::Not;

const std::string kLine = "inline:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHA==";
const std::string kSend = "{suite: AEAD_AES_128_GCM, key_file: keys/a}";

// Loads a configuration whose key file, relative to it, is as given.
Loaded load_with_key_file(const test::Folder& folder, const std::string& content, unsigned mode = 0600) {
  folder.write("keys/a", content, mode);
  return load_file(folder.write("x.yaml", test::with_send(kSend), 0644));
}

TEST(KeyFile, IsFoundBesideTheConfiguration) {
  const test::Folder folder;
  for (const char* end : {"", "\n"}) {
    const Loaded loaded = load_with_key_file(folder, kLine + end);
    ASSERT_TRUE(loaded.config.has_value()) << all(loaded);
    EXPECT_TRUE(loaded.problems.empty()) << "the configuration holds no key itself: " << all(loaded);
    EXPECT_EQ(loaded.config->transports[0].send->key.bytes()[15], 16);
    EXPECT_EQ(loaded.config->transports[0].send->salt.bytes()[0], 17);
  }
}

TEST(KeyFile, MayBeNamedByAnAbsolutePathOrALink) {
  const test::Folder folder;
  const auto key = folder.write("key", kLine);
  std::filesystem::create_symlink(key, folder.path() / "link");
  for (const std::string& name : {key.string(), (folder.path() / "link").string()}) {
    const Loaded loaded =
        load_text(test::with_send("{suite: AEAD_AES_128_GCM, key_file: " + name + "}"), "x.yaml");
    EXPECT_TRUE(loaded.config.has_value()) << all(loaded);
  }
}

TEST(KeyFile, MustBeClosedToGroupAndOthers) {
  const test::Folder folder;
  for (const unsigned mode : {0640u, 0604u, 0620u, 0601u, 0777u}) {
    const Loaded loaded = load_with_key_file(folder, kLine, mode);
    EXPECT_FALSE(loaded.config.has_value());
    const std::string path = (folder.path() / "keys/a").string();
    EXPECT_THAT(all(loaded), HasSubstr("x.yaml:13:47: error: transports[0].send.key_file: "));
    EXPECT_THAT(all(loaded), HasSubstr("is open to group or others; chmod 600 " + path));
    EXPECT_THAT(all(loaded), Not(HasSubstr("AQIDBAUG")));
  }
  EXPECT_TRUE(load_with_key_file(folder, kLine, 0400).config.has_value());
}

TEST(KeyFile, MustBelongToRootOrUs) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const test::Folder folder;
  const auto path = folder.write("keys/a", kLine);
  ASSERT_EQ(chown(path.c_str(), 65534, 65534), 0);
  const Loaded loaded = load_file(folder.write("x.yaml", test::with_send(kSend)));
  EXPECT_THAT(all(loaded), HasSubstr("belongs to another user; chown root " + path.string()));
}

TEST(KeyFile, MustBeARegularFile) {
  const test::Folder folder;
  std::filesystem::create_directory(folder.path() / "keys");
  const std::string path = folder.path() / "keys/a";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const Loaded loaded = load_file(folder.write("x.yaml", test::with_send(kSend)));
  EXPECT_THAT(all(loaded), HasSubstr("is not a regular file"));
}

TEST(KeyFile, HoldsOneLineWithOneKey) {
  const test::Folder folder;
  const struct {
    std::string content;
    const char* error;
  } kCases[] = {
      {"", "does not begin with \"inline:\""},
      {kLine.substr(7), "does not begin with \"inline:\""},
      {kLine + "\n\n", "has more than one line"},
      {kLine + "\n" + kLine, "has more than one line"},
      {kLine + "\r\n", "is not valid base64 of 28 bytes"},
      {kLine + " ", "is not valid base64 of 28 bytes"},
      {kLine.substr(0, 27), "holds 15 bytes, but AEAD_AES_128_GCM takes 28"},
      {std::string(5000, 'x'), "is longer than 4096 bytes"},
  };
  for (const auto& test_case : kCases) {
    const Loaded loaded = load_with_key_file(folder, test_case.content);
    EXPECT_THAT(all(loaded), HasSubstr(test_case.error));
    EXPECT_THAT(all(loaded), Not(HasSubstr("AQIDBAUG")));
  }
}

TEST(KeyFile, IsComparedWithOtherKeys) {
  const test::Folder folder;
  folder.write("keys/a", kLine);
  const std::string text =
      test::with_send(kSend) + "    receive: {suite: AEAD_AES_128_GCM, key: \"" + kLine + "\"}\n";
  const Loaded loaded = load_file(folder.write("x.yaml", text));
  EXPECT_THAT(all(loaded), HasSubstr("transports[0].receive: has the key and salt of transports[0].send"));
}

// ---- the fleet's

const std::string kFleetLine = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

Loaded load_with_fleet_key(const test::Folder& folder, const std::string& content, unsigned mode = 0600) {
  folder.write("fleet.key", content, mode);
  return load_file(folder.write("x.yaml",
                                test::kMinimal +
                                    "fleet:\n"
                                    "  key_file: fleet.key\n"
                                    "  nodes: [{id: 0, name: n, site: s, endpoint: \"10.0.0.1:19000\"}]\n",
                                0644));
}

TEST(FleetKeyFile, HoldsBase64Of32Bytes) {
  const test::Folder folder;
  for (const char* end : {"", "\n"}) {
    const Loaded loaded = load_with_fleet_key(folder, kFleetLine + end);
    ASSERT_TRUE(loaded.config.has_value()) << all(loaded);
    const auto bytes = loaded.config->fleet.key.bytes();
    ASSERT_EQ(bytes.size(), 32U);
    EXPECT_EQ(bytes[31], 31);
  }
}

TEST(FleetKeyFile, WhatIsNoKeyIsRefusedAndNotShown) {
  const test::Folder folder;
  for (const std::string& text :
       {std::string(), std::string("AAECAwQFBgcICQoLDA0ODw==\n"),
        std::string("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n"),  // bits behind the last byte
        kFleetLine + "\n\n", std::string(43, 'A') + "=\n"}) {
    const Loaded loaded = load_with_fleet_key(folder, text);
    EXPECT_FALSE(loaded.config.has_value()) << text;
    EXPECT_THAT(all(loaded), HasSubstr("x.yaml:9:13: error: fleet.key_file: ")) << text;
    EXPECT_THAT(all(loaded), Not(HasSubstr("AAECAwQF")));
  }
  const Loaded open = load_with_fleet_key(folder, kFleetLine, 0644);
  EXPECT_THAT(all(open), HasSubstr("is open to group or others; chmod 600 "));
}

}  // namespace
}  // namespace causeway::config
