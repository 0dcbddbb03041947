// Files and texts for the tests of config/.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "config/load.h"

namespace causeway::config::test {

inline const std::filesystem::path kSourceRoot = CAUSEWAY_SOURCE_ROOT;

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Everything that was found, for a failing test.
inline std::string all(const Loaded& loaded) {
  std::string text;
  for (const Problem& problem : loaded.problems)
    text += problem.to_string() + "\n";
  return text;
}

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "causeway-config-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::filesystem::path write(const std::string& name, const std::string& text, unsigned mode = 0600) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
    return file;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The least that is a configuration.
inline const std::string kMinimal =
    "sites: [{name: s}]\n"
    "node: {name: n, site: s}\n"
    "ports:\n"
    "  - name: p0\n"
    "    device: net_null0\n"
    "    addresses: [10.0.0.1/24]\n"
    "    exception_interface: cw0\n";

// The same with a transport `a` whose `send` is the given text.
inline std::string with_send(const std::string& send) {
  return kMinimal +
         "transports:\n"
         "  - name: a\n"
         "    port: p0\n"
         "    local: 10.0.0.1:20000\n"
         "    remote: 10.0.0.2:5004\n"
         "    send: " +
         send + "\n";
}

}  // namespace causeway::config::test
