#include "tools/pktgen/verifier.h"

#include <algorithm>

#include "dataplane/net/bytes.h"
#include "tools/pktgen/stamp.h"

namespace causeway::pktgen {

namespace {

using Verdict = srtp::ReplayWindow::Verdict;

constexpr std::uint32_t kRtpHeader = 12;
constexpr std::uint32_t kRtcpHeader = 8;

// RFC 5761, 4.
bool is_rtcp(const Frame& frame) {
  return frame.payload[1] >= 192 && frame.payload[1] <= 223;
}

}  // namespace

Verifier::Verifier(const Plan& plan, const EndpointIndex& endpoints, srtp::Engine& engine,
                   const Verify& verify, measure::TscRate rate)
    : plan_(plan),
      endpoints_(endpoints),
      engine_(engine),
      verify_(verify),
      rate_(rate),
      states_(plan.legs.size()),
      legs_(plan.legs.size()) {}

void Verifier::begin_phase(std::uint32_t phase) {
  phase_ = phase;
  counters_ = {};
  std::ranges::fill(legs_, LegSeen{});
  latency_.clear();
  total_.set(0);
}

void Verifier::take(std::span<const Frame> frames, std::uint64_t tsc) {
  for (const Frame& frame : frames) {
    ++counters_.frames;
    counters_.bytes += frame.length;
    if (frame.kind != Frame::Kind::datagram || frame.length < kRtcpHeader) {
      ++counters_.foreign;
      continue;
    }
    const Id transport = endpoints_.find(frame.own, frame.peer);
    if (transport == kNoId) {
      ++counters_.foreign;
    } else if (frame.broken) {
      ++counters_.bad_checksums;
    } else if (is_rtcp(frame)) {
      take_rtcp(frame, plan_.transports[transport]);
    } else {
      take_rtp(frame, transport, tsc);
    }
  }
  open_pending(tsc);
}

void Verifier::take_rtp(const Frame& frame, Id transport, std::uint64_t tsc) {
  const SsrcMap& legs = plan_.transports[transport].legs;
  const Id leg = frame.length < kRtpHeader || frame.payload[0] != 0x80
                     ? kNoId
                     : legs.find(net::load_be32(frame.payload + 8));
  if (leg == kNoId) {
    ++counters_.strays;
    return;
  }
  ++legs_[leg].packets;
  total_.add(1);
  if (verify_.kind == Verify::Kind::none) return;
  const std::uint16_t sequence = net::load_be16(frame.payload + 2);
  LegState& state = states_[leg];
  const bool first = !state.index.started();
  if (!first && turn_++ % verify_.every != 0) {
    open_pending(tsc);  // in the order of their arrival
    count_unopened(leg, sequence);
    return;
  }
  jobs_[pending_] = {.keys = plan_.transports[transport].receive.get(),
                     .packet = frame.payload,
                     .length = frame.length,
                     .header_length = kRtpHeader,
                     .index = state.index.estimate(sequence)};
  owners_[pending_++] = leg;
  // A leg's first packet says where its numbers begin, which the next one of the same burst needs.
  if (first) open_pending(tsc);
}

// Between two packets of a sample the clear sequence number is believed.
void Verifier::count_unopened(Id leg, std::uint16_t sequence) {
  LegState& state = states_[leg];
  const std::uint64_t index = state.index.estimate(sequence);
  const std::uint64_t highest = state.index.highest();
  if (state.index.accept(index) != Verdict::fresh) {
    ++legs_[leg].duplicates;
    return;
  }
  ++legs_[leg].fresh;
  if (index < highest) ++legs_[leg].late;
}

void Verifier::open_pending(std::uint64_t tsc) {
  engine_.open_rtp(std::span(jobs_).first(pending_));
  for (std::size_t i = 0; i < pending_; ++i)
    settle(jobs_[i], owners_[i], tsc);
  pending_ = 0;
}

void Verifier::settle(const srtp::OpenJob& job, Id leg, std::uint64_t tsc) {
  LegSeen& seen = legs_[leg];
  ++counters_.verified;
  if (!job.authentic) {
    ++seen.forged;
    return;
  }
  const auto stamp = read_stamp({job.packet + kRtpHeader, job.length - kRtpHeader});
  if (!stamp || !is_right(job, leg, *stamp)) {
    ++seen.wrong;
    return;
  }
  LegState& state = states_[leg];
  const std::uint64_t highest = state.index.started() ? state.index.highest() : 0;
  if (state.index.accept(job.index) != Verdict::fresh) {
    ++seen.duplicates;
    return;
  }
  if (stamp->phase != phase_) {
    ++counters_.stale;
    --seen.packets;
    return;
  }
  ++seen.fresh;
  if (job.index < highest) ++seen.late;
  if (tsc > stamp->tsc) latency_.record(static_cast<std::uint64_t>(rate_.to_ns(tsc - stamp->tsc)));
}

// Every field that a leg changes, and every one that it must leave alone.
bool Verifier::is_right(const srtp::OpenJob& job, Id leg_id, const Stamp& stamp) const {
  const PlanLeg& leg = plan_.legs[leg_id];
  if (stamp.stream != leg.stream) return false;
  const PlanStream& stream = plan_.streams[leg.stream];
  const std::uint8_t renamed = leg.rewrite.payload_types[stream.payload_type];
  const std::uint8_t type = renamed == kSamePayloadType ? stream.payload_type : renamed;
  const std::uint64_t sequence = stream.first_sequence + stamp.number + leg.rewrite.sequence_offset;
  return job.packet[1] == (type | (stamp.marker ? 0x80 : 0)) &&
         net::load_be16(job.packet + 2) == static_cast<std::uint16_t>(sequence) &&
         net::load_be32(job.packet + 4) == stamp.timestamp + leg.rewrite.timestamp_offset;
}

void Verifier::take_rtcp(const Frame& frame, const PlanTransport& transport) {
  if (transport.receive == nullptr) {
    ++counters_.strays;
    return;
  }
  if (verify_.kind == Verify::Kind::none) {
    ++counters_.rtcp;
    return;
  }
  srtp::OpenJob job{.keys = transport.receive.get(),
                    .packet = frame.payload,
                    .length = frame.length,
                    .header_length = kRtcpHeader};
  engine_.open_rtcp({&job, 1});
  ++(job.authentic ? counters_.rtcp : counters_.rtcp_forged);
}

}  // namespace causeway::pktgen
