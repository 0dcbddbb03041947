#include <cstring>

#include "dataplane/net/bytes.h"
#include "dataplane/rtcp.h"
#include "dataplane/rtcp_walk.h"

namespace causeway::rtcp {
namespace {

using net::load_be16;
using net::load_be32;
using net::store_be16;
using net::store_be32;

bool starts_with_report(Bytes compound) {
  const auto first = take(compound);
  return first && first->is_report();
}

// The compound under construction. It fits wherever the input fits: each packet is written for one of the
// input that is at least as long, and the empty RR in front takes the room of the input's own first report,
// of which then nothing was written.
class Output {
 public:
  Output(std::span<std::uint8_t> out, bool begins_with_report, std::uint32_t sender)
      : out_(out), begins_with_report_(begins_with_report), sender_(sender) {}

  // Room for a packet of `length` bytes, a multiple of 4; header and sender's SSRC are already written.
  std::uint8_t* add(std::uint8_t type, unsigned count, std::size_t length) {
    const bool report = type == kSenderReport || type == kReceiverReport;
    if (size_ == 0 && begins_with_report_ && !report) add(kReceiverReport, 0, kHeaderAndSsrc);
    std::uint8_t* p = out_.data() + size_;
    size_ += length;
    p[0] = static_cast<std::uint8_t>(0x80 | count);
    p[1] = type;
    store_be16(p + 2, static_cast<std::uint16_t>(length / 4 - 1));
    store_be32(p + 4, sender_);
    return p;
  }
  std::size_t size() const { return size_; }

