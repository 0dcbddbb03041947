#include "control/durable/state_writer.h"

#include <filesystem>
#include <poll.h>

#include <gtest/gtest.h>

#include "tests/unit/control/durable/scratch.h"

namespace causeway::control::durable {
namespace {

class Writer : public ::testing::Test, protected Scratch {
 protected:
  // As the control thread's loop does: until the writer has news, for a minute at most.
  static bool has_news(const StateWriter& writer) {
    pollfd wake{writer.fd(), POLLIN, 0};
    return poll(&wake, 1, 60'000) == 1;
  }
};

TEST_F(Writer, SaysWhatIsOnDisk) {
  const StateFile file(path);
  StateWriter writer(file, {7, 0});
  EXPECT_EQ(writer.take_written(), std::nullopt);
  writer.request(4096);
  ASSERT_TRUE(has_news(writer));
  EXPECT_EQ(writer.take_written(), 4096U);
  EXPECT_EQ(file.load(), (NodeState{7, 4096}));
  EXPECT_EQ(writer.take_written(), std::nullopt);
}

TEST_F(Writer, OfManyRequestsWritesTheHighestAtLast) {
  const StateFile file(path);
  StateWriter writer(file, {7, 0});
  for (Stamp watermark = 1; watermark <= 10'000; ++watermark)
    writer.request(watermark);
  writer.request(5);
  Stamp written = 0;
  while (written < 10'000) {
    ASSERT_TRUE(has_news(writer));
    const Stamp now = writer.take_written().value_or(written);
    EXPECT_GE(now, written);
    written = now;
  }
  EXPECT_EQ(file.load()->watermark, 10'000U);
}

// What is not on disk is never said to be, and a disk that works again is enough.
TEST_F(Writer, SaysOnceWhyItCannotWriteAndTriesAgain) {
  const StateFile file(path);
  StateWriter writer(file, {7, 0});
  std::filesystem::create_directory(path + ".next");  // nobody can write that, not even root
  writer.request(4096);
  ASSERT_TRUE(has_news(writer));
  EXPECT_EQ(writer.take_written(), std::nullopt);
  const auto error = writer.take_error();
  ASSERT_TRUE(error);
  EXPECT_NE(error->find(path + ".next"), std::string::npos) << *error;
  std::filesystem::remove(path + ".next");
  ASSERT_TRUE(has_news(writer));
  EXPECT_EQ(writer.take_written(), 4096U);
  EXPECT_EQ(writer.take_error(), std::nullopt);
}

TEST_F(Writer, EndsWhileTheDiskCannotBeWritten) {
  const StateFile file(path);
  std::filesystem::create_directory(path + ".next");
  StateWriter writer(file, {7, 0});
  writer.request(4096);
  ASSERT_TRUE(has_news(writer));
}

}  // namespace
}  // namespace causeway::control::durable
