// What the generator's tests share: a configuration of a load, and a small appliance that forwards it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/load.h"
#include "dataplane/classify.h"
#include "dataplane/drop.h"
#include "dataplane/net/bytes.h"
#include "dataplane/net/checksum.h"
#include "dataplane/rtcp.h"
#include "dataplane/srtp/index.h"
#include "tools/pktgen/load_config.h"
#include "tools/pktgen/plan.h"
#include "tools/pktgen/sender.h"
#include "tools/pktgen/verifier.h"

namespace causeway::pktgen {

using Bytes = std::vector<std::uint8_t>;

inline const net::MacAddress kOwnMac{{2, 0, 0, 0, 0, 0x99}};
inline const net::MacAddress kApplianceMac{{2, 0, 0, 0, 0, 1}};

inline LoadShape every_suite() {
  const auto all = srtp::all_suites();
  LoadShape shape{.publishers = all.size(), .legs = 2, .device = "net_null0", .neighbour = kOwnMac};
  shape.suites.clear();
  for (const srtp::SuiteInfo& each : all)
    shape.suites.push_back(each.suite);
  return shape;
}

inline config::Config load(const LoadShape& shape, std::uint64_t seed = 1) {
  const config::Loaded loaded = config::load_text(make_load_config(shape, seeded_bytes(seed)), "load.yaml");
  std::string problems;
  for (const config::Problem& problem : loaded.problems)
    problems += problem.to_string() + "\n";
  if (!loaded.config || !problems.empty()) throw std::runtime_error(problems);
  return *loaded.config;
}

inline Plan plan_of(const config::Config& config, const srtp::Engine& engine, std::uint64_t seed = 1) {
  return make_plan(config, engine, {.mac = kOwnMac, .video = true, .seed = seed});
}

// Takes the frames of a sender, and gives them to somebody as an appliance's classify() sees them.
class FrameBuffers {
 public:
  FrameBuffers() : memory_(Sender::kBatch * kRoom) {
    for (std::size_t i = 0; i < frames_.size(); ++i)
      frames_[i] = {.buffer = &frames_[i], .data = memory_.data() + i * kRoom};
  }
  std::span<OutFrame> frames() { return frames_; }

 private:
  static constexpr std::size_t kRoom = 10'000;
  Bytes memory_;
  std::array<OutFrame, Sender::kBatch> frames_;
};

// One port, no drops of its own: opens, checks for replay, rewrites and seals as the appliance does, from
// the appliance's own configuration. What it received ends in `drops` or in copies.
class TestAppliance {
 public:
  TestAppliance(const config::Config& config, srtp::Engine& engine)
      : engine_(engine), legs_(config.legs.size()), configured_(config) {
    const config::Port& port = config.ports.front();
    policy_ = {.mac = kApplianceMac,
               .addresses = port.addresses,
               .mtu = port.mtu,
               .media_port_first = config.media.port_range.first,
               .media_port_last = config.media.port_range.last};
    for (const config::Transport& each : config.transports) {
      Remote remote{.config = &each, .header = make_header_template(policy_, each.local, each.remote)};
      if (each.receive) remote.receive = expand(*each.receive);
      if (each.send) remote.send = expand(*each.send);
      remotes_.push_back(std::move(remote));
    }
  }

  // Calls send(frame) for each copy.
  void receive(std::span<std::uint8_t> frame, const std::function<void(std::span<std::uint8_t>)>& send) {
    Packet packet{.frame = frame.data(), .frame_length = static_cast<std::uint32_t>(frame.size())};
    classify(policy_, packet);
    Remote* from = packet.drop == Drop::none ? find(packet.key) : nullptr;
    if (packet.drop == Drop::none && from == nullptr) packet.drop = Drop::no_transport;
    if (packet.drop == Drop::none && packet.kind == Kind::rtcp) packet.drop = take_rtcp(packet, *from);
    if (packet.drop == Drop::none && packet.kind == Kind::rtp) packet.drop = forward(packet, *from, send);
    ++drops[static_cast<std::size_t>(packet.drop)];
  }

  std::uint64_t dropped(Drop reason) const { return drops[static_cast<std::size_t>(reason)]; }

  std::array<std::uint64_t, kDrops> drops{};
  std::uint64_t rtcp = 0;  // authentic and valid
  std::function<bool(std::size_t leg)> lose = [](std::size_t) { return false; };
  std::function<void(std::span<std::uint8_t> frame)> spoil = [](std::span<std::uint8_t>) {};

