#include "control/session/descriptions.h"

#include <gtest/gtest.h>

#include "control/wire/frame.h"

namespace causeway::control::session {
namespace {

TrackRecord record_of(const std::string& id, std::size_t layers, std::size_t name_length = 3) {
  config::Track track{.id = id, .transport = ""};
  for (std::size_t i = 0; i < layers; ++i)
    track.layers.push_back({.name = std::string(name_length, static_cast<char>('a' + i)), .ssrc = 7});
  track.priority = Priority::high;
  TrackRecord record{.key = track_key(id)};
  record.described.emplace(track);
  return record;
}

TEST(Description, SaysWhatATrackLooksLike) {
  const auto info = read_description(write_description(record_of("room/cam", 3)));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->id, "room/cam");
  EXPECT_EQ(info->priority, Priority::high);
  EXPECT_EQ(info->layers, (std::vector<std::string>{"aaa", "bbb", "ccc"}));
}

TEST(Description, TheLongestFitsIntoARecord) {
  const auto body = write_description(record_of(std::string(64, 't'), config::kMaxLayersPerTrack, 64));
  EXPECT_FALSE(body.empty());
  EXPECT_LE(body.size(), wire::kMaxRecordBytes);
  EXPECT_TRUE(read_description(body));
}

TEST(Description, OfATrackThatNobodyDescribedIsNotWritten) {
  EXPECT_TRUE(write_description(TrackRecord{.key = track_key("t")}).empty());
}

TEST(Description, WhatIsTornOrContradictsItselfIsNone) {
  const auto body = write_description(record_of("room/cam", 3));
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_FALSE(read_description(std::span(body).first(size))) << size;
  auto other_key = body;
  other_key[0] ^= 1;
  EXPECT_FALSE(read_description(other_key));
  auto other_priority = body;
  other_priority[16] = kPriorities;
  EXPECT_FALSE(read_description(other_priority));
}

TEST(Description, ALaterVersionMayAppend) {
  auto body = write_description(record_of("room/cam", 1));
  body.push_back(1);
  EXPECT_TRUE(read_description(body));
  auto request = write_describe_request(track_key("room/cam"));
  request.push_back(1);
  EXPECT_EQ(read_describe_request(request), track_key("room/cam"));
  EXPECT_FALSE(read_describe_request(std::span(request).first(15)));
}

TEST(Descriptions, AskAtOnceAndAgainUntilTheTrackLacksNothing) {
  Descriptions descriptions;
  const TrackKey key = track_key("t");
  descriptions.lack(key, {2, 3});
  EXPECT_TRUE(descriptions.is_lacking(key));
  const auto first = descriptions.due(1'000'000);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].to, 2);
  EXPECT_EQ(first[1].to, 3);
  EXPECT_TRUE(descriptions.due(1'010'000).empty());
  EXPECT_EQ(descriptions.due(1'050'000).size(), 2U);
  EXPECT_EQ(descriptions.due(1'100'000).size(), 2U);
  EXPECT_TRUE(descriptions.due(1'200'000).empty()) << "then more slowly";
  EXPECT_EQ(descriptions.due(1'400'000).size(), 2U);
  descriptions.lack(key, {4});
  EXPECT_EQ(descriptions.due(1'400'001).size(), 1U) << "another one is asked at once";
  descriptions.lack(key, {});
  EXPECT_FALSE(descriptions.is_lacking(key));
  EXPECT_TRUE(descriptions.due(9'000'000).empty());
}

TEST(Descriptions, AreForgottenAMinuteAfterTheirLastUse) {
  Descriptions descriptions;
  const TrackKey used = track_key("used");
  const TrackKey unused = track_key("unused");
  descriptions.learned(used, 0);
  descriptions.learned(unused, 0);
  const auto is_used = [&](const TrackKey& key) { return key == used; };
  for (TimeUs now_us = 0; now_us < 60'000'000; now_us += 1'000'000)
    ASSERT_TRUE(descriptions.unused(now_us, is_used).empty());
  EXPECT_EQ(descriptions.unused(60'000'000, is_used), std::vector<TrackKey>{unused});
  EXPECT_TRUE(descriptions.unused(61'000'000, is_used).empty());
}

TEST(Descriptions, OfVeryManyAreLookedAtInTurn) {
  Descriptions descriptions;
  for (int i = 0; i < 1000; ++i)
    descriptions.learned(track_key(std::to_string(i)), 0);
  std::size_t forgotten = 0;
  for (int call = 0; call < 8; ++call)
    forgotten += descriptions.unused(60'000'000, [](const TrackKey&) { return false; }).size();
  EXPECT_EQ(forgotten, 1000U);
}

}  // namespace
}  // namespace causeway::control::session
