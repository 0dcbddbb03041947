// A folder for one test's state file.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace causeway::control::durable {

struct Scratch {
  Scratch() {
    std::string name = std::filesystem::temp_directory_path() / "causeway-state-XXXXXX";
    folder = mkdtemp(name.data());
    path = folder + "/state";
  }
  ~Scratch() { std::filesystem::remove_all(folder); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string folder;
  std::string path;
};

}  // namespace causeway::control::durable
