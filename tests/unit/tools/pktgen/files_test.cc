// Capture files, scripts, and configurations for a load.
#include <cstring>
#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include "config/document.h"
#include "tests/unit/tools/pktgen/support.h"
#include "tools/pktgen/pcap.h"
#include "tools/pktgen/scripts.h"

namespace causeway::pktgen {
namespace {

using testing::HasSubstr;

Bytes capture(const std::vector<Bytes>& frames) {
  Bytes file(kPcapHeader);
  write_pcap_header(std::span<std::uint8_t, kPcapHeader>(file));
  std::uint64_t at_ns = 5'000'000'000;
  for (const Bytes& frame : frames) {
    std::array<std::uint8_t, kPcapRecord> record;
    write_pcap_record(at_ns, static_cast<std::uint32_t>(frame.size()), record);
    file.insert(file.end(), record.begin(), record.end());
    file.insert(file.end(), frame.begin(), frame.end());
    at_ns += 1'500'000;
  }
  return file;
}

void put(Bytes& file, std::size_t at, std::uint32_t value) {
  std::memcpy(&file[at], &value, sizeof value);
}

std::string error_of(const Bytes& file) {
  PcapReader reader(file);
  while (reader.next()) {
  }
  return reader.error();
}

TEST(Pcap, IsReadAsWritten) {
  const std::vector<Bytes> frames{Bytes(60, 1), Bytes(1514, 2), Bytes{}};
  const Bytes file = capture(frames);
  PcapReader reader(file);
  std::uint64_t at_ns = 5'000'000'000;
  for (const Bytes& frame : frames) {
    const auto read = reader.next();
    ASSERT_TRUE(read);
    EXPECT_EQ(Bytes(read->bytes.begin(), read->bytes.end()), frame);
    EXPECT_EQ(read->at_ns, at_ns);
    at_ns += 1'500'000;
  }
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.error(), "");
}

TEST(Pcap, TakesTheOtherByteOrderAndNanoseconds) {
  Bytes file = capture({Bytes(60, 1)});
  put(file, 0, 0xa1b23c4d);
  put(file, kPcapHeader + 4, 123);
  EXPECT_EQ(PcapReader(file).next()->at_ns, 5'000'000'123u);
  for (std::size_t at = 0; at < kPcapHeader + kPcapRecord; at += 4) {
    if (at == 4) continue;  // the version, which nobody asks for
    std::uint32_t word;
    std::memcpy(&word, &file[at], sizeof word);
    put(file, at, __builtin_bswap32(word));
  }
  PcapReader swapped(file);
  const auto frame = swapped.next();
  ASSERT_TRUE(frame) << swapped.error();
  EXPECT_EQ(frame->at_ns, 5'000'000'123u);
  EXPECT_EQ(frame->bytes.size(), 60u);
}

TEST(Pcap, SaysWhatIsWrong) {
  const Bytes good = capture({Bytes(60, 1), Bytes(60, 2)});
  EXPECT_EQ(error_of(Bytes(10)), "too short for a capture file");
  EXPECT_EQ(error_of(Bytes(100, 7)), "is no capture file");
  Bytes file = good;
  put(file, 0, 0x0a0d0d0a);
  EXPECT_THAT(error_of(file), HasSubstr("pcapng"));
  file = good;
  put(file, 20, 113);
  EXPECT_THAT(error_of(file), HasSubstr("link type 113"));
  file = good;
  put(file, kPcapHeader + 8, 0xffffffff);
  EXPECT_EQ(error_of(file), "frame 1 (byte 24): claims 4294967295 bytes");
  file = good;
  put(file, kPcapHeader + 12, 61);
  EXPECT_THAT(error_of(file), HasSubstr("only 60 of its 61 bytes were captured"));
  file = good;
  put(file, kPcapHeader + 4, 1'000'000);
  EXPECT_EQ(error_of(file), "frame 1 (byte 24): its time is wrong");
  file = good;
  file.pop_back();
  EXPECT_EQ(error_of(file), "frame 2 (byte 100): the file ends inside it");
  file.resize(kPcapHeader + kPcapRecord + 60 + 3);
  EXPECT_EQ(error_of(file), "frame 2 (byte 100): the file ends inside its header");
}

TEST(Scripts, NameTheCaptureAndSendItOnce) {
  const CaptureFacts facts{.file = "load.pcap", .frames = 1000, .bytes = 900'000, .pps = 50'000};
  for (const char* name : {"pktgen-dpdk", "trex", "tcpreplay"}) {
    const ScriptFile script = make_script(parse_script(name).value(), facts);
    EXPECT_THAT(script.text, HasSubstr("load.pcap: 1000 frames, 900000 bytes, 50000 packets per second"));
    EXPECT_THAT(script.text, HasSubstr("replay"));
    EXPECT_FALSE(script.suffix.empty());
  }
  EXPECT_THAT(make_script(Script::pktgen_dpdk, facts).text, HasSubstr("set 0 count 1000\n"));
  EXPECT_THAT(make_script(Script::trex, facts).text, HasSubstr("loop_count=1"));
  EXPECT_THAT(make_script(Script::trex, facts).text, HasSubstr("20.000"));
  EXPECT_THAT(make_script(Script::tcpreplay, facts).text, HasSubstr("--loop=1"));
  EXPECT_TRUE(make_script(Script::tcpreplay, facts).executable);
  EXPECT_FALSE(parse_script("moongen"));
}

TEST(LoadConfig, IsWhatWasAskedFor) {
  LoadShape shape = every_suite();
  shape.tracks = 2;
  shape.layers = 3;
  shape.transports = 500;
  shape.ipv6 = true;
  shape.workers = {1};
  const config::Config config = load(shape);
  EXPECT_EQ(config.tracks.size(), 14u);
  EXPECT_EQ(config.tracks.front().layers.size(), 3u);
  EXPECT_EQ(config.legs.size(), 84u);
  EXPECT_EQ(config.transports.size(), 500u);
  EXPECT_EQ(config.limits.transports, 500u);
  std::size_t v6 = 0;
  for (const config::Transport& each : config.transports)
    v6 += each.local.address.is_v4() ? 0 : 1;
  EXPECT_EQ(v6, 250u);
  const auto engine = srtp::make_ipsec_mb_engine();
  const Plan plan = plan_of(config, *engine);
  EXPECT_EQ(plan.streams.size(), 42u);
  EXPECT_EQ(plan.streams.front().legs.size(), 2u);
}

TEST(LoadConfig, SeedsDecideTheKeysAndNothingElse) {
  const LoadShape shape = every_suite();
  const std::string text = make_load_config(shape, seeded_bytes(1));
  EXPECT_EQ(text, make_load_config(shape, seeded_bytes(1)));
  const std::string other = make_load_config(shape, seeded_bytes(2));
  EXPECT_NE(text, other);
  EXPECT_EQ(text.size(), other.size());
}

TEST(LoadConfig, LargeLoadsFit) {
  LoadShape shape{.legs = 1'000, .device = "net_null0", .neighbour = kOwnMac};
  EXPECT_EQ(load(shape).legs.size(), 1'000u);
  shape.legs = 10'000;
  EXPECT_LT(make_load_config(shape, seeded_bytes(1)).size(), config::kMaxFileBytes);
  shape.legs = 100;
  shape.transports = 100'000;
  EXPECT_LT(make_load_config(shape, seeded_bytes(1)).size(), config::kMaxFileBytes);
}

TEST(LoadConfig, RefusesWhatHasNoRoom) {
  LoadShape shape = every_suite();
  shape.transports = 5;
  EXPECT_THROW(make_load_config(shape, seeded_bytes(1)), std::invalid_argument);
  shape = every_suite();
  shape.layers = 17;
  EXPECT_THROW(make_load_config(shape, seeded_bytes(1)), std::invalid_argument);
  shape = every_suite();
  shape.publishers = 0;
  EXPECT_THROW(make_load_config(shape, seeded_bytes(1)), std::invalid_argument);
  shape.publishers = std::size_t{1} << 40;
  EXPECT_THROW(make_load_config(shape, seeded_bytes(1)), std::invalid_argument);
  shape = every_suite();
  shape.device = "a\"\n";
  EXPECT_THROW(make_load_config(shape, seeded_bytes(1)), std::invalid_argument);
  shape = every_suite();
  shape.transports = 1'000'000;  // 150 MB of text
  EXPECT_THROW(make_load_config(shape, seeded_bytes(1)), std::invalid_argument);
}

}  // namespace
}  // namespace causeway::pktgen
