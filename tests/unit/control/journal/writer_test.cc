// The journal's file with a real file system and a real thread.
#include "control/journal/writer.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "control/journal/file.h"
#include "control/journal/reader.h"

namespace causeway::control {
namespace {

using namespace std::chrono_literals;

class Journals : public testing::Test {
 protected:
  Journals() : folder_(testing::TempDir() + "causeway-journal-" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_);
    path = folder_ + "/n.journal";
  }
  ~Journals() override { std::filesystem::remove_all(folder_); }

  static Record record(std::int64_t at_ms, const std::string& text = "") {
    return {.at_ms = at_ms, .kind = "lie", .severity = "warning", .text = text};
  }
  void write(std::int64_t from, std::int64_t to, std::uint64_t most_bytes = 1 << 20) const {
    JournalWriter writer({.path = path, .most_bytes = most_bytes});
    for (std::int64_t at = from; at < to; ++at)
      writer.add(record(at));
  }
  std::vector<std::int64_t> times(const JournalQuery& query) const {
    std::vector<std::int64_t> all;
    for (const std::string& line : read_journal(path, query).lines)
      all.push_back(parse_line(line)->at_ms);
    return all;
  }
  static bool soon(const std::function<bool()>& holds) {
    for (int i = 0; i < 1000 && !holds(); ++i)
      std::this_thread::sleep_for(5ms);
    return holds();
  }

  std::string folder_;
  std::string path;
};

TEST_F(Journals, AreReadInOrder) {
  write(0, 50);
  write(50, 100);  // the node started again
  const JournalPage page = read_journal(path, {.limit = 1000, .after = {}});
  ASSERT_EQ(page.lines.size(), 100U);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(parse_line(page.lines[i])->number, i + 1);
    EXPECT_EQ(parse_line(page.lines[i])->at_ms, static_cast<std::int64_t>(i));
  }
  EXPECT_EQ(page.torn, 0U);
}

TEST_F(Journals, AreReadInParts) {
  write(0, 10);
  using Times = std::vector<std::int64_t>;
  EXPECT_EQ(times({.limit = 3, .after = {}}), (Times{7, 8, 9}));
  EXPECT_EQ(times({.from_ms = 2, .to_ms = 5, .limit = 2, .after = {}}), (Times{4, 5}));
  EXPECT_EQ(times({.limit = 3, .after = 0}), (Times{0, 1, 2}));
  EXPECT_EQ(times({.limit = 3, .after = 8}), (Times{8, 9}));
  EXPECT_TRUE(read_journal(path, {.limit = 3, .after = {}}).has_earlier);
  EXPECT_TRUE(read_journal(path, {.limit = 3, .after = 0}).has_later);
  EXPECT_FALSE(read_journal(path, {.limit = 3, .after = 7}).has_later);
}

TEST_F(Journals, GoOnAfterATornLine) {
  write(0, 3);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 20);
  EXPECT_EQ(times({.after = {}}), (std::vector<std::int64_t>{0, 1}));
  write(7, 8);
  const JournalPage page = read_journal(path, {.after = {}});
  EXPECT_EQ(page.torn, 1U);
  EXPECT_EQ(times({.after = {}}), (std::vector<std::int64_t>{0, 1, 7}));
}

TEST_F(Journals, SurviveWhatIsNoJournal) {
  std::ofstream(path) << std::string(1 << 20, 'x') << "\n\n{}\n{\"number\":1,\"at_ms\":2}\n"
                      << std::string(5, '\0');
  write(5, 6);
  const JournalPage page = read_journal(path, {.after = {}});
  ASSERT_EQ(page.lines.size(), 1U);
  EXPECT_EQ(page.torn, 5U);
}

TEST_F(Journals, StayWithinTheirSize) {
  constexpr std::uint64_t kMost = 8192;
  for (std::int64_t at = 0; at < 400; at += 40) {
    write(at, at + 40, kMost);
    std::uint64_t size = std::filesystem::file_size(path);
    if (std::filesystem::exists(older_journal(path))) size += std::filesystem::file_size(older_journal(path));
    EXPECT_LE(size, kMost);
  }
  const std::vector<std::int64_t> kept = times({.limit = 1000, .after = {}});
  ASSERT_GT(kept.size(), 25U);  // half of the size is full of them
  for (std::size_t i = 0; i < kept.size(); ++i)
    EXPECT_EQ(kept[i], 400 - static_cast<std::int64_t>(kept.size() - i));
}

TEST_F(Journals, WaitForRoomOnTheDiskAndSayWhatWasLost) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit little{1000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &little);
  {
    JournalWriter writer({.path = path, .waiting = 10, .retry_interval = 20ms});
    std::int64_t at = 0;
    ASSERT_TRUE(soon([&] {
      writer.add(record(at++));
      return writer.counters().failures > 2 && writer.counters().lost > 3;
    }));
    const auto error = writer.take_error();
    ASSERT_TRUE(error);
    EXPECT_NE(error->find(path), std::string::npos);
    EXPECT_FALSE(writer.take_error());  // once
    const std::uint64_t lost = writer.counters().lost;
    setrlimit(RLIMIT_FSIZE, &before);
    ASSERT_TRUE(soon([&] { return writer.counters().written == static_cast<std::uint64_t>(at) - lost; }));
    writer.add(record(1'000'000));
    ASSERT_TRUE(soon([&] { return writer.counters().written == static_cast<std::uint64_t>(at) - lost + 1; }));
    const JournalPage page = read_journal(path, {.limit = 1000, .after = {}});
    EXPECT_EQ(page.torn, 0U);
    std::uint64_t said = 0;
    for (const std::string& line : page.lines)
      said += parse_line(line)->lost;
    EXPECT_EQ(said, lost);
  }
  std::signal(SIGXFSZ, SIG_DFL);
}

TEST_F(Journals, OfAFolderThatIsNotThereAreTriedAgain) {
  std::filesystem::remove_all(folder_);
  JournalWriter writer({.path = path, .retry_interval = 20ms});
  writer.add(record(1));
  ASSERT_TRUE(soon([&] { return writer.counters().failures > 1; }));
  std::filesystem::create_directories(folder_);
  EXPECT_TRUE(soon([&] { return writer.counters().written == 1; }));
}

TEST_F(Journals, ThatAreNotThereHaveNoLines) {
  const JournalPage page = read_journal(path, {.after = {}});
  EXPECT_TRUE(page.lines.empty());
  EXPECT_EQ(page.problem, "");
  EXPECT_NE(read_journal(folder_, {.after = {}}).problem, "");
}

}  // namespace
}  // namespace causeway::control
