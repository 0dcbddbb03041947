// The packets of an RTCP compound, one by one, each checked before anybody reads it. Inner part of rtcp.cc
// and rtcp_rewrite.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/net/bytes.h"
#include "dataplane/rtcp.h"

namespace causeway::rtcp {

using Bytes = std::span<const std::uint8_t>;

inline constexpr std::size_t kHeader = 4;
inline constexpr std::size_t kHeaderAndSsrc = 8;
inline constexpr std::size_t kSenderReportFixed = 28;  // RFC 3550, 6.4.1
inline constexpr std::size_t kReportBlock = 24;
inline constexpr std::size_t kAppFixed = 12;
inline constexpr std::size_t kFeedbackFixed = 12;  // RFC 4585, 6.1: with sender's and media SSRC
inline constexpr std::size_t kFirEntry = 8;        // RFC 5104, 4.3.1.1
inline constexpr std::size_t kRembFixed = 20;      // draft-alvestrand-rmcat-remb-03, 2.2

// Feedback message types: the count field of feedback packets (RFC 4585, 6.2 and 6.3; RFC 5104, 4.3).
inline constexpr std::uint8_t kGenericNack = 1;  // of kTransportFeedback
inline constexpr std::uint8_t kPictureLoss = 1;  // of kPayloadFeedback, as the following
inline constexpr std::uint8_t kSliceLoss = 2;
inline constexpr std::uint8_t kReferencePicture = 3;
inline constexpr std::uint8_t kFullIntraRequest = 4;
inline constexpr std::uint8_t kApplicationLayer = 15;

inline std::size_t padded(std::size_t length) {
  return (length + 3) & ~std::size_t{3};
}

// One packet of a compound. The members after is_remb() hold what take() has checked to be inside.
struct Part {
  std::uint8_t type = 0;
  std::uint8_t count = 0;  // RC, SC, subtype or FMT
  Bytes bytes;             // with the header, without padding; a multiple of 4

  std::uint32_t word(std::size_t offset) const { return net::load_be32(bytes.data() + offset); }
  bool is_report() const { return type == kSenderReport || type == kReceiverReport; }
  std::size_t report_fixed() const { return type == kSenderReport ? kSenderReportFixed : kHeaderAndSsrc; }
  bool is_feedback(std::uint8_t feedback_type, std::uint8_t format) const {
    return type == feedback_type && count == format;
  }
  bool is_remb() const;

  Bytes report_blocks() const { return bytes.subspan(report_fixed(), count * kReportBlock); }
  std::size_t remb_entries() const { return bytes[16]; }
  // The reason for leaving behind its length byte; empty if there is none (RFC 3550, 6.6).
  Bytes bye_reason() const;
  bool bye_names(std::uint32_t ssrc) const;
  bool remb_names(std::uint32_t ssrc) const;
};

// The items of the SDES chunk at the start of `rest`, with its SSRC, without the terminator (RFC 3550, 6.5).
// Empty if they do not end inside.
Bytes sdes_items(Bytes rest);

// Bytes of the chunk of these items: with at least one zero byte behind them, up to a multiple of 4.
inline std::size_t sdes_chunk_length(Bytes items) {
  return padded(items.size() + 1);
}

// Calls f(items) for each chunk, its SSRC in front. False if one does not fit.
template <class F>
bool for_each_sdes_chunk(const Part& part, F&& f) {
  Bytes rest = part.bytes.subspan(kHeader);
  for (unsigned i = 0; i < part.count; ++i) {
    const Bytes items = sdes_items(rest);
    if (items.empty()) return false;
    f(items);
    rest = rest.subspan(sdes_chunk_length(items));
  }
  return true;
}

// Takes the first packet off `rest`. nullopt at the end or if that packet is malformed: a walk that stops
// there relies only on what has been checked, also if nobody asked valid().
std::optional<Part> take(Bytes& rest);

}  // namespace causeway::rtcp