 private:
  std::span<std::uint8_t> out_;
  std::size_t size_ = 0;
  bool begins_with_report_;
  std::uint32_t sender_;
};

void copy(std::uint8_t* to, Bytes from) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

void copy_padded(std::uint8_t* to, Bytes from, std::size_t room) {
  copy(to, from);
  std::memset(to + from.size(), 0, room - from.size());
}

// Downstream. The sender of the output is the leg's SSRC.

void sender_report_to_leg(const Part& part, const Mapping& mapping, Output& out) {
  std::uint8_t* p = out.add(kSenderReport, 0, kSenderReportFixed);
  copy(p + 8, part.bytes.subspan(8, kSenderReportFixed - 8));
  store_be32(p + 16, part.word(16) + mapping.timestamp_offset);
}

// The zero bytes behind items and reasons are written, not copied: only the first of them was checked.
void source_description_to_leg(const Part& part, const Mapping& mapping, Output& out) {
  const auto ours = [&](Bytes items) { return load_be32(items.data()) == mapping.publisher_ssrc; };
  unsigned chunks = 0;
  std::size_t length = kHeader;
  for_each_sdes_chunk(part, [&](Bytes items) {
    if (!ours(items)) return;
    ++chunks;
    length += sdes_chunk_length(items);
  });
  if (chunks == 0) return;
  std::uint8_t* p = out.add(kSourceDescription, chunks, length) + kHeader;
  for_each_sdes_chunk(part, [&](Bytes items) {
    if (!ours(items)) return;
    copy_padded(p, items, sdes_chunk_length(items));
    store_be32(p, mapping.leg_ssrc);
    p += sdes_chunk_length(items);
  });
}

void bye_to_leg(const Part& part, Output& out) {
  const Bytes reason = part.bye_reason();
  const std::size_t room = reason.empty() ? 0 : padded(1 + reason.size());
  std::uint8_t* p = out.add(kBye, 1, kHeaderAndSsrc + room) + kHeaderAndSsrc;
  if (reason.empty()) return;
  p[0] = static_cast<std::uint8_t>(reason.size());
  copy_padded(p + 1, reason, room - 1);
}

void app_to_leg(const Part& part, Output& out) {
  copy(out.add(kApp, part.count, part.bytes.size()) + kHeaderAndSsrc, part.bytes.subspan(kHeaderAndSsrc));
}

// Upstream. The sender of the output is the appliance.

void report_to_publisher(const Part& part, const Mapping& mapping, Output& out) {
  const Bytes blocks = part.report_blocks();
  const auto about_leg = [&](std::size_t at) { return load_be32(&blocks[at]) == mapping.leg_ssrc; };
  unsigned count = 0;
  for (std::size_t at = 0; at < blocks.size(); at += kReportBlock)
    count += about_leg(at);
  if (count == 0) return;
  std::uint8_t* p = out.add(kReceiverReport, count, kHeaderAndSsrc + count * kReportBlock) + kHeaderAndSsrc;
  for (std::size_t at = 0; at < blocks.size(); at += kReportBlock) {
    if (!about_leg(at)) continue;
    copy(p, blocks.subspan(at, kReportBlock));
    store_be32(p, mapping.publisher_ssrc);
    store_be32(p + 8, load_be32(&blocks[at + 8]) - static_cast<std::uint32_t>(mapping.sequence_delta));
    p += kReportBlock;
  }
}

// Feedback with a media SSRC: `length` bytes of it, with the publisher's.
std::uint8_t* feedback_to_publisher(const Part& part, std::size_t length, const Mapping& mapping,
                                    Output& out) {
  std::uint8_t* p = out.add(part.type, part.count, length);
  copy(p + kHeaderAndSsrc, part.bytes.subspan(kHeaderAndSsrc, length - kHeaderAndSsrc));
  store_be32(p + kHeaderAndSsrc, mapping.publisher_ssrc);
  return p;
}

// RFC 4585, 6.2.1: pairs of packet id and bitmask of the following ones. The mask moves with its id.
void generic_nack_to_publisher(const Part& part, const Mapping& mapping, Output& out) {
  const std::size_t length = part.bytes.size();
  std::uint8_t* p = feedback_to_publisher(part, length, mapping, out);
  for (std::size_t at = kFeedbackFixed; at < length; at += 4) {
    const auto delta = static_cast<std::uint16_t>(mapping.sequence_delta);
    store_be16(p + at, static_cast<std::uint16_t>(load_be16(p + at) - delta));
  }
}

void full_intra_request_to_publisher(const Part& part, const Mapping& mapping, Output& out) {
  const auto about_leg = [&](std::size_t at) { return part.word(at) == mapping.leg_ssrc; };
  std::size_t length = kFeedbackFixed;
  for (std::size_t at = kFeedbackFixed; at < part.bytes.size(); at += kFirEntry) {
    if (about_leg(at)) length += kFirEntry;
  }
  if (length == kFeedbackFixed) return;
  std::uint8_t* p = out.add(part.type, part.count, length);
  store_be32(p + kHeaderAndSsrc, 0);
  p += kFeedbackFixed;
  for (std::size_t at = kFeedbackFixed; at < part.bytes.size(); at += kFirEntry) {
    if (!about_leg(at)) continue;
    copy(p, part.bytes.subspan(at, kFirEntry));
    store_be32(p, mapping.publisher_ssrc);
    p += kFirEntry;
  }
}

void remb_to_publisher(const Part& part, const Mapping& mapping, Output& out) {
  std::uint8_t* p = out.add(part.type, part.count, kRembFixed + 4);
  store_be32(p + kHeaderAndSsrc, 0);
  copy(p + kFeedbackFixed, part.bytes.subspan(kFeedbackFixed, kRembFixed - kFeedbackFixed));
  p[16] = 1;
  store_be32(p + kRembFixed, mapping.publisher_ssrc);
}

void payload_feedback_to_publisher(const Part& part, const Mapping& mapping, Output& out) {
  const bool about_leg = part.word(kHeaderAndSsrc) == mapping.leg_ssrc;
  switch (part.count) {
    case kPictureLoss:
      if (about_leg) feedback_to_publisher(part, kFeedbackFixed, mapping, out);
      break;
    case kSliceLoss:
    case kReferencePicture:
      if (about_leg) feedback_to_publisher(part, part.bytes.size(), mapping, out);
      break;
    case kFullIntraRequest:
      full_intra_request_to_publisher(part, mapping, out);
      break;
    case kApplicationLayer:
      if (part.is_remb() && part.remb_names(mapping.leg_ssrc)) remb_to_publisher(part, mapping, out);
      break;
    default:
      break;
  }
}

}  // namespace

std::size_t to_leg(Bytes compound, const Mapping& mapping, std::span<std::uint8_t> out) {
  if (out.size() < compound.size()) return 0;
  Output output(out, starts_with_report(compound), mapping.leg_ssrc);
  while (const auto part = take(compound)) {
    switch (part->type) {
      case kSenderReport:
        if (part->word(4) == mapping.publisher_ssrc) sender_report_to_leg(*part, mapping, output);
        break;
      case kSourceDescription:
        source_description_to_leg(*part, mapping, output);
        break;
      case kBye:
        if (part->bye_names(mapping.publisher_ssrc)) bye_to_leg(*part, output);
        break;
      case kApp:
        if (part->word(4) == mapping.publisher_ssrc) app_to_leg(*part, output);
        break;
      default:
        break;
    }
  }
  return output.size();
}

std::size_t to_publisher(Bytes compound, const Mapping& mapping, std::uint32_t own_ssrc,
                         std::span<std::uint8_t> out) {
  if (out.size() < compound.size()) return 0;
  Output output(out, starts_with_report(compound), own_ssrc);
  while (const auto part = take(compound)) {
    if (part->is_report()) report_to_publisher(*part, mapping, output);
    if (part->is_feedback(kTransportFeedback, kGenericNack) &&
        part->word(kHeaderAndSsrc) == mapping.leg_ssrc) {
      generic_nack_to_publisher(*part, mapping, output);
    }
    if (part->type == kPayloadFeedback) payload_feedback_to_publisher(*part, mapping, output);
  }
  return output.size();
}

}  // namespace causeway::rtcp