 private:
  struct Remote {
    const config::Transport* config;
    HeaderTemplate header;
    std::unique_ptr<srtp::SessionKeys> receive{};
    std::unique_ptr<srtp::SessionKeys> send{};
    std::map<std::uint32_t, srtp::RtpIndex> sources{};
    std::map<std::uint32_t, srtp::ReplayWindow> rtcp_sources{};
  };

  std::unique_ptr<srtp::SessionKeys> expand(const config::Crypto& crypto) const {
    return engine_.expand(crypto.suite, crypto.key.bytes(), crypto.salt.bytes());
  }

  Remote* find(const TransportKey& key) {
    for (Remote& each : remotes_) {
      if (each.config->remote == net::Endpoint{key.remote, key.remote_port} &&
          each.config->local == net::Endpoint{key.local, key.local_port}) {
        return &each;
      }
    }
    return nullptr;
  }

  Drop take_rtcp(Packet& packet, Remote& from) {
    const auto trailer = srtp::rtcp_trailer(from.receive->suite(), {packet.payload, packet.payload_length});
    const std::uint32_t ssrc = net::load_be32(packet.payload + 4);
    srtp::OpenJob job{.keys = from.receive.get(), .packet = packet.payload, .length = packet.payload_length};
    engine_.open_rtcp({&job, 1});
    if (!job.authentic) return Drop::srtp_auth_failed;
    if (from.receive->suite() != srtp::Suite::none &&
        from.rtcp_sources[ssrc].accept(trailer->index) != srtp::ReplayWindow::Verdict::fresh) {
      return Drop::srtp_replayed;
    }
    if (!rtcp::valid({packet.payload, job.length})) return Drop::rtcp_malformed;
    ++rtcp;
    return Drop::none;
  }

  Drop forward(Packet& packet, Remote& from, const std::function<void(std::span<std::uint8_t>)>& send) {
    srtp::RtpIndex& source = from.sources[packet.rtp.ssrc];
    const std::uint64_t index = source.estimate(packet.rtp.sequence);
    srtp::OpenJob job{.keys = from.receive.get(),
                      .packet = packet.payload,
                      .length = packet.payload_length,
                      .header_length = packet.rtp.length,
                      .index = index};
    engine_.open_rtp({&job, 1});
    if (!job.authentic) return Drop::srtp_auth_failed;
    if (source.accept(index) != srtp::ReplayWindow::Verdict::fresh) return Drop::srtp_replayed;
    for (std::size_t i = 0; i < configured_.legs.size(); ++i) {
      const config::Leg& leg = configured_.legs[i];
      const auto track = std::ranges::find(configured_.tracks, leg.track, &config::Track::id);
      if (track->transport != from.config->name || track->layers.front().ssrc != packet.rtp.ssrc) continue;
      copy(i, leg, packet, {packet.payload, job.length}, index, send);
    }
    return Drop::none;
  }

  void copy(std::size_t i, const config::Leg& leg, const Packet& packet, std::span<const std::uint8_t> plain,
            std::uint64_t index, const std::function<void(std::span<std::uint8_t>)>& send) {
    const auto to =
        std::ranges::find(remotes_, leg.transport, [](const Remote& each) { return each.config->name; });
    const auto mapped = legs_[i].map(index, leg.sequence_offset);
    Bytes frame(to->header.length + plain.size() + srtp::kMaxRtpOverhead);
    LegRewrite rewrite;
    rewrite.ssrc = leg.ssrc;
    rewrite.timestamp_offset = leg.timestamp_offset;
    std::uint8_t* rtp = frame.data() + to->header.length;
    rewrite_rtp_header(plain, packet.rtp, rewrite, mapped.value(), rtp);
    srtp::SealJob job{.keys = to->send.get(),
                      .payload = plain.data() + packet.rtp.length,
                      .payload_length = static_cast<std::uint32_t>(plain.size()) - packet.rtp.length,
                      .packet = rtp,
                      .header_length = packet.rtp.length,
                      .index = mapped.value()};
    engine_.seal_rtp({&job, 1});
    write_headers(to->header, kOwnMac, job.length, {}, frame.data());
    frame.resize(to->header.length + job.length);
    if (lose(i)) return;
    spoil(frame);
    send(frame);
  }

  srtp::Engine& engine_;
  PortPolicy policy_;
  std::vector<Remote> remotes_;
  std::vector<LegSequence> legs_;
  config::Config configured_;
};

}  // namespace causeway::pktgen
