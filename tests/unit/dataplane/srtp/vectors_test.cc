// The packet vectors of the RFCs, which start from session keys.
#include <algorithm>

#include <gtest/gtest.h>

#include "dataplane/srtp/ipsec_mb_engine.h"
#include "support.h"

namespace causeway::srtp {
namespace {

// The same secrets for SRTP and SRTCP.
std::unique_ptr<SessionKeys> keys_from(const IpsecMbEngine& engine, Suite suite, const Bytes& key,
                                       const Bytes& salt) {
  SessionSecrets secrets;
  std::copy(key.begin(), key.end(), secrets.encryption_key.begin());
  std::copy(salt.begin(), salt.end(), secrets.salt.begin());
  return engine.expand_session(suite, secrets, secrets);
}

struct KeystreamCase {
  const char* name;
  Suite suite;
  Bytes key;
  Bytes keystream;
};

// The keystream is what zeros are enciphered to at SSRC 0, index 0.
TEST(RfcVectors, CounterModeKeystream) {
  const KeystreamCase cases[] = {
      {"RFC 3711, B.2", Suite::aes_cm_128_hmac_sha1_80, hex({"2B7E151628AED2A6ABF7158809CF4F3C"}),
       hex({"E03EAD0935C95E80E166B16DD92B4EB4", "D23513162B02D0F72A43A2FE4A5F97AB",
            "41E95B3BB0A2E8DD477901E4FCA894C0"})},
      {"RFC 6188, 7.1", Suite::aes_256_cm_hmac_sha1_80,
       hex({"57f82fe3613fd170a85ec93c40b1f092", "2ec4cb0dc025b58272147cc438944a98"}),
       hex({"92bdd28a93c3f52511c677d08b5515a4", "9da71b2378a854f67050756ded165bac",
            "63c4868b7096d88421b563b8c94c9a31"})},
  };
  IpsecMbEngine engine(Isa::best);
  for (const KeystreamCase& c : cases) {
    const auto keys = keys_from(engine, c.suite, c.key, hex({"F0F1F2F3F4F5F6F7F8F9FAFBFCFD"}));
    const Bytes zeros(c.keystream.size());
    Bytes packet(12 + zeros.size() + kMaxRtpOverhead);
    SealJob job{.keys = keys.get(),
                .payload = zeros.data(),
                .payload_length = static_cast<std::uint32_t>(zeros.size()),
                .packet = packet.data(),
                .header_length = 12,
                .index = 0};
    engine.seal_rtp({&job, 1});
    ASSERT_EQ(job.length, 12 + zeros.size() + 10) << c.name;
    EXPECT_TRUE(std::equal(c.keystream.begin(), c.keystream.end(), packet.begin() + 12)) << c.name;
  }
}

enum class Direction { both, open_only };

struct PacketCase {
  const char* name;
  Suite suite;
  bool rtcp;
  Direction direction;  // tagging without encryption is only ever received
  Bytes plain;
  Bytes sealed;
};

std::vector<PacketCase> gcm_cases() {
  const Bytes rtp = hex({"8040f17b 8041f8d3 5501a0b2 47616c6c", "69612065 7374206f 6d6e6973 20646976",
                         "69736120 696e2070 61727465 73207472", "6573"});
  const Bytes rtcp = hex({"81c8000d 4d617273 4e545031 4e545032", "52545020 0000042a 0000e930 4c756e61",
                          "deadbeef deadbeef deadbeef deadbeef", "deadbeef"});
  return {
      {"RFC 7714, 16.1.1 and 16.1.2", Suite::aead_aes_128_gcm, false, Direction::both, rtp,
       hex({"8040f17b 8041f8d3 5501a0b2 f24de3a3", "fb34de6c acba861c 9d7e4bca be633bd5",
            "0d294e6f 42a5f47a 51c7d19b 36de3adf", "8833899d 7f27beb1 6a9152cf 765ee439 0cce"})},
      {"RFC 7714, 16.2.1 and 16.2.2", Suite::aead_aes_256_gcm, false, Direction::both, rtp,
       hex({"8040f17b 8041f8d3 5501a0b2 32b1de78", "a822fe12 ef9f78fa 332e33aa b1801238",
            "9a58e2f3 b50b2a02 76ffae0f 1ba63799", "b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13"})},
      {"RFC 7714, 17.1", Suite::aead_aes_128_gcm, true, Direction::both, rtcp,
       hex({"81c8000d 4d617273 63e94885 dcdab67c", "a727d766 2f6b7e99 7ff5c0f7 6c06f32d",
            "c676a5f1 730d6fda 4ce09b46 86303ded", "0bb9275b c84aa458 96cf4d2f c5abf872",
            "45d9eade 800005d4"})},
      {"RFC 7714, 17.2", Suite::aead_aes_256_gcm, true, Direction::both, rtcp,
       hex({"81c8000d 4d617273 d50ae4d1 f5ce5d30", "4ba297e4 7d470c28 2c3ece5d bffe0a50",
            "a2eaa5c1 110555be 8415f658 c61de047", "6f1b6fad 1d1eb30c 4446839f 57ff6f6c",
            "b26ac3be 800005d4"})},
      {"RFC 7714, 17.3", Suite::aead_aes_128_gcm, true, Direction::open_only, rtcp,
       hex({"81c8000d 4d617273 4e545031 4e545032", "52545020 0000042a 0000e930 4c756e61",
            "deadbeef deadbeef deadbeef deadbeef", "deadbeef 841dd968 3dd78ec9 2ae58790",
            "125f62b3 000005d4"})},
      {"RFC 7714, 17.4", Suite::aead_aes_256_gcm, true, Direction::open_only, rtcp,
       hex({"81c8000d 4d617273 4e545031 4e545032", "52545020 0000042a 0000e930 4c756e61",
            "deadbeef deadbeef deadbeef deadbeef", "deadbeef 91db4afb feee5a97 8fab4393",
            "ed2615fe 000005d4"})},
  };
}

class GcmVectors : public testing::Test {
 protected:
  std::unique_ptr<SessionKeys> keys(Suite suite) const {
    const Bytes key = hex({"000102030405060708090a0b0c0d0e0f", "101112131415161718191a1b1c1d1e1f"});
    return keys_from(engine_, suite, key, hex({"517569642070726f2071756f"}));
  }

