#include "dataplane/rtcp_walk.h"

namespace causeway::rtcp {
namespace {

// Sources, and the reason if bytes follow.
bool bye_fits(const Part& part) {
  const std::size_t sources_end = kHeader + part.count * std::size_t{4};
  if (sources_end > part.bytes.size()) return false;
  const Bytes rest = part.bytes.subspan(sources_end);
  return rest.empty() || 1 + std::size_t{rest[0]} <= rest.size();
}

bool feedback_fits(const Part& part) {
  if (part.bytes.size() < kFeedbackFixed) return false;
  if (part.is_feedback(kPayloadFeedback, kFullIntraRequest)) {
    return (part.bytes.size() - kFeedbackFixed) % kFirEntry == 0;
  }
  if (part.is_remb()) return kRembFixed + part.remb_entries() * 4 <= part.bytes.size();
  return true;
}

// Do count and items fit the packet?
bool contents_fit(const Part& part) {
  const std::size_t size = part.bytes.size();
  switch (part.type) {
    case kSenderReport:
    case kReceiverReport:
      return part.report_fixed() + part.count * kReportBlock <= size;
    case kSourceDescription:
      return for_each_sdes_chunk(part, [](Bytes) {});
    case kBye:
      return bye_fits(part);
    case kApp:
      return size >= kAppFixed;
    case kTransportFeedback:
    case kPayloadFeedback:
      return feedback_fits(part);
    case kExtendedReport:
      return size >= kHeaderAndSsrc;
    default:
      return true;  // a type of somebody else's: skipped by its length
  }
}

}  // namespace

bool Part::is_remb() const {
  constexpr std::uint32_t kRemb = 0x52454d42;  // "REMB"
  return is_feedback(kPayloadFeedback, kApplicationLayer) && bytes.size() >= kRembFixed &&
         word(kFeedbackFixed) == kRemb;
}

Bytes Part::bye_reason() const {
  const Bytes rest = bytes.subspan(kHeader + count * std::size_t{4});
  return rest.empty() ? rest : rest.subspan(1, rest[0]);
}

bool Part::bye_names(std::uint32_t ssrc) const {
  for (std::size_t i = 0; i < count; ++i) {
    if (word(kHeader + i * 4) == ssrc) return true;
  }
  return false;
}

bool Part::remb_names(std::uint32_t ssrc) const {
  for (std::size_t i = 0; i < remb_entries(); ++i) {
    if (word(kRembFixed + i * 4) == ssrc) return true;
  }
  return false;
}

Bytes sdes_items(Bytes rest) {
  std::size_t at = 4;
  while (at < rest.size() && rest[at] != 0) {
    if (at + 2 > rest.size()) return {};
    at += 2 + std::size_t{rest[at + 1]};
  }
  return at < rest.size() ? rest.first(at) : Bytes{};
}

std::optional<Part> take(Bytes& rest) {
  if (rest.size() < kHeader || rest[0] >> 6 != 2) return std::nullopt;
  const std::size_t length = (std::size_t{net::load_be16(rest.data() + 2)} + 1) * 4;
  if (length > rest.size()) return std::nullopt;
  Part part{.type = rest[1], .count = static_cast<std::uint8_t>(rest[0] & 0x1f), .bytes = rest.first(length)};
  if (part.type < 192 || part.type > 223) return std::nullopt;
  const bool has_padding = (rest[0] & 0x20) != 0;
  rest = rest.subspan(length);
  if (has_padding) {
    const std::size_t padding = part.bytes.back();
    if (!rest.empty() || padding == 0 || padding % 4 != 0 || padding > length - kHeader) return std::nullopt;
    part.bytes = part.bytes.first(length - padding);
  }
  if (!contents_fit(part)) return std::nullopt;
  return part;
}

}  // namespace causeway::rtcp
