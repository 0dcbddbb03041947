// RTCP packets built by hand, over the builders of frames.h.
#pragma once

#include <string_view>

#include "dataplane/rtcp.h"
#include "tests/unit/dataplane/frames.h"

namespace causeway::rtcp_packets {

using frames::append;
using frames::Bytes;
using frames::join;
using frames::put16;
using frames::put32;

inline Bytes words(std::initializer_list<std::uint32_t> values) {
  Bytes out;
  for (const std::uint32_t value : values) {
    put32(out, value);
  }
  return out;
}

inline Bytes text(std::string_view characters) {
  return Bytes(characters.begin(), characters.end());
}

// Header and body; with padding, its last byte counts it.
inline Bytes packet(std::uint8_t type, unsigned count, const Bytes& body, std::uint8_t padding = 0) {
  Bytes out{static_cast<std::uint8_t>(0x80 | (padding > 0 ? 0x20 : 0) | count), type};
  put16(out, static_cast<std::uint16_t>((body.size() + padding) / 4));
  append(out, body);
  out.resize(out.size() + padding);
  if (padding > 0) out.back() = padding;
  return out;
}

struct Block {
  std::uint32_t ssrc = 0;
  std::uint32_t highest = 0;  // extended highest sequence number
};
inline Bytes block(const Block& of) {
  return words({of.ssrc, 0x11000022, of.highest, 0x33, 0x44444444, 0x55555555});
}
inline Bytes blocks(const std::vector<Block>& all) {
  Bytes out;
  for (const Block& one : all) {
    append(out, block(one));
  }
  return out;
}
inline Bytes sender_report(std::uint32_t ssrc, std::uint32_t rtp_time, const std::vector<Block>& of = {},
                           const Bytes& extension = {}) {
  const Bytes info = words({ssrc, 0xe0000001, 0xe0000002, rtp_time, 1000, 120000});
  return packet(rtcp::kSenderReport, static_cast<unsigned>(of.size()), join({info, blocks(of), extension}));
}
inline Bytes receiver_report(std::uint32_t ssrc, const std::vector<Block>& of = {},
                             const Bytes& extension = {}) {
  return packet(rtcp::kReceiverReport, static_cast<unsigned>(of.size()),
                join({words({ssrc}), blocks(of), extension}));
}

// A chunk with one CNAME item, terminated and padded.
inline Bytes chunk(std::uint32_t ssrc, std::string_view cname) {
  Bytes out = words({ssrc});
  append(out, Bytes{1, static_cast<std::uint8_t>(cname.size())});
  append(out, text(cname));
  out.resize((out.size() / 4 + 1) * 4);
  return out;
}
inline Bytes source_description(std::initializer_list<Bytes> chunks) {
  return packet(rtcp::kSourceDescription, static_cast<unsigned>(chunks.size()), join(chunks));
}

inline Bytes bye(std::initializer_list<std::uint32_t> sources, std::string_view reason = {}) {
  Bytes body = words(sources);
  if (!reason.empty()) {
    body.push_back(static_cast<std::uint8_t>(reason.size()));
    append(body, text(reason));
    body.resize((body.size() + 3) / 4 * 4);
  }
  return packet(rtcp::kBye, static_cast<unsigned>(sources.size()), body);
}
inline Bytes app(std::uint32_t ssrc, unsigned subtype, const Bytes& data) {
  return packet(rtcp::kApp, subtype, join({words({ssrc}), text("name"), data}));
}

inline Bytes feedback(std::uint8_t type, unsigned format, std::uint32_t sender, std::uint32_t media,
                      const Bytes& fci = {}) {
  return packet(type, format, join({words({sender, media}), fci}));
}
inline Bytes nack(std::uint32_t sender, std::uint32_t media, std::initializer_list<std::uint32_t> pairs) {
  return feedback(rtcp::kTransportFeedback, 1, sender, media, words(pairs));
}
inline Bytes pli(std::uint32_t sender, std::uint32_t media) {
  return feedback(rtcp::kPayloadFeedback, 1, sender, media);
}
// Pairs of SSRC and sequence number << 24.
inline Bytes fir(std::uint32_t sender, std::initializer_list<std::uint32_t> entries) {
  return feedback(rtcp::kPayloadFeedback, 4, sender, 0, words(entries));
}
inline Bytes remb(std::uint32_t sender, std::initializer_list<std::uint32_t> ssrcs) {
  const Bytes fixed{'R', 'E', 'M', 'B', static_cast<std::uint8_t>(ssrcs.size()), 0x12, 0x34, 0x56};
  return feedback(rtcp::kPayloadFeedback, 15, sender, 0, join({fixed, words(ssrcs)}));
}

}  // namespace causeway::rtcp_packets