  IpsecMbEngine engine_{Isa::best};
};

TEST_F(GcmVectors, Seal) {
  for (const PacketCase& c : gcm_cases()) {
    if (c.direction != Direction::both) continue;
    const auto session = keys(c.suite);
    const std::uint32_t header_length = c.rtcp ? 8 : 12;
    Bytes packet(c.plain.begin(), c.plain.begin() + header_length);
    packet.resize(c.plain.size() + kMaxRtcpOverhead);
    SealJob job{.keys = session.get(),
                .payload = c.plain.data() + header_length,
                .payload_length = static_cast<std::uint32_t>(c.plain.size()) - header_length,
                .packet = packet.data(),
                .header_length = header_length,
                .index = c.rtcp ? 0x5d4U : 0xf17bU};
    c.rtcp ? engine_.seal_rtcp({&job, 1}) : engine_.seal_rtp({&job, 1});
    packet.resize(job.length);
    EXPECT_EQ(packet, c.sealed) << c.name;
  }
}

TEST_F(GcmVectors, Open) {
  for (const PacketCase& c : gcm_cases()) {
    const auto session = keys(c.suite);
    Bytes packet = c.sealed;
    if (c.rtcp) {
      const auto trailer = rtcp_trailer(c.suite, packet);
      ASSERT_TRUE(trailer.has_value());
      EXPECT_EQ(trailer->index, 0x5d4U);
      EXPECT_EQ(trailer->encrypted, c.direction == Direction::both) << c.name;
    }
    OpenJob job{.keys = session.get(),
                .packet = packet.data(),
                .length = static_cast<std::uint32_t>(packet.size()),
                .header_length = 12,
                .index = 0xf17b};
    c.rtcp ? engine_.open_rtcp({&job, 1}) : engine_.open_rtp({&job, 1});
    EXPECT_TRUE(job.authentic) << c.name;
    packet.resize(job.length);
    EXPECT_EQ(packet, c.plain) << c.name;
  }
}

}  // namespace
}  // namespace causeway::srtp
