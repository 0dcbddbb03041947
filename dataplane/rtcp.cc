#include "dataplane/rtcp.h"

#include <algorithm>

#include "dataplane/net/bytes.h"
#include "dataplane/rtcp_walk.h"

namespace causeway::rtcp {
namespace {

using net::load_be32;

// Calls f(ssrc) for each SSRC that the packet reports about, 0 and repetitions included.
template <class F>
void for_each_target(const Part& part, F&& f) {
  if (part.is_report()) {
    const Bytes blocks = part.report_blocks();
    for (std::size_t at = 0; at < blocks.size(); at += kReportBlock)
      f(load_be32(&blocks[at]));
  }
  if (part.type != kTransportFeedback && part.type != kPayloadFeedback) return;
  f(part.word(kHeaderAndSsrc));
  if (part.is_feedback(kPayloadFeedback, kFullIntraRequest)) {
    for (std::size_t at = kFeedbackFixed; at < part.bytes.size(); at += kFirEntry)
      f(part.word(at));
  }
  if (part.is_remb()) {
    for (std::size_t i = 0; i < part.remb_entries(); ++i)
      f(part.word(kRembFixed + i * 4));
  }
}

}  // namespace

bool valid(Bytes compound) {
  Bytes rest = compound;
  const auto first = take(rest);
  if (!first || first->bytes.size() < kHeaderAndSsrc) return false;
  while (!rest.empty()) {
    if (!take(rest)) return false;
  }
  return true;
}

std::uint32_t sender_ssrc(Bytes compound) {
  return compound.size() < kHeaderAndSsrc ? 0 : load_be32(compound.data() + 4);
}

bool speaks_for(Bytes compound, std::uint32_t ssrc) {
  while (const auto part = take(compound)) {
    bool found = false;
    if (part->type == kSenderReport || part->type == kApp) found = part->word(4) == ssrc;
    if (part->type == kBye) found = part->bye_names(ssrc);
    if (part->type == kSourceDescription) {
      for_each_sdes_chunk(*part, [&](Bytes items) { found |= load_be32(items.data()) == ssrc; });
    }
    if (found) return true;
  }
  return false;
}

std::size_t targets(Bytes compound, std::span<std::uint32_t> out) {
  std::size_t count = 0;
  while (const auto part = take(compound)) {
    for_each_target(*part, [&](std::uint32_t ssrc) {
      const auto known = out.first(count);
      if (ssrc == 0 || count == out.size() || std::ranges::find(known, ssrc) != known.end()) return;
      out[count++] = ssrc;
    });
  }
  return count;
}

}  // namespace causeway::rtcp
