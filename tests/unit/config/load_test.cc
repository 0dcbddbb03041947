#include "config/load.h"

#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>
#include <string>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "tests/unit/config/config_files.h"

namespace causeway::config {
namespace {

using test::all;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

Config load_well(const std::string& text) {
  Loaded loaded = load_text(text, "good.yaml");
  EXPECT_TRUE(loaded.config.has_value()) << all(loaded);
  EXPECT_THAT(loaded.problems, IsEmpty()) << all(loaded);
  return loaded.config.value_or(Config{});
}

TEST(Load, WhatIsNotGivenHasItsDefault) {
  const Config config = load_well(test::kMinimal);
  const Config defaults;
  const Port port;
  EXPECT_EQ(config.workers.control_lcore, defaults.workers.control_lcore);
  EXPECT_EQ(config.workers.lcores, defaults.workers.lcores);
  EXPECT_EQ(config.memory.huge_pages, defaults.memory.huge_pages);
  EXPECT_EQ(config.memory.packet_buffers, defaults.memory.packet_buffers);
  EXPECT_EQ(config.limits.legs, defaults.limits.legs);
  EXPECT_EQ(config.eal.file_prefix, defaults.eal.file_prefix);
  EXPECT_EQ(config.media.port_range.first, defaults.media.port_range.first);
  EXPECT_EQ(config.media.port_range.last, defaults.media.port_range.last);
  ASSERT_EQ(config.ports.size(), 1u);
  EXPECT_EQ(config.ports[0].mtu, port.mtu);
  EXPECT_EQ(config.ports[0].vlan, port.vlan);
  EXPECT_EQ(config.ports[0].rx_descriptors, port.rx_descriptors);
  EXPECT_EQ(config.ports[0].udp_checksum, port.udp_checksum);
  EXPECT_FALSE(config.ports[0].gateway_v4.has_value());
  EXPECT_THAT(config.transports, IsEmpty());
}

TEST(Load, StructsKnowWhereTheyStand) {
  const Config config = load_well(test::kMinimal);
  EXPECT_EQ(config.node.where.line, 2);
  EXPECT_EQ(config.node.where.column, 7);
  EXPECT_EQ(config.ports[0].where.line, 4);
  EXPECT_EQ(config.ports[0].where.column, 5);
  EXPECT_EQ(config.ports[0].device_where.line, 5);
  EXPECT_EQ(config.ports[0].device_where.column, 13);
  EXPECT_EQ(config.media.where.line, 0) << "a default stands nowhere";
}

TEST(Load, TheDemonstrationHoldsWhatItIsSaidToHold) {
  const std::string path = (test::kSourceRoot / "config/examples/one-site.yaml").string();
  const Config config = load_well(test::read_text(path));
  EXPECT_FALSE(config.memory.huge_pages);
  EXPECT_EQ(config.eal.file_prefix, "causeway-demo");
  ASSERT_EQ(config.transports.size(), 8u);
  const Transport& publisher = config.transports[0];
  EXPECT_EQ(publisher.name, "publisher-video");
  EXPECT_EQ(publisher.local.to_string(), "10.77.0.1:20000");
  EXPECT_EQ(publisher.remote.to_string(), "10.77.0.10:6000");
  ASSERT_TRUE(publisher.rtcp && publisher.receive && publisher.send);
  EXPECT_EQ(publisher.rtcp->local_port, 20001);
  EXPECT_EQ(publisher.rtcp->remote_port, 6001);
  EXPECT_EQ(publisher.receive->suite, srtp::Suite::aes_cm_128_hmac_sha1_80);
  EXPECT_EQ(publisher.receive->key.bytes().size(), 16u);
  EXPECT_EQ(publisher.receive->salt.bytes().size(), 14u);
  EXPECT_EQ(config.transports[4].send->salt.bytes().size(), 12u);
  EXPECT_FALSE(config.transports[4].rtcp.has_value());
  EXPECT_EQ(config.transports[6].send->suite, srtp::Suite::none);
  EXPECT_TRUE(config.transports[6].send->key.empty());
  EXPECT_EQ(config.transports[6].local.to_string(), "[fd77::1]:20300");
  ASSERT_EQ(config.legs.size(), 6u);
  EXPECT_EQ(config.tracks[0].layers[0].ssrc, 0x11110001u);
  EXPECT_THAT(config.legs[0].payload_types, ElementsAre(Pair(96, 100)));
  EXPECT_NE(config.legs[0].sequence_offset, 0);
}

TEST(Load, TheOtherExampleIsSound) {
  const Config config =
      load_well(test::read_text(test::kSourceRoot / "config/examples/srtp-gateway-vf.yaml"));
  EXPECT_EQ(config.ports[0].vlan, 210);
  ASSERT_TRUE(config.ports[0].gateway_v6.has_value());
  EXPECT_EQ(config.ports[0].gateway_v6->to_string(), "2001:db8:100::1");
  EXPECT_EQ(config.ports[1].neighbours[0].mac.to_string(), "02:40:00:00:00:21");
  EXPECT_EQ(config.tracks[0].layers.size(), 3u);
}

constexpr const char* kMedia =
    "transports:\n"
    "  - {name: a, port: p0, local: 10.0.0.1:20000, remote: 10.0.0.2:5004, receive: {suite: none}}\n"
    "  - {name: b, port: p0, local: 10.0.0.1:20002, remote: 10.0.0.3:5004, send: {suite: none}}\n";

TEST(Load, LegsWithoutANameAreNamedAfterWhatTheyJoin) {
  const Config config =
      load_well(test::kMinimal + kMedia +
                "tracks:\n"
                "  - {id: one, transport: a, layers: [{name: main, ssrc: 1}]}\n"
                "  - {id: two, transport: a, layers: [{name: lo, ssrc: 2}, {name: hi, ssrc: 3}]}\n"
                "legs:\n"
                "  - {track: one, transport: b, ssrc: 1}\n"
                "  - {track: two, transport: b, ssrc: 2, layer: lo}\n"
                "  - {track: two, transport: b, ssrc: 3, layer: hi}\n"
                "  - {track: two, transport: b, ssrc: 4, layer: hi, name: again}\n");
  ASSERT_EQ(config.legs.size(), 4u);
  EXPECT_EQ(config.legs[0].name, "one->b");
  EXPECT_EQ(config.legs[1].name, "two->b/lo");
  EXPECT_EQ(config.legs[2].name, "two->b/hi");
  EXPECT_EQ(config.legs[3].name, "again");
}

TEST(Load, IntegersAreDecimalOrHexadecimal) {
  const Config config = load_well(test::kMinimal + "    mtu: 0x5DC\n    vlan: 4094\n");
  EXPECT_EQ(config.ports[0].mtu, 1500);
  EXPECT_EQ(config.ports[0].vlan, 4094);
}

TEST(Load, TheSrtpEngineIsChosenByName) {
  EXPECT_EQ(load_well(test::kMinimal).srtp.engine, SrtpEngine::ipsec_mb);
  EXPECT_EQ(load_well(test::kMinimal + "srtp: {engine: libsrtp}\n").srtp.engine, SrtpEngine::libsrtp);
}

TEST(Load, AnAliasStandsForWhatItNames) {
  const Config config =
      load_well(test::kMinimal + kMedia +
                "tracks: [{id: t, transport: a, layers: [{name: m, ssrc: 1}, {name: n, ssrc: 2}]}]\n"
                "legs:\n"
                "  - {track: t, layer: m, transport: b, ssrc: 1, payload_types: &pt {96: 0x64}}\n"
                "  - {track: t, layer: n, transport: b, ssrc: 2, payload_types: *pt}\n");
  EXPECT_THAT(config.legs[1].payload_types, ElementsAre(Pair(96, 100)));
}

TEST(Load, ByteOrderMarkAndCarriageReturnsAreFine) {
  std::string text = "\xef\xbb\xbf" + test::kMinimal;
  for (std::size_t i = text.find('\n'); i != text.npos; i = text.find('\n', i + 2))
    text.insert(i, "\r");
  load_well(text);
}

TEST(Load, LinkLocalNetworksMayBeOnEveryPort) {
  load_well(test::kMinimal +
            "  - {name: p1, device: net_null1, addresses: [\"fe80::2/64\", 10.1.0.1/31], "
            "exception_interface: cw1}\n"
            "  - {name: p2, device: \"03:00.1\", addresses: [\"fe80::3/64\", 10.2.0.1/32], "
            "exception_interface: cw2}\n");
}

TEST(Load, DevicesOfEveryKnownDriverAreTaken) {
  for (const char* device :
       {"net_af_packet0,iface=eth0", "net_af_xdp1,iface=eth1", "net_memif,role=server", "net_tap3",
        "net_pcap0,rx_pcap=a.pcap", "net_ring9", "net_null", "0000:03:00.1", "AF:1F.7"}) {
    std::string text = test::kMinimal;
    text.replace(text.find("net_null0"), 9, "\"" + std::string(device) + "\"");
    EXPECT_EQ(load_well(text).ports[0].device, device);
  }
}

TEST(Load, ARemoteThatNothingLeadsToIsAWarning) {
  std::string text = test::with_send("{suite: none}");
  text.replace(text.find("    exception_interface: cw0\n"), 29, "");
  const Loaded loaded = load_text(text, "x.yaml");
  ASSERT_TRUE(loaded.config.has_value()) << all(loaded);
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_THAT(loaded.problems[0].to_string(),
              HasSubstr("x.yaml:11:13: warning: transports[0].remote: 10.0.0.2 cannot be reached"));
  text.replace(text.find("transports:"), 0,
               "    neighbours: [{address: 10.0.0.2, mac: 02:00:00:00:00:02}]\n");
  load_well(text);
}

TEST(Load, ProblemsStandInFileOrder) {
  const Loaded loaded =
      load_text(test::read_text(test::kSourceRoot / "tests/unit/config/broken/all_at_once.yaml"), "x");
  EXPECT_TRUE(std::is_sorted(loaded.problems.begin(), loaded.problems.end(),
                             [](const Problem& a, const Problem& b) {
                               return std::pair(a.where.line, a.where.column) <
                                      std::pair(b.where.line, b.where.column);
                             }))
      << all(loaded);
}

TEST(Load, WhatFollowsFromAnErrorIsNotReportedBesideIt) {
  // The misspelt section is the cause; that no transport finds its port is not.
  std::string text = test::with_send("{suite: none}");
  text.replace(text.find("ports:"), 6, "prots:");
  const Loaded loaded = load_text(text, "x.yaml");
  ASSERT_EQ(loaded.problems.size(), 1u) << all(loaded);
  EXPECT_EQ(loaded.problems[0].to_string(),
            "x.yaml:3:1: error: unknown key \"prots\"; did you mean \"ports\"?");
}

TEST(Load, AFloodOfProblemsIsCut) {
  std::string text = test::kMinimal + "legs:\n";
  for (int i = 0; i < 5000; ++i)
    text += "  - 1\n";
  const Loaded loaded = load_text(text, "x.yaml");
  ASSERT_EQ(loaded.problems.size(), 1001u);
  EXPECT_EQ(loaded.problems.back().what, "4000 more problems are not shown");
}

TEST(LoadFile, OnlyRegularFilesAreRead) {
  const test::Folder folder;
  EXPECT_THAT(all(load_file(folder.path() / "absent")),
              HasSubstr("absent: error: cannot be opened: No such file"));
  EXPECT_THAT(all(load_file(folder.path())), HasSubstr("is not a regular file"));
  EXPECT_THAT(all(load_file("/dev/zero")), HasSubstr("is not a regular file"));
  const std::string pipe = folder.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(all(load_file(pipe)), HasSubstr("is not a regular file"));
}

TEST(LoadFile, LongFilesAreRefused) {
  const test::Folder folder;
  const auto path = folder.write("long.yaml", test::kMinimal);
  std::filesystem::resize_file(path, (std::uintmax_t{16} << 20) + 1);
  EXPECT_THAT(all(load_file(path)), HasSubstr("is longer than 16777216 bytes"));
}

TEST(LoadFile, KeysThatOthersMayReadAreAWarning) {
  const test::Folder folder;
  const std::string text =
      test::with_send("{suite: AEAD_AES_128_GCM, key: \"inline:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHA==\"}");
  for (const unsigned mode : {0600u, 0644u, 0640u}) {
    const Loaded loaded = load_file(folder.write("keys.yaml", text, mode));
    EXPECT_TRUE(loaded.config.has_value()) << all(loaded);
    EXPECT_EQ(loaded.problems.size(), mode == 0600 ? 0u : 1u);
    if (mode == 0600) continue;
    EXPECT_THAT(all(loaded), HasSubstr("keys.yaml:13:42: warning: the file holds keys"));
    EXPECT_THAT(all(loaded), HasSubstr("; chmod 600 "));
  }
  EXPECT_THAT(load_file(folder.write("none.yaml", test::kMinimal, 0644)).problems, IsEmpty());
}

}  // namespace
}  // namespace causeway::config
