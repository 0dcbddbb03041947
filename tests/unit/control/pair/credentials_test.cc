#include "control/pair/credentials.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <string>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "control/pair/context.h"
#include "tests/unit/control/pair/world.h"

namespace causeway::control::pair {
namespace {

class Files : public ::testing::Test {
 protected:
  Files() {
    std::string name = std::filesystem::temp_directory_path() / "causeway-pair-XXXXXX";
    folder = mkdtemp(name.data());
    files = {folder + "/node.pem", folder + "/node.key", folder + "/ca.pem"};
    write(files.chain, own.certificate(), 0644);
    write(files.key, own.key(), 0600);
    write(files.authorities, fleet().certificate(), 0644);
  }
  ~Files() override { std::filesystem::remove_all(folder); }

  static void write(const std::string& path, const std::string& text, mode_t mode) {
    std::ofstream(path, std::ios::binary) << text;
    chmod(path.c_str(), mode);
  }
  static std::string error_of(const std::function<void()>& act) {
    try {
      act();
      return "";
    } catch (const CredentialsError& error) {
      return error.what();
    }
  }
  std::string error_of_reading() {
    return error_of([this] { static_cast<void>(Certificates::read(files)); });
  }
  std::string problem(const Wish& wish) {
    return Certificates(texts(fleet().issue(wish), fleet().certificate()), files).problem("germany", kWallS);
  }

  Authority own = fleet().issue(named("germany"));
  std::string folder;
  CertificateFiles files;
};

TEST_F(Files, GoodOnes) {
  const Certificates certificates = Certificates::read(files);
  EXPECT_EQ(certificates.problem("germany", kWallS), "");
  EXPECT_EQ(certificates.ends_s(), kWallS + 90 * kDay);
  EXPECT_NO_THROW(static_cast<void>(Context(certificates)));
}

TEST_F(Files, AKeyThatOthersCanRead) {
  for (const mode_t mode : {0640, 0604, 0660, 0601}) {
    chmod(files.key.c_str(), mode);
    EXPECT_EQ(error_of_reading(), files.key + " is open to group or others: chmod 600 " + files.key);
  }
}

TEST_F(Files, OneThatIsMissing) {
  for (const std::string& path : {files.chain, files.key, files.authorities}) {
    std::filesystem::rename(path, path + ".away");
    const std::string error = error_of_reading();
    EXPECT_TRUE(error.starts_with(path + " cannot be opened: No such file or directory: give the file of"))
        << error;
    std::filesystem::rename(path + ".away", path);
  }
}

TEST_F(Files, OneOfAnotherContent) {
  write(files.chain, own.key(), 0600);
  EXPECT_EQ(error_of_reading(),
            files.chain + " holds no certificate: give PEM, which begins with -----BEGIN CERTIFICATE-----");
  std::string torn = own.certificate();
  torn.erase(100, 3);
  write(files.chain, own.certificate() + torn, 0644);
  EXPECT_EQ(error_of_reading(),
            files.chain + " holds a certificate that cannot be read: write it again, as PEM");
  write(files.chain, own.certificate(), 0644);
  write(files.key, own.certificate(), 0600);
  EXPECT_EQ(error_of_reading(),
            files.key + " holds no private key: give PEM, which begins with -----BEGIN PRIVATE KEY-----");
  write(files.key, fleet().key(), 0600);
  EXPECT_EQ(error_of_reading(), files.key + " is not the key of the first certificate in " + files.chain +
                                    ": give the two that were made together, this node's certificate first");
}

TEST_F(Files, AnEncryptedKeyIsNotAskedFor) {
  const PrivateKey key(EVP_EC_gen("P-256"));
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, key.get(), EVP_aes_256_cbc(), "secret", 6, nullptr, nullptr);
  write(files.key, text_of(bio), 0600);
  EXPECT_NE(error_of_reading().find(" is encrypted: decrypt it"), std::string::npos) << error_of_reading();
}

TEST_F(Files, WhatAPeerWouldRefuseIsToldBefore) {
  EXPECT_EQ(problem(named("germany")), "");
  EXPECT_EQ(problem({.common_name = "germany"}), "");
  EXPECT_EQ(problem(named("france")),
            files.chain +
                ": germany's certificate is for \"france\": give it one with the DNS name "
                "germany");
  Wish wish = named("germany");
  wish.usage = "clientAuth";
  EXPECT_EQ(problem(wish),
            files.chain +
                ": germany's certificate is not for both ends of a connection: allow it clientAuth "
                "and serverAuth");
}

TEST_F(Files, AKeyThatDtlsCannotUse) {
  Wish wish = named("germany");
  wish.weak = true;
  const Certificates weak(texts(fleet().issue(wish), fleet().certificate()), files);
  EXPECT_NE(error_of([&] { static_cast<void>(Context(weak)); }).find("at least 2048 bits"),
            std::string::npos);
}

TEST(FleetKey, GivesEachPairAKeyOfItsOwn) {
  std::array<std::uint8_t, FleetKey::kBytes> bytes;
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  const FleetKey key(bytes);
  const wire::PairKey pair_key = key.pair_key("germany", "france");
  EXPECT_EQ(pair_key, key.pair_key("france", "germany"));
  EXPECT_NE(pair_key, key.pair_key("france", "spain"));
  EXPECT_NE(key.pair_key("ab", "c"), key.pair_key("a", "bc"));
  // As any HKDF-SHA-256 gives it: openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:000102..1f
  // -kdfopt hexinfo:63617573657761792070616972066672616e6365076765726d616e79 HKDF
  const wire::PairKey known{0xCC, 0x97, 0x74, 0x96, 0xCB, 0x72, 0xA5, 0x44, 0x20, 0x1E, 0x56,
                            0x2C, 0x97, 0xB5, 0x79, 0x27, 0x0F, 0x12, 0xD4, 0xD3, 0xC4, 0xD9,
                            0x79, 0x26, 0x3A, 0x17, 0x24, 0xA5, 0x9F, 0x13, 0xC8, 0x37};
  EXPECT_EQ(pair_key, known);
}

}  // namespace
}  // namespace causeway::control::pair
