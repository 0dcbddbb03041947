#include "control/pair/flight.h"

#include <gtest/gtest.h>

namespace causeway::control::pair {
namespace {

Datagram record(std::uint8_t epoch, std::uint8_t sequence) {
  return {22, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, sequence, 0, 1, 7};
}

std::vector<std::uint64_t> sequences(const Datagrams& datagrams) {
  std::vector<std::uint64_t> found;
  for (const Datagram& datagram : datagrams) {
    std::span<const std::uint8_t> rest(datagram);
    while (const auto each = next_record(rest))
      found.push_back(each->sequence);
  }
  return found;
}

TEST(Flight, WhatNothingProtectsGetsNewNumbersEachTime) {
  Flight flight;
  Datagram two = record(0, 5);
  const Datagram other = record(1, 0);
  two.insert(two.end(), other.begin(), other.end());
  EXPECT_TRUE(flight.add(record(0, 4)));
  EXPECT_TRUE(flight.add(two));
  Datagrams out;
  flight.send(out);
  EXPECT_EQ(sequences(out), (std::vector<std::uint64_t>{4, 5, 0}));
  out.clear();
  flight.send(out);
  EXPECT_EQ(sequences(out), (std::vector<std::uint64_t>{6, 7, 0}));
  // OpenSSL counts on from 6 by itself.
  flight.close();
  EXPECT_TRUE(flight.add(record(0, 6)));
  out.clear();
  flight.send(out);
  EXPECT_EQ(sequences(out), (std::vector<std::uint64_t>{8}));
}

TEST(Flight, HasABound) {
  Flight flight;
  for (std::size_t i = 0; i < Flight::kMostDatagrams; ++i)
    EXPECT_TRUE(flight.add(record(0, 1)));
  EXPECT_FALSE(flight.add(record(0, 1)));
  flight.close();
  EXPECT_FALSE(flight.add(Datagram(kMaxDatagramBytes + 1)));
}

}  // namespace
}  // namespace causeway::control::pair
