#include "control/fleet/pair_keys.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace causeway::control::fleet {
namespace {

const std::vector<std::uint8_t> kFleetKey(32, 7);

TEST(PairKey, IsThatOfThePairWhoeverIsNamedFirstAndOfNoOtherPair) {
  EXPECT_EQ(pair_key(kFleetKey, 1, 2), pair_key(kFleetKey, 2, 1));
  EXPECT_NE(pair_key(kFleetKey, 1, 2), pair_key(kFleetKey, 1, 3));
  EXPECT_NE(pair_key(kFleetKey, 1, 2), pair_key(std::vector<std::uint8_t>(32, 8), 1, 2));
}

TEST(MediaKeys, AreOthersForEachDirectionAndEachBootOfEitherEnd) {
  const wire::PairKey pair = pair_key(kFleetKey, 1, 2);
  std::set<std::vector<std::uint8_t>> seen;
  for (const auto& [from, to] : {std::pair<NodeId, NodeId>{1, 2}, {2, 1}}) {
    for (const BootId from_boot : {10U, 11U}) {
      for (const BootId to_boot : {10U, 11U}) {
        const config::Crypto crypto = media_keys(pair, from, from_boot, to, to_boot);
        EXPECT_EQ(crypto.suite, srtp::Suite::aead_aes_128_gcm);
        EXPECT_EQ(crypto.key.bytes().size(), srtp::info(crypto.suite).key_length);
        EXPECT_EQ(crypto.salt.bytes().size(), srtp::info(crypto.suite).salt_length);
        seen.insert({crypto.key.bytes().begin(), crypto.key.bytes().end()});
      }
    }
  }
  EXPECT_EQ(seen.size(), 8U);
}

}  // namespace
}  // namespace causeway::control::fleet
