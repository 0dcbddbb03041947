#include "tests/worker/rig.h"

#include <cstring>
#include <stdexcept>

#include <gtest/gtest.h>
#include <rte_cycles.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/net/bytes.h"
#include "tests/worker/traced.h"

namespace causeway::test {

namespace {

const net::MacAddress kMac{{0x02, 0, 0, 0, 0, 1}};
const net::MacAddress kRemoteMac{{0x02, 0, 0, 0, 0, 2}};
constexpr std::size_t kPayload = 20;  // RTP header, track and number

net::IpAddress local_address() {
  return *net::IpAddress::parse("10.0.0.1");
}
net::IpAddress remote_address() {
  return *net::IpAddress::parse("10.0.0.2");
}

PortPolicy policy(const net::MacAddress& mac) {
  return {.mac = mac,
          .addresses = {*net::InterfaceAddress::parse("10.0.0.1/24")},
          .media_port_first = 10000,
          .media_port_last = 60000,
          .node_port_first = 9000,
          .node_port_last = 9999};
}

int next_rig = 0;

}  // namespace

Rig::Rig(RigOptions given)
    : options(given),
      tables(given.transports, given.layers, given.legs, given.relays),
      session(given.transports, given.layers, given.legs),
      index("index" + std::to_string(next_rig), given.transports, qsbr.get()),
      publisher(tables, session, index, *engine, qsbr,
                {.workers = given.workers, .legs_per_shard = given.legs_per_shard}),
      name_("rig" + std::to_string(next_rig++)) {
  pool_ = rte_pktmbuf_pool_create_by_ops(name_.c_str(), options.buffers, 64, kBufferPrivate, 2048, 0,
                                         kTracedPool);
  if (pool_ == nullptr) throw std::runtime_error("no memory for packet buffers");
  auto snapshot = std::make_unique<Snapshot>();
  snapshot->ports.push_back(policy(kMac));
  publisher.publish_snapshot(std::move(snapshot), {"wan0"});
  make_port();
  make_workers();
}

Rig::~Rig() {
  end_workers();
  lost_buffers();
  rte_eth_dev_stop(device_);
  rte_eth_dev_close(device_);
  for (const auto* rings : {&received_, &sent_}) {
    for (rte_ring* ring : *rings)
      rte_ring_free(ring);
  }
  rte_mempool_free(pool_);
}

void Rig::make_port() {
  for (std::uint16_t queue = 0; queue < options.queues; ++queue) {
    const auto ring = [&](const char* what) {
      const std::string name = name_ + what + std::to_string(queue);
      return rte_ring_create(name.c_str(), options.ring_size, 0,
                             RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
    };
    received_.push_back(ring("r"));
    sent_.push_back(ring("t"));
  }
  const int device =
      rte_eth_from_rings(name_.c_str(), received_.data(), options.queues, sent_.data(), options.queues, 0);
  if (device < 0) throw std::runtime_error("no port of rings");
  device_ = static_cast<std::uint16_t>(device);
  rte_eth_conf conf{};
  rte_eth_dev_configure(device_, options.queues, options.queues, &conf);
  for (std::uint16_t queue = 0; queue < options.queues; ++queue) {
    rte_eth_rx_queue_setup(device_, queue, 512, 0, nullptr, pool_);
    rte_eth_tx_queue_setup(device_, queue, 512, 0, nullptr);
  }
  trace_port(device_, options.queues);
  if (rte_eth_dev_start(device_) != 0) throw std::runtime_error("the port of rings does not start");
}

void Rig::make_workers() {
  handoff_ = std::make_unique<Handoff>(options.workers);
  nodes_ = std::make_unique<NodeQueue>(options.workers, pool_);
  for (std::size_t i = 0; i < options.workers; ++i) {
    const bool has_queue = i < options.queues;
    WorkerEnvironment environment{.id = static_cast<WorkerId>(i),
                                  .snapshot = &publisher.snapshot(),
                                  .tables = &tables,
                                  .session = &session,
                                  .index = &index,
                                  .handoff = handoff_.get(),
                                  .qsbr = qsbr.get(),
                                  .pool = pool_,
                                  .max_queue_delay_tsc = options.max_queue_delay_ms * rte_get_tsc_hz() / 1000,
                                  .ports = {{.device = device_,
                                             .queue = has_queue ? static_cast<std::uint16_t>(i) : kNoQueue,
                                             .queue_worker = static_cast<WorkerId>(i % options.queues),
                                             .spreads_flows = options.queues == options.workers}},
                                  .nodes = nodes_.get(),
                                  .node = options.node,
                                  .hop_limit = 3,
                                  .keepalive_tsc = options.keepalive_ms * rte_get_tsc_hz() / 1000,
                                  .report_tsc = rte_get_tsc_hz() / 10};
    workers_.push_back(std::make_unique<Worker>(std::move(environment), srtp::make_ipsec_mb_engine()));
  }
}

void Rig::run_workers() {
  for (const auto& worker : workers_) {
    threads_.emplace_back([this, &worker] {
      rte_thread_register();
      worker->enter();
      while (!stop_.load(std::memory_order_relaxed)) {
        if (!worker->turn()) std::this_thread::yield();  // there may be fewer CPUs than workers
      }
      worker->leave();
      rte_thread_unregister();
    });
  }
}

void Rig::end_workers() {
  stop_.store(true);
  for (std::thread& thread : threads_)
    thread.join();
  threads_.clear();
}

config::Transport Rig::transport(const std::string& name, std::uint16_t port) {
  config::Transport made;
  made.name = name;
  made.port = "wan0";
  made.local = {local_address(), static_cast<std::uint16_t>(port + kLocalOffset)};
  made.remote = {remote_address(), port};
  made.receive.emplace();
  made.send.emplace();
  return made;
}

Id Rig::add_transport(const config::Transport& transport, const control::NodeLink& link) {
  const Id id = publisher.add_transport(transport, link);
  tables.transports[id].next_hop.set(kRemoteMac);
  return id;
}

void Rig::add_track(const std::string& id, const std::string& transport, std::uint32_t ssrc,
                    Priority priority) {
  config::Track track{.id = id, .transport = transport, .layers = {{.name = "main", .ssrc = ssrc}}};
  track.priority = priority;
  publisher.add_track(track);
}

config::Leg Rig::leg(const std::string& name, const std::string& track, const std::string& transport,
                     std::uint32_t ssrc) {
  config::Leg made;
  made.name = name;
  made.track = track;
  made.transport = transport;
  made.ssrc = ssrc;
  return made;
}

HeaderTemplate Rig::to_appliance(std::uint16_t port, std::uint16_t local_port) const {
  return make_header_template(policy(kRemoteMac), {remote_address(), port}, {local_address(), local_port});
}

bool Rig::publish(std::uint16_t queue, std::uint16_t port, std::uint32_t ssrc, std::uint16_t sequence,
                  std::uint32_t track, std::uint32_t number) {
  std::array<std::uint8_t, kPayload> rtp{0x80, 96};
  net::store_be16(&rtp[2], sequence);
  net::store_be32(&rtp[8], ssrc);
  net::store_be32(&rtp[12], track);
  net::store_be32(&rtp[16], number);
  return send(queue, port, rtp);
}

bool Rig::send_to(std::uint16_t queue, std::uint16_t port, std::uint16_t local_port,
                  std::span<const std::uint8_t> payload) {
  rte_mbuf* mbuf = rte_pktmbuf_alloc(pool_);
  if (mbuf == nullptr) return false;
  const HeaderTemplate header = to_appliance(port, local_port);
  auto* frame = reinterpret_cast<std::uint8_t*>(
      rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(header.length + payload.size())));
  std::memcpy(frame + header.length, payload.data(), payload.size());
  write_headers(header, kMac, static_cast<std::uint32_t>(payload.size()), {}, frame);
  before_receive_ring();
  if (rte_ring_sp_enqueue(received_[queue], mbuf) == 0) return true;
  rte_pktmbuf_free(mbuf);
  return false;
}

std::vector<Rig::Datagram> Rig::take_datagrams() {
  std::vector<Datagram> all;
  for (rte_ring* ring : sent_) {
    std::array<rte_mbuf*, 64> mbufs;
    unsigned n = 0;
    while ((n = rte_ring_sc_dequeue_burst(ring, reinterpret_cast<void**>(mbufs.data()), mbufs.size(),
                                          nullptr)) != 0) {
      behind_transmit_ring();
      for (unsigned i = 0; i < n; ++i) {
        const auto* frame = rte_pktmbuf_mtod(mbufs[i], const std::uint8_t*);
        const std::size_t length = net::load_be16(frame + 38);
        all.push_back({.port = net::load_be16(frame + 36), .payload = {frame + 42, frame + 34 + length}});
      }
      rte_pktmbuf_free_bulk(mbufs.data(), n);
    }
  }
  return all;
}

std::vector<Sent> Rig::take() {
  std::vector<Sent> all;
  for (const Datagram& datagram : take_datagrams()) {
    const std::uint8_t* payload = datagram.payload.data();
    Sent sent{.port = datagram.port, .rtcp = (payload[1] & 0xe0) == 0xc0};
    sent.ssrc = net::load_be32(payload + (sent.rtcp ? 4 : 8));
    if (!sent.rtcp) {
      sent.sequence = net::load_be16(payload + 2);
      sent.track = net::load_be32(payload + 12);
      sent.number = net::load_be32(payload + 16);
    }
    all.push_back(sent);
  }
  return all;
}

std::uint64_t Rig::sum(Cell WorkerCounters::*cell) const {
  std::uint64_t total = 0;
  for (const auto& worker : workers_)
    total += (worker->counters().*cell).read();
  return total;
}

std::uint64_t Rig::dropped(Drop drop) const {
  std::uint64_t total = 0;
  for (const auto& worker : workers_)
    total += worker->counters().drops[static_cast<std::size_t>(drop)].read();
  return total;
}

std::uint64_t Rig::dropped(EgressDrop drop) const {
  std::uint64_t total = 0;
  for (const auto& worker : workers_)
    total += worker->counters().egress_drops[static_cast<std::size_t>(drop)].read();
  return total;
}

std::uint64_t Rig::all_drops() const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < kDrops; ++i)
    total += dropped(static_cast<Drop>(i));
  return total;
}

