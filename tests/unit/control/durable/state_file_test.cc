#include "control/durable/state_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/control/durable/scratch.h"

namespace causeway::control::durable {
namespace {

class NodeStateFile : public ::testing::Test, protected Scratch {
 protected:
  std::string read() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& text) const { std::ofstream(path, std::ios::binary) << text; }
  std::string error_of_load() const {
    try {
      static_cast<void>(StateFile(path).load());
      return "";
    } catch (const StateError& error) {
      return error.what();
    }
  }
};

TEST_F(NodeStateFile, HasNothingAtFirstAndThenWhatWasStoredLast) {
  const StateFile file(path);
  EXPECT_EQ(file.load(), std::nullopt);
  file.store({7, 4096});
  file.store({7, ~std::uint64_t{0}});
  EXPECT_EQ(file.load(), (NodeState{7, ~std::uint64_t{0}}));
}

TEST_F(NodeStateFile, IsForPeopleToo) {
  StateFile(path).store({7, 4096});
  EXPECT_TRUE(read().starts_with("causeway node state 1\nboot 7\nwatermark 4096\nsum ")) << read();
}

TEST_F(NodeStateFile, RefusesEachShorterFileAndEachThatWasAltered) {
  StateFile(path).store({7, 4096});
  const std::string whole = read();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write(whole.substr(0, size));
    EXPECT_NE(error_of_load().find("is torn or was altered"), std::string::npos) << size;
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string altered = whole;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    write(altered);
    EXPECT_NE(error_of_load(), "") << i;
  }
  write(whole + "\n");
  EXPECT_NE(error_of_load(), "");
  write(std::string(100'000, 'x'));
  EXPECT_NE(error_of_load(), "");
  write(whole);
  EXPECT_EQ(error_of_load(), "");
}

TEST_F(NodeStateFile, SaysWhereAndWhatToDo) {
  write("boot 7\n");
  EXPECT_NE(error_of_load().find(path), std::string::npos);
  EXPECT_NE(error_of_load().find("restore it from a backup"), std::string::npos);
  try {
    const StateFile file(path + "/no/folder");
    FAIL();
  } catch (const StateError& error) {
    EXPECT_NE(std::string(error.what()).find("folder"), std::string::npos) << error.what();
  }
}

// A crash in the midst of storing: the next state is half written, and the old one counts.
TEST_F(NodeStateFile, KeepsTheOldStateUntilTheNextOneIsWhole) {
  const StateFile file(path);
  file.store({7, 4096});
  std::ofstream(path + ".next") << "causeway node st";
  EXPECT_EQ(file.load(), (NodeState{7, 4096}));
  file.store({7, 8192});
  EXPECT_EQ(file.load(), (NodeState{7, 8192}));
  EXPECT_FALSE(std::filesystem::exists(path + ".next"));
}

TEST_F(NodeStateFile, IsOneProcesssOwn) {
  const StateFile file(path);
  EXPECT_THROW(StateFile second(path), StateError);
}

TEST_F(NodeStateFile, EachStartIsABootOfItsOwn) {
  const StateFile file(path);
  EXPECT_EQ(start(file, 1000), (NodeState{1000, 0}));
  file.store({1000, 4096});
  EXPECT_EQ(start(file, 1000), (NodeState{1001, 4096}));
  EXPECT_EQ(start(file, 10), (NodeState{1002, 4096})) << "the clock went back";
  std::filesystem::remove(path);
  EXPECT_EQ(start(file, 2000).boot, 2000U) << "the file was lost";
  EXPECT_EQ(file.load(), (NodeState{2000, 0}));
}

}  // namespace
}  // namespace causeway::control::durable
