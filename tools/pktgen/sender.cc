#include "tools/pktgen/sender.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "dataplane/net/bytes.h"
#include "tools/pktgen/stamp.h"

namespace causeway::pktgen {

namespace {

constexpr std::uint32_t kRtpHeader = 12;
constexpr std::uint32_t kRtcpHeader = 8;
// Packets of a stream that nothing befalls: the appliance and its legs begin with them.
constexpr std::uint64_t kGrace = 32;
// Far inside of the appliance's replay window, so that a replayed packet is one, and not too old.
constexpr std::size_t kHistory = 64;
constexpr std::uint32_t kMostHeld = 8;
constexpr std::size_t kStrangers = 64;
constexpr std::size_t kReportsOfTransport = 8;  // the appliance follows 16 RTCP sources of a transport
constexpr std::uint32_t kMostGarbage = 200;

HeaderTemplate stranger_header(const Plan& plan, const EndpointIndex& endpoints, const SenderOptions& options,
                               Dice& dice, std::size_t number) {
  net::Endpoint own = plan.strangers[number % plan.strangers.size()];
  const auto peer = std::ranges::find_if(plan.transports, [&](const PlanTransport& each) {
    return each.own.address.is_v4() == own.address.is_v4();
  });
  do {
    own.port = static_cast<std::uint16_t>(1024 + dice.below(60'000));
  } while (endpoints.find(own, peer->appliance) != kNoId);
  const PortPolicy port{.mac = options.mac, .vlan = plan.vlan, .mtu = plan.mtu};
  return make_header_template(port, own, peer->appliance);
}

}  // namespace

Sender::Sender(const Plan& plan, const EndpointIndex& endpoints, srtp::Engine& engine,
               const SenderOptions& options)
    : plan_(plan),
      engine_(engine),
      options_(options),
      schedule_(options.profile, plan.streams.size(), options.seed, plan.most_payload, kStampLength),
      dice_(options.impairments, options.seed ^ 0x5eed),
      streams_(plan.streams.size()),
      rtcp_index_(plan.transports.size()),
      plain_(kBatch * plan.most_payload),
      counted_(plan.streams.size()) {
  if (options.profile.kind == Profile::Kind::fixed &&
      options.profile.bytes > kRtpHeader + plan.most_payload) {
    throw std::invalid_argument("fixed packets of " + std::to_string(options.profile.bytes) +
                                " bytes do not fit the port's MTU: at most " +
                                std::to_string(kRtpHeader + plan.most_payload) + " do");
  }
  std::vector<std::uint8_t> reports(plan.transports.size());
  for (Id id = 0; id < plan.streams.size(); ++id) {
    if (reports[plan.streams[id].transport]++ < kReportsOfTransport) reporting_.push_back(id);
  }
  for (Id id = 0; id < plan.legs.size(); ++id) {
    if (plan.transports[plan.legs[id].transport].send != nullptr) subscribed_.push_back(id);
  }
  if (options.impairments.garbage > 0) {
    for (std::size_t i = 0; i < kStrangers; ++i)
      strangers_.push_back(stranger_header(plan, endpoints, options, dice_, i));
  }
}

double Sender::packets_per_second() const {
  return schedule_.packets_per_second() * (1 + (options_.mix.rtcp + options_.mix.stun) / options_.mix.rtp);
}

void Sender::begin_phase(std::uint32_t phase) {
  phase_ = phase;
  counters_ = {};
  std::ranges::fill(counted_, StreamCounters{});
}

std::size_t Sender::fill(std::span<OutFrame> frames, std::uint64_t until_ns, std::uint64_t tsc) {
  const std::size_t most = std::min(frames.size(), kBatch);
  std::size_t n = 0;
  job_count_ = 0;
  while (n < most) {
    slots_[n] = {};
    if (!ready_.empty()) {
      place_stored(frames[n], ready_.front());
      ready_.pop_front();
    } else if (rtcp_credit_ >= 1 || stun_credit_ >= 1) {
      if (!place_control(frames[n])) continue;
    } else if (schedule_.next_ns() <= until_ns) {
      rtcp_credit_ += options_.mix.rtcp / options_.mix.rtp;
      stun_credit_ += options_.mix.stun / options_.mix.rtp;
      place_media(frames[n], slots_[n], schedule_.next(), tsc);
      if (!slots_[n].keep) continue;
    } else {
      break;
    }
    ++n;
  }
  return seal(frames, n);
}

std::size_t Sender::flush(std::span<OutFrame> frames, std::uint64_t tsc) {
  for (Held& held : held_)
    held.remaining = 0;
  release_held();
  rtcp_credit_ = stun_credit_ = 0;
  return ready_.empty() ? 0 : fill(frames, 0, tsc);
}

std::size_t Sender::probe(std::span<OutFrame> frames, Id stream, std::uint64_t tsc) {
  job_count_ = 0;
  slots_[0] = {};
  place_media(frames[0], slots_[0], {.stream = stream, .payload_length = kStampLength}, tsc);
  return seal(frames, slots_[0].keep ? 1 : 0);
}

// Header and plain payload; a lost packet leaves only a gap behind.
void Sender::place_media(OutFrame& frame, Slot& slot, const MediaPacket& packet, std::uint64_t tsc) {
  const PlanStream& planned = plan_.streams[packet.stream];
  const PlanTransport& transport = plan_.transports[planned.transport];
  Stream& stream = streams_[packet.stream];
  const std::uint64_t number = stream.next++;
  stream.timestamp = planned.first_timestamp + packet.timestamp;
  stream.octets += packet.payload_length;
  slot = {.media = true, .stream = packet.stream, .number = number, .job = job_count_};
  slot.fate = number < kGrace ? Fate::sent : dice_.fate();
  if (slot.fate == Fate::reordered && stream.held) slot.fate = Fate::sent;
  if (dice_.garbage()) add_garbage();
  if (slot.fate == Fate::lost) {
    ++counters_.lost;
    slot.keep = false;
    return;
  }
  const std::uint64_t index = planned.first_sequence + number;
  frame.header = &transport.rtp_header;
  std::uint8_t* rtp = frame.data + transport.rtp_header.length;
  rtp[0] = 0x80;
  rtp[1] = static_cast<std::uint8_t>(planned.payload_type | (packet.marker ? 0x80 : 0));
  net::store_be16(rtp + 2, static_cast<std::uint16_t>(index));
  net::store_be32(rtp + 4, stream.timestamp);
  net::store_be32(rtp + 8, planned.ssrc);
  const std::span<std::uint8_t> payload(plain_.data() + job_count_ * plan_.most_payload,
                                        packet.payload_length);
  write_stamp({.phase = phase_,
               .stream = packet.stream,
               .number = number,
               .tsc = tsc,
               .timestamp = stream.timestamp,
               .marker = packet.marker},
              payload);
  jobs_[job_count_++] = {.keys = transport.send.get(),
                         .payload = payload.data(),
                         .payload_length = packet.payload_length,
                         .packet = rtp,
                         .header_length = kRtpHeader,
                         .index = index};
  if (slot.fate == Fate::reordered) {
    stream.held = true;
    held_.push_back(
        {.packet = {.stream = packet.stream, .number = number}, .remaining = 1 + dice_.below(kMostHeld)});
  } else if (slot.fate != Fate::corrupted) {
    deliver(packet.stream, number);
  }
}

// A valid packet leaves: the legs of its stream must see it.
void Sender::deliver(Id id, std::uint64_t number) {
  Stream& stream = streams_[id];
  ++counters_.rtp;
  ++counted_[id].packets;
  if (number < stream.highest) {
    ++counted_[id].late;
    ++counters_.reordered;
  }
  stream.highest = std::max(stream.highest, number + 1);
  if (!stream.held) return;
  for (Held& held : held_) {
    if (held.packet.stream == id && held.packet.number != number && held.remaining > 0) --held.remaining;
  }
}

std::size_t Sender::seal(std::span<OutFrame> frames, std::size_t count) {
  engine_.seal_rtp(std::span(jobs_).first(job_count_));
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (slots_[i].media) finish_media(frames[i], slots_[i]);
    if (!slots_[i].keep) continue;
    counters_.bytes += frames[i].length;
    std::swap(frames[kept++], frames[i]);
  }
  counters_.frames += kept;
  release_held();
  return kept;
}

void Sender::finish_media(OutFrame& frame, Slot& slot) {
  const srtp::SealJob& job = jobs_[slot.job];
  if (job.length == 0) throw std::logic_error("the cipher library refused a packet");
  const bool corrupted = slot.fate == Fate::corrupted;
  const bool plain = plan_.transports[plan_.streams[slot.stream].transport].send_suite == srtp::Suite::none;
  const std::uint32_t bit = corrupted ? dice_.below((job.length - kRtpHeader) * 8) : 0;
  const auto flip = [&] {
    job.packet[kRtpHeader + bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    ++counters_.corrupted;
  };
  // Nothing but the UDP checksum guards plain RTP, so it stays that of the packet before.
  if (corrupted && !plain) flip();
  const TxChecksums checksums =
      std::exchange(options_.checksums, corrupted && plain ? TxChecksums{} : options_.checksums);
  finish(frame, *frame.header, job.length);
  options_.checksums = checksums;
  if (corrupted && plain) flip();

  switch (slot.fate) {
    case Fate::reordered:
      for (Held& held : held_) {
        if (held.packet.stream == slot.stream) held.packet = store(frame, slot, Stored::Kind::late);
      }
      slot.keep = false;
      return;
    case Fate::duplicated:
      ready_.push_back(store(frame, slot, Stored::Kind::repeat));
      ++counters_.duplicated;
      break;
    case Fate::replayed:
      if (!history_.empty()) {
        ready_.push_back(history_[dice_.below(static_cast<std::uint32_t>(history_.size()))]);
        ++counters_.replayed;
      }
      break;
    case Fate::sent:
    case Fate::corrupted:
    case Fate::lost:
      break;
  }
  if (options_.impairments.replay > 0 && !corrupted) remember(store(frame, slot, Stored::Kind::repeat));
}

void Sender::finish(OutFrame& frame, const HeaderTemplate& header, std::uint32_t payload_length) {
  write_headers(header, options_.next_hop, payload_length, options_.checksums, frame.data);
  frame.header = &header;
  frame.length = header.length + payload_length;
  frame.checksums_by_port = options_.checksums.udp_by_port || options_.checksums.ipv4_by_port;
}

Sender::Stored Sender::store(const OutFrame& frame, const Slot& slot, Stored::Kind kind) const {
  const std::uint8_t* payload = frame.data + frame.header->length;
  return {.kind = kind,
          .header = frame.header,
          .stream = slot.stream,
          .number = slot.number,
          .payload = std::vector<std::uint8_t>(payload,
                                               static_cast<const std::uint8_t*>(frame.data + frame.length))};
}

void Sender::remember(const Stored& stored) {
  if (history_.size() < kHistory) {
    history_.push_back(stored);
  } else {
    history_[next_history_++ % kHistory] = stored;
  }
}

void Sender::release_held() {
  std::erase_if(held_, [this](Held& held) {
    if (held.remaining > 0 || held.packet.payload.empty()) return false;
    streams_[held.packet.stream].held = false;
    ready_.push_back(std::move(held.packet));
    return true;
  });
}

void Sender::place_stored(OutFrame& frame, const Stored& stored) {
  std::ranges::copy(stored.payload, frame.data + stored.header->length);
  finish(frame, *stored.header, static_cast<std::uint32_t>(stored.payload.size()));
  if (stored.kind == Stored::Kind::garbage) ++counters_.garbage;
  if (stored.kind != Stored::Kind::late) return;
  deliver(stored.stream, stored.number);
  if (options_.impairments.replay > 0) {
    Stored again = stored;
    again.kind = Stored::Kind::repeat;
    remember(again);
  }
}

// Three sorts, each of which has its own reason to be dropped.
void Sender::add_garbage() {
  const std::uint64_t sort = dice_.number() % 3;
  const PlanTransport& known =
      plan_.transports[plan_.sources[dice_.below(static_cast<std::uint32_t>(plan_.sources.size()))]];
  const bool idle = known.rtp_header.length == 0;
  const PlanTransport& from = idle ? plan_.transports[plan_.streams.front().transport] : known;
  Stored garbage{.kind = Stored::Kind::garbage, .header = &from.rtp_header};
  garbage.payload.resize(kRtpHeader + dice_.below(kMostGarbage));
  for (std::uint8_t& byte : garbage.payload)
    byte = static_cast<std::uint8_t>(dice_.number());
  if (sort == 0) garbage.payload[0] = static_cast<std::uint8_t>(200 + dice_.below(56));  // RFC 7983: nobody's
  if (sort != 0) {
    garbage.payload[0] = 0x80;
    garbage.payload[1] = 96;
  }
  if (sort == 1) garbage.header = &strangers_[dice_.below(kStrangers)];
  if (sort == 2) garbage.payload.resize(kRtpHeader / 2);  // ends inside of its header
  ready_.push_back(std::move(garbage));
}

// False if nobody can say anything.
bool Sender::place_control(OutFrame& frame) {
  if (stun_credit_ >= 1) {
    stun_credit_ -= 1;
    place_stun(frame);
    return true;
  }
  rtcp_credit_ -= 1;
  // Two sender reports to three words of subscribers.
  const bool report_first = control_turn_++ % 5 < 2;
  if (report_first) return place_sender_report(frame) || place_feedback(frame);
  return place_feedback(frame) || place_sender_report(frame);
}

bool Sender::place_sender_report(OutFrame& frame) {
  if (reporting_.empty()) return false;
  const Id id = reporting_[next_reporting_++ % reporting_.size()];
  const PlanStream& planned = plan_.streams[id];
  const Stream& stream = streams_[id];
  const std::size_t length = write_sender_report({.ssrc = planned.ssrc,
                                                  .media_ns = schedule_.next_ns(),
                                                  .timestamp = stream.timestamp,
                                                  .packets = static_cast<std::uint32_t>(stream.next),
                                                  .octets = static_cast<std::uint32_t>(stream.octets)},
                                                 control_);
  place_rtcp(frame, planned.transport, length);
  ++counters_.sender_reports;
  counters_.rtcp_to_legs += planned.legs.size();
  return true;
}

bool Sender::place_feedback(OutFrame& frame) {
  if (subscribed_.empty()) return false;
  const Id leg_id = subscribed_[next_subscribed_++ % subscribed_.size()];
  const PlanLeg& leg = plan_.legs[leg_id];
  const PlanStream& planned = plan_.streams[leg.stream];
  const Stream& stream = streams_[leg.stream];
  using Request = Feedback::Request;
  const Request request = counters_.feedback % 8 == 3    ? Request::nack
                          : counters_.feedback % 16 == 6 ? Request::pli
                                                         : Request::none;
  const std::size_t length = write_feedback(
      {.own_ssrc = plan_.transports[leg.transport].own_ssrc,
       .leg_ssrc = leg.rewrite.ssrc,
       .highest_sequence = static_cast<std::uint16_t>(planned.first_sequence + leg.rewrite.sequence_offset) +
                           static_cast<std::uint32_t>(stream.highest - (stream.highest > 0 ? 1 : 0)),
       .request = request},
      control_);
  place_rtcp(frame, leg.transport, length);
  ++counters_.feedback;
  if (stream.highest > 0 && plan_.transports[planned.transport].receive != nullptr) {
    ++counters_.rtcp_to_publishers;
  }
  return true;
}

void Sender::place_rtcp(OutFrame& frame, Id id, std::size_t length) {
  const PlanTransport& transport = plan_.transports[id];
  std::uint8_t* rtcp = frame.data + transport.rtcp_header.length;
  std::copy_n(control_.data(), kRtcpHeader, rtcp);
  srtp::SealJob job{.keys = transport.send.get(),
                    .payload = control_.data() + kRtcpHeader,
                    .payload_length = static_cast<std::uint32_t>(length) - kRtcpHeader,
                    .packet = rtcp,
                    .header_length = kRtcpHeader,
                    .index = rtcp_index_[id]++};
  engine_.seal_rtcp({&job, 1});
  finish(frame, transport.rtcp_header, job.length);
}

void Sender::place_stun(OutFrame& frame) {
  // Of the transports that are played: those with a header.
  const Id id = plan_.streams[dice_.below(static_cast<std::uint32_t>(plan_.streams.size()))].transport;
  const PlanTransport& transport = plan_.transports[id];
  const std::size_t length = write_stun(dice_.number(), control_);
  std::copy_n(control_.data(), length, frame.data + transport.rtp_header.length);
  finish(frame, transport.rtp_header, static_cast<std::uint32_t>(length));
  ++counters_.stun;
}

}  // namespace causeway::pktgen
