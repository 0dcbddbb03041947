#include "tests/bench/pipeline_rig.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/relay/shim.h"
#include "tools/measure/tsc.h"

namespace causeway::bench {

namespace {

using measure::read_tsc;

constexpr std::size_t kHeader = 12;  // RTP's
constexpr unsigned kRing = 16384;    // the outputs of one turn
constexpr unsigned kBuffers = 8192;
constexpr unsigned kBufferCache = 256;  // as the appliance's
constexpr std::uint16_t kLocalPort = 20000;
constexpr std::uint16_t kRemotePort = 5004;
constexpr std::uint32_t kLocal = 0x0a000001;            // 10.0.0.1
constexpr std::uint32_t kFirstPublisher = 0x0a800000;   // 10.128.0.0
constexpr std::uint32_t kFirstSubscriber = 0x0a010000;  // 10.1.0.0
constexpr std::uint32_t kLegSsrc = 0x4c454700;
constexpr Label kLabel{.stamp = 1, .origin = 0, .depth = 0};  // of relayed tracks
const net::MacAddress kOurs = *net::MacAddress::parse("02:00:00:00:00:01");
const net::MacAddress kNextHop = *net::MacAddress::parse("02:00:00:00:00:02");

// Another key for each transport and direction; the same ones in each run.
config::Crypto crypto_of(srtp::Suite suite, std::uint32_t remote, std::uint8_t direction) {
  std::array<std::uint8_t, srtp::kMaxMasterKey + srtp::kMaxMasterSalt> bytes;
  std::uint32_t state = remote * 2654435761u + direction + 1;
  for (std::uint8_t& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  const srtp::SuiteInfo& info = srtp::info(suite);
  const std::span<const std::uint8_t> all(bytes);
  return {.suite = suite,
          .key = config::Secret(all.first(info.key_length)),
          .salt = config::Secret(all.subspan(info.key_length, info.salt_length))};
}

PortPolicy make_policy(const net::MacAddress& mac) {
  PortPolicy policy;
  policy.mac = mac;
  policy.addresses = {{net::IpAddress::v4(kLocal), 8}};
  policy.media_port_first = kLocalPort;
  policy.media_port_last = 29999;
  return policy;
}

std::string publisher_name(std::size_t track) {
  return "p" + std::to_string(track);
}

rte_ring* make_ring(const std::string& name) {
  rte_ring* ring = rte_ring_create(name.c_str(), kRing, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
  if (ring == nullptr) throw std::runtime_error("no memory for a ring");
  return ring;
}

// verify() holds what all legs are sent.
rte_mempool* make_pool(const std::string& name, std::size_t legs) {
  const auto buffers = kBuffers + static_cast<unsigned>(legs);
  rte_mempool* pool = rte_pktmbuf_pool_create((name + "pool").c_str(), buffers, kBufferCache, 0,
                                              RTE_PKTMBUF_HEADROOM + 2048, SOCKET_ID_ANY);
  if (pool == nullptr) throw std::runtime_error("no memory for packet buffers");
  return pool;
}

constexpr std::size_t kSpareLegs = 1024;  // for changes
constexpr std::uint32_t kCrowdSsrc = 0x10000000;
constexpr std::size_t kFrameHeader = 42;  // Ethernet, IPv4, UDP

std::size_t transports_of(const RigOptions& options) {
  return options.tracks * (options.legs + 1) + options.crowd + 1;
}

std::string next_name() {
  static int count = 0;
  return "rig" + std::to_string(count++);
}

}  // namespace

PipelineRig::PipelineRig(const RigOptions& options)
    : options_(options),
      name_(next_name()),
      pool_(make_pool(name_, options.legs)),
      peer_(srtp::make_ipsec_mb_engine()),
      keys_maker_(options.make_engine()),
      tables_(transports_of(options), options.tracks + 1,
              options.tracks * options.legs + options.crowd + kSpareLegs,
              options.relays ? options.tracks + 1 : 0),
      session_(tables_.transports.size(), tables_.layers.size(), tables_.legs.size()),
      index_(name_, transports_of(options), qsbr_.get()),
      publisher_(tables_, session_, index_, *keys_maker_, qsbr_, {.legs_per_shard = SIZE_MAX}),
      tracks_(options.tracks + (options.crowd == 0 ? 0 : 1)),
      plain_(options.bytes),
      handoff_(1) {
  make_port();
  make_tables(options);
  WorkerEnvironment environment{.lcore = rte_lcore_id(),
                                .snapshot = &publisher_.snapshot(),
                                .tables = &tables_,
                                .session = &session_,
                                .index = &index_,
                                .handoff = &handoff_,
                                .qsbr = qsbr_.get(),
                                .pool = pool_,
                                .max_queue_delay_tsc = UINT64_MAX / 2,
                                .keepalive_tsc = UINT64_MAX / 2};
  environment.ports.push_back(
      {.device = device_, .checksums = {.ipv4_by_port = options.offload, .udp_by_port = options.offload}});
  worker_ = std::make_unique<Worker>(std::move(environment), options.make_engine());
}

PipelineRig::~PipelineRig() {
  worker_.reset();
  free_sent(nullptr, 0);
  rte_eth_remove_tx_callback(device_, 0, static_cast<const rte_eth_rxtx_callback*>(callback_));
  rte_eth_dev_stop(device_);
  rte_eth_dev_close(device_);
  rte_ring_free(rx_);
  rte_ring_free(tx_);
  rte_mempool_free(pool_);
}

void PipelineRig::make_port() {
  rx_ = make_ring(name_ + "rx");
  tx_ = make_ring(name_ + "tx");
  const int device = rte_eth_from_rings(name_.c_str(), &rx_, 1, &tx_, 1, 0);
  if (device < 0) throw std::runtime_error("no port of rings");
  device_ = static_cast<std::uint16_t>(device);
  rte_eth_conf conf{};
  if (rte_eth_dev_configure(device_, 1, 1, &conf) != 0 ||
      rte_eth_rx_queue_setup(device_, 0, kRing, 0, nullptr, pool_) != 0 ||
      rte_eth_tx_queue_setup(device_, 0, kRing, 0, nullptr) != 0 || rte_eth_dev_start(device_) != 0) {
    throw std::runtime_error("the port of rings does not start");
  }
  const auto before_transmit = [](std::uint16_t, std::uint16_t, rte_mbuf** packets, std::uint16_t count,
                                  void* rig) {
    return static_cast<PipelineRig*>(rig)->free_sent(packets, count);
  };
  callback_ = rte_eth_add_tx_callback(device_, 0, before_transmit, this);
  if (callback_ == nullptr) throw std::runtime_error("DPDK is built without callbacks");
}

// What is in flight is the last burst only. Returns the number of packets to transmit now: all.
std::uint16_t PipelineRig::free_sent(rte_mbuf**, std::uint16_t count) {
  if (keep_) return count;
  std::array<rte_mbuf*, 64> sent;
  while (true) {
    const unsigned n =
        rte_ring_sc_dequeue_burst(tx_, reinterpret_cast<void**>(sent.data()), sent.size(), nullptr);
    if (n == 0) return count;
    for (unsigned i = 0; i < n && options_.crowd != 0; ++i) {
      if (net::load_be32(rte_pktmbuf_mtod(sent[i], std::uint8_t*) + kFrameHeader + 8) == kCrowdSsrc) --sent_;
    }
    sent_ += n;
    rte_pktmbuf_free_bulk(sent.data(), n);
  }
}

void PipelineRig::make_tables(const RigOptions& options) {
  auto snapshot = std::make_unique<Snapshot>();
  snapshot->ports.push_back(make_policy(kOurs));
  publisher_.publish_snapshot(std::move(snapshot), {"media"});
  const PortPolicy remote_policy = make_policy(kNextHop);
  const net::Endpoint local{net::IpAddress::v4(kLocal), kLocalPort};
  std::uint32_t subscriber = kFirstSubscriber;
  for (std::uint32_t t = 0; t < tracks_.size(); ++t) {
    const bool crowd = t == options.tracks;
    const std::uint32_t remote = kFirstPublisher + t;
    add_transport(publisher_name(t), remote, true);
    publisher_.add_track({.id = "t" + std::to_string(t),
                          .transport = publisher_name(t),
                          .layers = {{.name = "main", .ssrc = t + 1}}});
    const config::Crypto crypto = crypto_of(options.suite, remote, 0);
    if (options.relays) publisher_.set_relay("t" + std::to_string(t), kNoNode, kLabel);
    tracks_[t].keys = peer_->expand(options.suite, crypto.key.bytes(), crypto.salt.bytes());
    tracks_[t].header = make_header_template(remote_policy, {net::IpAddress::v4(remote), kRemotePort}, local);
    for (std::size_t i = 0; i < (crowd ? options.crowd : options.legs); ++i, ++subscriber) {
      const std::string name = "s" + std::to_string(subscriber);
      add_transport(name, subscriber, false);
      publisher_.add_leg({.name = name,
                          .track = "t" + std::to_string(t),
                          .transport = name,
                          .ssrc = crowd ? kCrowdSsrc : kLegSsrc});
      publisher_.reclaim();
    }
  }
  for (Transport& transport : tables_.transports)
    transport.next_hop.set(kNextHop);
}

void PipelineRig::add_transport(const std::string& name, std::uint32_t remote, bool publisher) {
  config::Transport transport{.name = name,
                              .port = "media",
                              .local = {net::IpAddress::v4(kLocal), kLocalPort},
                              .remote = {net::IpAddress::v4(remote), kRemotePort}};
  if (publisher) {
    transport.receive = crypto_of(options_.suite, remote, 0);
  } else {
    transport.send = crypto_of(options_.suite, remote, 1);
  }
  publisher_.add_transport(
      transport, publisher || !options_.relays ? control::NodeLink{} : control::NodeLink{.node = 1});
}

rte_mbuf* PipelineRig::make_input() {
  random_ ^= random_ << 13;  // xorshift64
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return make_input(options_.tracks == 1 ? 0 : random_ % options_.tracks);
}

rte_mbuf* PipelineRig::make_input(std::size_t number) {
  Track& track = tracks_[number];
  rte_mbuf* mbuf = rte_pktmbuf_alloc(pool_);
  if (mbuf == nullptr) throw std::runtime_error("no packet buffer for an input");
  std::uint8_t* frame = rte_pktmbuf_mtod(mbuf, std::uint8_t*);
  std::uint8_t* rtp = frame + track.header.length;
  const std::uint64_t index = track.next_index++;
  rtp[0] = 0x80;
  rtp[1] = 96;
  net::store_be16(rtp + 2, static_cast<std::uint16_t>(index));
  net::store_be32(rtp + 4, static_cast<std::uint32_t>(index * 3000));
  net::store_be32(rtp + 8, static_cast<std::uint32_t>(number) + 1);
  srtp::SealJob job{.keys = track.keys.get(),
                    .payload = plain_.data(),
                    .payload_length = static_cast<std::uint32_t>(options_.bytes - kHeader),
                    .packet = rtp,
                    .header_length = kHeader,
                    .index = index};
  peer_->seal_rtp({&job, 1});
  write_headers(track.header, kOurs, job.length, {}, frame);
  mbuf->data_len = static_cast<std::uint16_t>(track.header.length + job.length);
  mbuf->pkt_len = mbuf->data_len;
  return mbuf;
}

void PipelineRig::inject(rte_mbuf* input) {
  if (rte_ring_sp_enqueue(rx_, input) != 0) throw std::runtime_error("the receive ring is full");
}

std::uint64_t PipelineRig::take_sent() {
  free_sent(nullptr, 0);
  return std::exchange(sent_, 0);
}

Sample PipelineRig::round(std::size_t outputs) {
  const std::size_t fan_out = std::max<std::size_t>(1, options_.legs);
  const std::size_t inputs = std::min<std::size_t>(
      4096, (outputs + fan_out * options_.burst - 1) / (fan_out * options_.burst) * options_.burst);
  inputs_.clear();
  for (std::size_t i = 0; i < inputs; ++i)
    inputs_.push_back(make_input());
  std::uint64_t ticks = 0;
  for (std::size_t i = 0; i < inputs; i += options_.burst) {
    for (std::size_t k = 0; k < options_.burst; ++k)
      inject(inputs_[i + k]);
    const std::uint64_t begin = read_tsc();
    turn();
    ticks += read_tsc() - begin;
  }
  const std::uint64_t got = take_sent();
  if (got != inputs * options_.legs) explain(inputs * options_.legs, got);
  return {ticks, inputs * fan_out};
}

Sample PipelineRig::change(std::size_t legs) {
  const std::string to = "s" + std::to_string(kFirstSubscriber);
  std::vector<std::string> names;
  std::uint64_t ticks = 0;
  for (std::size_t i = 0; i < legs; ++i) {
    const std::string name = "extra" + std::to_string(i);
    const auto ssrc = static_cast<std::uint32_t>(kLegSsrc + 1 + i);
    const std::uint64_t begin = read_tsc();
    publisher_.add_leg({.name = name, .track = "t0", .transport = to, .ssrc = ssrc});
    publisher_.reclaim();
    ticks += read_tsc() - begin;
    names.push_back(name);
  }
  worker_->turn();
  for (const std::string& name : names) {
    const std::uint64_t begin = read_tsc();
    publisher_.remove_leg(name);
    publisher_.reclaim();
    ticks += read_tsc() - begin;
  }
  worker_->turn();
  publisher_.reclaim();
  return {ticks, 2 * legs};
}

void PipelineRig::verify() {
  rte_mbuf* input = make_input(0);
  keep_ = true;
  inject(input);
  turn();
  keep_ = false;
  std::vector<rte_mbuf*> sent(std::max<std::size_t>(1, options_.legs));
  const unsigned n = rte_ring_sc_dequeue_burst(tx_, reinterpret_cast<void**>(sent.data()),
                                               static_cast<unsigned>(sent.size()), nullptr);
  if (n != options_.legs) explain(options_.legs, n);
  const auto opener = srtp::make_ipsec_mb_engine();
  for (std::uint32_t i = 0; i < n; ++i) {
    Packet packet;
    packet.frame = rte_pktmbuf_mtod(sent[i], std::uint8_t*);
    packet.frame_length = sent[i]->pkt_len;
    PortPolicy subscriber = make_policy(kNextHop);
    subscriber.addresses = {{net::IpAddress::v4(kFirstSubscriber + i), 8}};
    subscriber.media_port_first = kRemotePort;
    subscriber.verify_udp_checksum = !options_.offload;
    packet.hints.ip_checksum_good = options_.offload;
    classify(subscriber, packet);
    const config::Crypto crypto = crypto_of(options_.suite, kFirstSubscriber + i, 1);
    const auto keys = opener->expand(options_.suite, crypto.key.bytes(), crypto.salt.bytes());
    srtp::OpenJob job{.keys = keys.get(),
                      .packet = packet.payload,
                      .length = packet.payload_length,
                      .header_length = packet.rtp.length,
                      .index = packet.rtp.sequence};
    if (packet.drop == Drop::none) opener->open_rtp({&job, 1});
    if (options_.relays && job.authentic && relay::read_shim({job.packet, job.length})) {
      packet.payload_length = job.length;
      relay::strip_shim(packet);
      job.length = packet.payload_length;
    }
    if (!job.authentic || job.length != options_.bytes || packet.rtp.ssrc != kLegSsrc ||
        !std::equal(plain_.begin() + kHeader, plain_.end(), packet.payload + kHeader)) {
      throw std::runtime_error("output " + std::to_string(i) + " is not what its leg must be sent");
    }
  }
  rte_pktmbuf_free_bulk(sent.data(), n);
}

void PipelineRig::explain(std::uint64_t wanted, std::uint64_t got) const {
  const WorkerCounters& counters = worker_->counters();
  std::string text = std::to_string(got) + " outputs instead of " + std::to_string(wanted) + ":";
  for (std::size_t i = 0; i < kDrops; ++i) {
    if (const auto n = counters.drops[i].read(); n != 0) {
      text += " " + std::string(info(static_cast<Drop>(i)).name) + " " + std::to_string(n);
    }
  }
  for (std::size_t i = 0; i < kEgressDrops; ++i) {
    if (const auto n = counters.egress_drops[i].read(); n != 0) {
      text += " " + std::string(info(static_cast<EgressDrop>(i)).name) + " " + std::to_string(n);
    }
  }
  throw std::runtime_error(text);
}

}  // namespace causeway::bench
