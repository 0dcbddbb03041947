// The built-in set against what really arrives: each class's payloads are known, and media is not.

#include <set>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "config/guard/signatures.h"
#include "tests/unit/dataplane/guard/payloads.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::config {
namespace {

using guard::test::Innocent;
using guard::test::Payload;

const guard::Database& builtin() {
  static const CompiledSignatures compiled = compile_signatures({std::string(kBuiltin)}, 1, 1);
  EXPECT_NE(compiled.database, nullptr) << compiled.problems.at(0).to_string();
  return *compiled.database;
}

std::string found(const std::string& payload, std::uint16_t source_port) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size());
  const auto signature = builtin().scan(0, bytes, source_port, 20000);
  return signature ? builtin().signatures()[*signature].name : "nothing";
}

TEST(BuiltinSignatures, KnowWhatStrangersSend) {
  for (const Payload& payload : guard::test::hostile_payloads()) {
    EXPECT_EQ(found(payload.bytes, payload.source_port), payload.signature);
    for (const guard::Signature& signature : builtin().signatures()) {
      if (signature.name == payload.signature) {
        EXPECT_EQ(signature.drop, payload.drop) << payload.signature;
      }
    }
  }
}

TEST(BuiltinSignatures, AreAllTested) {
  std::set<std::string_view> tested;
  for (const Payload& payload : guard::test::hostile_payloads())
    tested.insert(payload.signature);
  for (const guard::Signature& signature : builtin().signatures())
    EXPECT_TRUE(tested.contains(signature.name)) << signature.name;
}

TEST(BuiltinSignatures, CoverEveryClassButTheOperatorsOwn) {
  std::set<Drop> covered;
  for (const guard::Signature& signature : builtin().signatures())
    covered.insert(signature.drop);
  for (const auto& [name, drop] : guard::classes())
    EXPECT_EQ(covered.contains(drop), drop != Drop::guard_custom) << name;
}

TEST(BuiltinSignatures, WantTheServicesPort) {
  for (const Payload& payload : guard::test::hostile_payloads()) {
    for (const guard::Signature& signature : builtin().signatures()) {
      if (signature.name != payload.signature || signature.source_port == 0) continue;
      EXPECT_NE(found(payload.bytes, 40000), payload.signature);
    }
  }
}

TEST(BuiltinSignatures, DoNotTakeMediaForAnything) {
  const std::uint64_t seed = test::seed();
  SCOPED_TRACE("CAUSEWAY_SEED=" + std::to_string(seed));
  Innocent innocent(seed);
  std::set<std::uint16_t> services;
  for (const guard::Signature& signature : builtin().signatures())
    services.insert(signature.source_port);
  for (int i = 0; i < 4000; ++i) {
    for (const std::string& payload :
         {innocent.rtp(), innocent.rtcp(), innocent.dtls(), innocent.quic(), innocent.zrtp()}) {
      std::uint16_t port = innocent.port();
      while (services.contains(port))
        port = innocent.port();
      ASSERT_EQ(found(payload, port), "nothing") << testing::PrintToString(payload.substr(0, 32));
    }
  }
}

// Silence and tones are no random bytes.
TEST(BuiltinSignatures, DoNotTakeUniformMediaForAnything) {
  for (int value = 0; value < 256; ++value) {
    const std::string header = guard::test::hex("80 00 00 01 00 00 00 a0 12 34 56 78");
    ASSERT_EQ(found(header + std::string(160, static_cast<char>(value)), 40000), "nothing") << value;
  }
}

// RTP from the ports of services: only what has their form is theirs.
TEST(BuiltinSignatures, TakeHardlyAnyMediaFromAServicesPort) {
  Innocent innocent(test::seed());
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{53, 389, 161, 111, 1900, 11211}) {
    int taken = 0;
    for (int i = 0; i < 1000; ++i)
      taken += found(innocent.rtp(), port) == "nothing" ? 0 : 1;
    EXPECT_LE(taken, 10) << port;
  }
}

}  // namespace
}  // namespace causeway::config
