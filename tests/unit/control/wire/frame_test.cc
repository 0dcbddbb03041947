#include "control/wire/frame.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace causeway::control::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr FrameHeader kHeader{.from = 3, .flow = 2, .boot = 7, .to_boot = 9, .sequence = 11};

Bytes frame_of(std::initializer_list<Bytes> bodies) {
  FrameBuilder builder;
  for (const Bytes& body : bodies)
    EXPECT_TRUE(builder.add(RecordType::beat, [&](Writer& writer) { writer.bytes(body); }));
  const auto frame = builder.finish(kHeader);
  return {frame.begin(), frame.end()};
}

FrameError error_of(const Bytes& bytes) {
  FrameHeader header;
  std::span<const std::uint8_t> records;
  return read_frame(bytes, header, records);
}

TEST(Frame, IsReadAsItWasWritten) {
  const Bytes bytes = frame_of({{1, 2, 3}, {}, {4}});
  FrameHeader header;
  std::span<const std::uint8_t> records;
  ASSERT_EQ(read_frame(bytes, header, records), FrameError::none);
  EXPECT_EQ(header.from, 3);
  EXPECT_EQ(header.flow, 2);
  EXPECT_EQ(header.boot, 7U);
  EXPECT_EQ(header.to_boot, 9U);
  EXPECT_EQ(header.sequence, 11U);
  std::vector<std::size_t> sizes;
  while (const auto record = next(records))
    sizes.push_back(record->body.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 0, 1}));
}

TEST(Frame, TakesRecordsUntilOneDoesNotFit) {
  FrameBuilder builder;
  const Bytes body(kMaxRecordBytes);
  const auto add = [&](std::size_t size) {
    return builder.add(RecordType::beat, [&](Writer& writer) { writer.bytes(std::span(body).first(size)); });
  };
  EXPECT_FALSE(builder.add(RecordType::beat, [&](Writer& writer) {
    writer.bytes(body);
    writer.u8(0);
  }));
  EXPECT_TRUE(builder.empty());
  EXPECT_TRUE(add(kMaxRecordBytes));
  EXPECT_FALSE(add(0));
  EXPECT_EQ(builder.finish(kHeader).size(), kMaxPlainBytes);
  builder.clear();
  EXPECT_TRUE(add(0));
}

TEST(Frame, EachCutOfItIsRefusedOrShorter) {
  const Bytes bytes = frame_of({{1, 2, 3}, {4}});
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const FrameError error = error_of({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)});
    const bool between_records = length == kHeaderBytes || length == kHeaderBytes + 6;
    EXPECT_EQ(error == FrameError::none, between_records) << length;
  }
}

TEST(Frame, EachHeaderThatCannotBeIsNamed) {
  struct Case {
    std::size_t offset;
    std::size_t length;
    std::uint8_t value;
    FrameError error;
  };
  const Case cases[] = {
      {0, 1, 2, FrameError::version},  {1, 1, 128, FrameError::sender},  {2, 1, 8, FrameError::flow},
      {4, 8, 0, FrameError::sequence}, {20, 8, 0, FrameError::sequence}, {29, 1, 1, FrameError::record},
  };
  for (const Case& wrong : cases) {
    Bytes bytes = frame_of({{1, 2, 3}});
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(wrong.offset), wrong.length, wrong.value);
    EXPECT_EQ(error_of(bytes), wrong.error) << wrong.offset;
  }
  EXPECT_EQ(error_of(Bytes(kMaxPlainBytes + 1, 1)), FrameError::too_long);
}

TEST(Reader, AFailureSticks) {
  const Bytes bytes{1, 2, 3};
  Reader reader(bytes);
  EXPECT_EQ(reader.u16(), 0x0102);
  EXPECT_EQ(reader.u16(), 0);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_FALSE(reader.done());
}

}  // namespace
}  // namespace causeway::control::wire
