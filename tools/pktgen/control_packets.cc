#include "tools/pktgen/control_packets.h"

#include <string_view>

#include "dataplane/net/bytes.h"
#include "dataplane/rtcp.h"

namespace causeway::pktgen {

namespace {

constexpr std::uint64_t kNtpEpoch = 2'208'988'800;  // 1970 in NTP's seconds; media time begins there

class Writer {
 public:
  explicit Writer(std::uint8_t* begin) : begin_(begin), at_(begin) {}

  void byte(unsigned value) { *at_++ = static_cast<std::uint8_t>(value); }
  void word16(unsigned value) {
    net::store_be16(at_, static_cast<std::uint16_t>(value));
    at_ += 2;
  }
  void word(std::uint64_t value) {
    net::store_be32(at_, static_cast<std::uint32_t>(value));
    at_ += 4;
  }
  void text(std::string_view text) {
    for (const char c : text)
      byte(static_cast<unsigned char>(c));
  }
  // Header of an RTCP packet of so many 32-bit words.
  void rtcp(unsigned count, unsigned type, unsigned words) {
    byte(0x80 | count);
    byte(type);
    word16(words - 1);
  }
  std::size_t length() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  std::uint8_t* begin_;
  std::uint8_t* at_;
};

void put_cname(Writer& writer, std::uint32_t ssrc) {
  constexpr std::string_view kCname = "pktgen@causeway";
  constexpr std::size_t kItem = 2 + kCname.size();
  static_assert((kItem + 3) % 4 == 0);  // three zeros end the chunk on a word
  writer.rtcp(1, rtcp::kSourceDescription, 2 + (kItem + 3) / 4);
  writer.word(ssrc);
  writer.byte(1);  // CNAME
  writer.byte(kCname.size());
  writer.text(kCname);
  for (int i = 0; i < 3; ++i)
    writer.byte(0);
}

}  // namespace

std::size_t write_sender_report(const SenderReport& report, std::span<std::uint8_t, kMostControl> out) {
  Writer writer(out.data());
  writer.rtcp(0, rtcp::kSenderReport, 7);
  writer.word(report.ssrc);
  writer.word(kNtpEpoch + report.media_ns / 1'000'000'000);
  writer.word((report.media_ns % 1'000'000'000 << 32) / 1'000'000'000);
  writer.word(report.timestamp);
  writer.word(report.packets);
  writer.word(report.octets);
  put_cname(writer, report.ssrc);
  return writer.length();
}

std::size_t write_feedback(const Feedback& feedback, std::span<std::uint8_t, kMostControl> out) {
  Writer writer(out.data());
  writer.rtcp(1, rtcp::kReceiverReport, 8);
  writer.word(feedback.own_ssrc);
  writer.word(feedback.leg_ssrc);
  writer.word(0);  // fraction and number lost
  writer.word(feedback.highest_sequence);
  writer.word(40);  // jitter
  writer.word(0);   // no sender report was seen
  writer.word(0);
  put_cname(writer, feedback.own_ssrc);
  if (feedback.request == Feedback::Request::nack) {
    writer.rtcp(1, rtcp::kTransportFeedback, 4);
    writer.word(feedback.own_ssrc);
    writer.word(feedback.leg_ssrc);
    writer.word16(feedback.highest_sequence & 0xffff);
    writer.word16(0);
  } else if (feedback.request == Feedback::Request::pli) {
    writer.rtcp(1, rtcp::kPayloadFeedback, 3);
    writer.word(feedback.own_ssrc);
    writer.word(feedback.leg_ssrc);
  }
  return writer.length();
}

std::size_t write_stun(std::uint64_t transaction, std::span<std::uint8_t, kMostControl> out) {
  constexpr std::string_view kUsername = "appliance:pktgen";
  constexpr std::size_t kIntegrity = 20;
  Writer writer(out.data());
  writer.word16(0x0001);  // binding request
  writer.word16(4 + kUsername.size() + 8 + 4 + kIntegrity);
  writer.word(0x2112a442);
  writer.word(0);
  writer.word(transaction >> 32);
  writer.word(transaction);
  writer.word16(0x0006);  // USERNAME
  writer.word16(kUsername.size());
  writer.text(kUsername);
  writer.word16(0x0024);  // PRIORITY
  writer.word16(4);
  writer.word(0x6e0001ff);
  writer.word16(0x0008);  // MESSAGE-INTEGRITY, of a password that the appliance does not have either
  writer.word16(kIntegrity);
  for (std::size_t i = 0; i < kIntegrity; ++i)
    writer.byte(static_cast<unsigned>(transaction >> (i % 8 * 8)) & 0xff);
  return writer.length();
}

}  // namespace causeway::pktgen