std::uint64_t Rig::all_egress_drops() const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < kEgressDrops; ++i)
    total += dropped(static_cast<EgressDrop>(i));
  return total;
}

// As dataplane/counters.h promises it. No worker runs.
void Rig::expect_conservation() const {
  for (const auto& worker : workers_) {
    const WorkerCounters& c = worker->counters();
    std::uint64_t ends = c.forwarded.read() + c.punted.read() + c.handed_off.read() + c.waiting.read();
    for (const Cell& drops : c.drops)
      ends += drops.read();
    EXPECT_EQ(c.received.read() + c.taken_over.read(), ends);
    std::uint64_t copies = c.sent.read() + c.frames_handed_off.read();
    for (const Cell& drops : c.egress_drops)
      copies += drops.read();
    EXPECT_EQ(c.copies.read() + c.frames_taken_over.read(), copies);
  }
}

unsigned Rig::lost_buffers() {
  workers_.clear();
  handoff_.reset();
  nodes_.reset();
  take_datagrams();
  for (rte_ring* ring : received_) {
    void* mbuf = nullptr;
    while (rte_ring_sc_dequeue(ring, &mbuf) == 0)
      rte_pktmbuf_free(static_cast<rte_mbuf*>(mbuf));
  }
  return rte_mempool_in_use_count(pool_);
}

}  // namespace causeway::test
