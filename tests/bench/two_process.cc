// The programs themselves, on one CPU, and this process as their peer on another, over memif: what a fan-out
// sends beside what testpmd forwards.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <openssl/evp.h>
#include <stdexcept>
#include <unistd.h>

#include <rte_mbuf.h>

#include "dataplane/emit.h"
#include "dataplane/net/bytes.h"
#include "dataplane/srtp/engine.h"
#include "tests/bench/child.h"
#include "tests/bench/memif_client.h"
#include "tests/bench/run.h"

namespace causeway::bench {

namespace {

constexpr std::size_t kLegs = 64;
constexpr std::uint32_t kHeader = 12;
constexpr int kAlternations = 5;
const net::MacAddress kOurs = *net::MacAddress::parse("02:00:00:00:00:01");
const char* const kLocal = "192.0.2.1:20000";
const char* const kPublisher = "192.0.2.10:5000";

using MasterKey = std::array<std::uint8_t, 30>;

MasterKey key_number(std::uint8_t number) {
  MasterKey key;
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<std::uint8_t>(i * 7 + number * 31 + 1);
  return key;
}

std::string crypto(srtp::Suite suite, std::uint8_t number) {
  const srtp::SuiteInfo& info = srtp::info(suite);
  const MasterKey key = key_number(number);
  std::array<unsigned char, 64> text{};
  EVP_EncodeBlock(text.data(), key.data(), static_cast<int>(info.key_length + info.salt_length));
  return "{suite: " + std::string(info.name) +
         ", key: 'inline:" + reinterpret_cast<const char*>(text.data()) + "'}";
}

// A folder of its own, gone with the object.
class Scratch {
 public:
  Scratch() {
    std::string pattern = std::filesystem::temp_directory_path() / "causeway-bench-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::string last_line(const std::string& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

void write_config(const Run& run, const BenchSuite& suite, const std::string& path,
                  const std::string& socket) {
  std::ofstream file(path);
  file << "sites:\n- {name: lab}\nnode: {name: bench, site: lab}\n"
       << "workers: {control_lcore: " << run.cpus[0] << ", lcores: [" << run.cpus[1] << "]}\n"
       << "memory: {huge_pages: " << (run.huge_pages ? "true" : "false")
       << ", size_mb: 128, packet_buffers: 8192}\n"
       << "limits: {transports: 256, tracks: 16, legs: 256}\n"
       << "eal: {file_prefix: causeway-bench-" << getpid() << "}\n"
       << "media: {port_range: 20000-29999}\nports:\n- name: media\n"
       << "  device: net_memif0,role=server,socket=" << socket
       << ",socket-abstract=no,mac=" << kOurs.to_string() << "\n"
       << "  addresses: [192.0.2.1/24]\n  neighbours:\n"
       << "  - {address: 192.0.2.20, mac: '02:00:00:00:00:02'}\n"
       << "transports:\n- {name: publisher, port: media, local: '" << kLocal << "', remote: '" << kPublisher
       << "', receive: " << crypto(suite.suite, 0) << "}\n";
  for (std::size_t i = 0; i < kLegs; ++i) {
    file << "- {name: s" << i << ", port: media, local: '" << kLocal << "', remote: '192.0.2.20:" << 6000 + i
         << "', send: " << crypto(suite.suite, static_cast<std::uint8_t>(i + 1)) << "}\n";
  }
  file << "tracks:\n- {id: track, transport: publisher, layers: [{name: main, ssrc: 1}]}\nlegs:\n";
  for (std::size_t i = 0; i < kLegs; ++i)
    file << "- {track: track, transport: s" << i << ", ssrc: " << 100 + i << "}\n";
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

// A publisher's packets, one after the other.
class Publisher {
 public:
  Publisher(srtp::Suite suite, std::size_t bytes, rte_mempool* pool)
      : pool_(pool), plain_(bytes), engine_(srtp::make_ipsec_mb_engine()) {
    const srtp::SuiteInfo& info = srtp::info(suite);
    const MasterKey key = key_number(0);
    const std::span<const std::uint8_t> all(key);
    keys_ =
        engine_->expand(suite, all.first(info.key_length), all.subspan(info.key_length, info.salt_length));
    header_ =
        make_header_template(PortPolicy{}, *net::Endpoint::parse(kPublisher), *net::Endpoint::parse(kLocal));
  }

  rte_mbuf* next() {
    rte_mbuf* mbuf = rte_pktmbuf_alloc(pool_);
    if (mbuf == nullptr) throw std::runtime_error("no packet buffer");
    std::uint8_t* frame = rte_pktmbuf_mtod(mbuf, std::uint8_t*);
    std::uint8_t* rtp = frame + header_.length;
    rtp[0] = 0x80;
    rtp[1] = 96;
    net::store_be16(rtp + 2, static_cast<std::uint16_t>(index_));
    net::store_be32(rtp + 4, 0);
    net::store_be32(rtp + 8, 1);
    srtp::SealJob job{.keys = keys_.get(),
                      .payload = plain_.data(),
                      .payload_length = static_cast<std::uint32_t>(plain_.size()) - kHeader,
                      .packet = rtp,
                      .header_length = kHeader,
                      .index = index_++};
    engine_->seal_rtp({&job, 1});
    write_headers(header_, kOurs, job.length, {}, frame);
    mbuf->data_len = static_cast<std::uint16_t>(header_.length + job.length);
    mbuf->pkt_len = mbuf->data_len;
    return mbuf;
  }

 private:
  rte_mempool* pool_;
  std::vector<std::uint8_t> plain_;
  std::unique_ptr<srtp::Engine> engine_;
  std::unique_ptr<srtp::SessionKeys> keys_;
  HeaderTemplate header_;
  std::uint64_t index_ = 0;
};

struct Contest {
  std::string key;
  std::vector<std::string> command;
  std::size_t fan_out;
  std::function<std::function<rte_mbuf*()>()> make_source;
};

void contend(const Run& run, const Contest& contest, const std::string& socket, const std::string& log) {
  std::filesystem::remove(socket);
  try {
    Child server(contest.command, run.cpus, log);
    MemifClient client(socket, run.pool, [&server] { return server.runs(); });
    const auto rate = client.run(run.rate, run.race_ms(600), contest.fan_out, contest.make_source());
    const std::string key = "memif/" + contest.key;
    run.report.figure(key, std::max(rate.best_mpps, run.report.find(key).value_or(0)));
    run.report.figure(key + "/median",
                      std::max(rate.median_mpps, run.report.find(key + "/median").value_or(0)));
    run.report.figure(key + "/stalls",
                      static_cast<double>(rate.stalls) + run.report.find(key + "/stalls").value_or(0));
  } catch (const std::exception& error) {
    run.report.missing("memif/" + contest.key, std::string(error.what()) + ": " + last_line(log));
  }
}

std::vector<std::string> testpmd_command(const Run& run, const std::string& socket) {
  const std::string lcores = std::to_string(run.cpus[0]) + "," + std::to_string(run.cpus[1]);
  std::vector<std::string> command{run.testpmd,
                                   "-l",
                                   lcores,
                                   "--main-lcore",
                                   std::to_string(run.cpus[0]),
                                   "--no-pci",
                                   "--no-telemetry",
                                   "--file-prefix",
                                   "causeway-bench-testpmd",
                                   "--vdev",
                                   "net_memif0,role=server,socket=" + socket + ",socket-abstract=no"};
  if (run.huge_pages) {
    command.emplace_back("--in-memory");
  } else {
    command.insert(command.end(), {"--no-huge", "--no-shconf", "-m", "128"});
  }
  command.insert(command.end(),
                 {"--", "--auto-start", "--forward-mode=io", "--port-topology=loop", "--nb-cores=1",
                  "--rxd=1024", "--txd=1024", "--burst=32", "--total-num-mbufs=8192"});
  return command;
}

std::function<rte_mbuf*()> plain_source(rte_mempool* pool, std::size_t frame) {
  return [pool, frame] {
    rte_mbuf* mbuf = rte_pktmbuf_alloc(pool);
    if (mbuf == nullptr) throw std::runtime_error("no packet buffer");
    mbuf->data_len = static_cast<std::uint16_t>(frame);
    mbuf->pkt_len = mbuf->data_len;
    return mbuf;
  };
}

}  // namespace

void measure_two_process(const Run& run) {
  if (run.cpus.size() < 2) {
    run.report.missing("memif", "needs two CPUs");
    return;
  }
  const Scratch scratch;
  const std::string socket = scratch.file("memif.sock");
  const bool smoke = run.effort == Effort::smoke;
  for (const std::size_t bytes : kSizes) {
    if (smoke && bytes != 1200) continue;
    std::vector<Contest> contests;
    for (const BenchSuite& suite : kSuites) {
      const std::string config = scratch.file(std::string(suite.name) + ".yaml");
      write_config(run, suite, config, socket);
      contests.push_back({"causeway/" + std::string(suite.name) + "/" + std::to_string(bytes),
                          {run.causeway, "run", "-c", config},
                          kLegs,
                          [&run, &suite, bytes] {
                            auto publisher = std::make_shared<Publisher>(suite.suite, bytes, run.pool);
                            return [publisher] { return publisher->next(); };
                          }});
    }
    // The frame that the fan-out of GCM sends: Ethernet, IPv4, UDP, tag.
    contests.push_back({"testpmd/" + std::to_string(bytes), testpmd_command(run, socket), 1,
                        [&run, bytes] { return plain_source(run.pool, bytes + 42 + 16); }});
    for (int i = 0; i < (smoke ? 1 : kAlternations); ++i) {
      for (const Contest& contest : contests)
        contend(run, contest, socket, scratch.file("log"));
    }
  }
}

}  // namespace causeway::bench
