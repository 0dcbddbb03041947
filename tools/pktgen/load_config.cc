#include "tools/pktgen/load_config.h"

#include <algorithm>
#include <array>
#include <memory>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <random>
#include <stdexcept>

#include "config/config.h"
#include "config/document.h"
#include "dataplane/srtp/suite.h"

namespace causeway::pktgen {

namespace {

// The appliance is one host; remotes share some hosts, as behind NAT, and differ by their port.
constexpr std::size_t kHosts = 250;  // all of them static neighbours
constexpr std::size_t kPortsOfHost = 50'000;
constexpr std::size_t kFirstRemotePort = 10'000;
constexpr std::size_t kFirstLocalPort = 20'000;
constexpr std::size_t kLocalPorts = 10'000;
constexpr std::size_t kMostLimit = 1'048'576;
constexpr std::size_t kMostWithAllKeys = 20'000;
constexpr std::size_t kMegabyte = std::size_t{1} << 20;

class Text {
 public:
  Text(const LoadShape& shape, const RandomBytes& random) : shape_(shape), random_(random) {}

  void add(std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts)
      text_ += part;
  }

  // A transport that receives, is sent something, or both.
  void transport(const std::string& name, bool receives, bool sends, bool plain = false) {
    const std::size_t i = transports_++;
    const std::size_t host = 1 + i % kHosts;
    const std::string local_port = std::to_string(kFirstLocalPort + i % kLocalPorts);
    const std::string remote_port = std::to_string(kFirstRemotePort + i / kHosts);
    const bool v6 = shape_.ipv6 && i % 2 == 1;
    const std::string local = v6 ? "[fd77::1]:" + local_port : "10.77.0.1:" + local_port;
    const std::string remote = v6 ? "[fd77::1:" + hex(host) + "]:" + remote_port
                                  : "10.77.1." + std::to_string(host) + ":" + remote_port;
    const srtp::Suite suite = plain ? srtp::Suite::none : shape_.suites[i % shape_.suites.size()];
    add({"  - {name: ", name, ", port: wan0, local: \"", local, "\", remote: \"", remote, "\""});
    if (receives) crypto("receive", suite);
    if (sends) crypto("send", suite);
    add({"}\n"});
  }

  std::size_t transports() const { return transports_; }
  std::string& text() { return text_; }

  static std::string hex(std::size_t value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (; value != 0; value /= 16)
      text.insert(text.begin(), kDigits[value % 16]);
    return text.empty() ? "0" : text;
  }

 private:
  void crypto(std::string_view direction, srtp::Suite suite) {
    const srtp::SuiteInfo& info = srtp::info(suite);
    add({", ", direction, ": {suite: ", info.name});
    if (suite != srtp::Suite::none) {
      std::array<std::uint8_t, srtp::kMaxMasterKey + srtp::kMaxMasterSalt> key{};
      std::array<std::uint8_t, 65> base64{};
      const std::size_t length = info.key_length + info.salt_length;
      random_(std::span(key).first(length));
      EVP_EncodeBlock(base64.data(), key.data(), static_cast<int>(length));
      add({", key: \"inline:", reinterpret_cast<const char*>(base64.data()), "\""});
      OPENSSL_cleanse(key.data(), key.size());
      OPENSSL_cleanse(base64.data(), base64.size());
    }
    add({"}"});
  }

  const LoadShape& shape_;
  const RandomBytes& random_;
  std::string text_;
  std::size_t transports_ = 0;
};

void require(bool condition, const std::string& what) {
  if (!condition) throw std::invalid_argument(what);
}

std::string list_of(const std::vector<unsigned>& numbers) {
  std::string text;
  for (const unsigned number : numbers)
    text += (text.empty() ? "" : ", ") + std::to_string(number);
  return "[" + text + "]";
}

std::size_t layers_in_all(const LoadShape& shape) {
  return shape.publishers * shape.tracks * shape.layers;
}

void check(const LoadShape& shape) {
  require(!shape.suites.empty(), "give at least one suite");
  require(!shape.workers.empty(), "give at least one worker");
  require(shape.publishers >= 1 && shape.tracks >= 1, "without publishers and tracks nobody sends");
  require(shape.layers >= 1 && shape.layers <= config::kMaxLayersPerTrack, "a track has 1 to 16 layers");
  for (const std::size_t count : {shape.publishers, shape.tracks, shape.legs, shape.transports})
    require(count <= kMostLimit, "a number is above " + std::to_string(kMostLimit));
  require(shape.publishers * shape.tracks <= kMostLimit, "more than a million tracks");
  require(layers_in_all(shape) * shape.legs <= kMostLimit, "more than a million legs");
  const std::size_t needed = shape.publishers + layers_in_all(shape) * shape.legs;
  require(shape.transports == 0 || shape.transports >= needed,
          "publishers and legs need " + std::to_string(needed) + " transports");
  require(std::max(needed, shape.transports) <= kHosts * kPortsOfHost, "more transports than remote ports");
  require(shape.device.find_first_of("\"\\\n\r\t") == std::string::npos,
          "the device has a quote in its name");
}

void put_head(Text& text, const LoadShape& shape, std::size_t transports) {
  const std::size_t tracks = shape.publishers * shape.tracks;
  const std::size_t legs = layers_in_all(shape) * shape.legs;
  const std::size_t buffers = std::max<std::size_t>(16'384, shape.descriptors * 8);
  // Packets of 2.5 KiB, and the index with two keys for each transport.
  const std::size_t size_mb = 128 + buffers * 2560 / kMegabyte + transports * 400 / kMegabyte;
  const auto number = [](std::size_t value) { return std::to_string(std::max<std::size_t>(value, 1)); };
  text.add({"# A load of ", number(tracks), " tracks and ", number(legs),
            " legs, made by causeway-pktgen. Its keys are for this load alone.\n",
            "sites: [{name: lab}]\nnode: {name: device-under-test, site: lab}\n", "workers: {control_lcore: ",
            std::to_string(shape.control_lcore), ", lcores: ", list_of(shape.workers), "}\n",
            "memory: {huge_pages: ", shape.huge_pages ? "true" : "false", ", size_mb: ", number(size_mb),
            ", packet_buffers: ", number(buffers), "}\n"});
  text.add({"limits: {transports: ", number(transports), ", tracks: ", number(tracks * shape.layers),
            ", legs: ", number(legs), "}\n", "eal: {file_prefix: ", shape.file_prefix, "}\n",
            "media: {port_range: ", number(kFirstLocalPort), "-", number(kFirstLocalPort + kLocalPorts - 1),
            "}\n"});
  text.add({"ports:\n  - name: wan0\n    device: \"", shape.device, "\"\n    addresses: [10.77.0.1/16",
            shape.ipv6 ? ", \"fd77::1/64\"" : "", "]\n    mtu: ", number(shape.mtu),
            "\n    rx_descriptors: ", number(shape.descriptors),
            "\n    tx_descriptors: ", number(shape.descriptors), "\n    neighbours:\n"});
  for (std::size_t host = 1; host <= std::min(kHosts, transports); ++host) {
    const std::string mac = shape.neighbour.to_string();
    text.add({"      - {address: 10.77.1.", number(host), ", mac: \"", mac, "\"}\n"});
    if (shape.ipv6) text.add({"      - {address: \"fd77::1:", Text::hex(host), "\", mac: \"", mac, "\"}\n"});
  }
}

void put_tracks(Text& text, const LoadShape& shape) {
  text.add({"tracks:\n"});
  for (std::size_t p = 0; p < shape.publishers; ++p) {
    for (std::size_t t = 0; t < shape.tracks; ++t) {
      const std::string publisher = std::to_string(p);
      text.add(
          {"  - {id: p", publisher, "/t", std::to_string(t), ", transport: p", publisher, ", layers: ["});
      for (std::size_t l = 0; l < shape.layers; ++l) {
        const std::size_t ssrc = 0x10000001 + (p * shape.tracks + t) * shape.layers + l;
        text.add({l == 0 ? "" : ", ", "{name: l", std::to_string(l), ", ssrc: ", std::to_string(ssrc), "}"});
      }
      text.add({"]}\n"});
    }
  }
}

// Offsets that differ from leg to leg, as a restart of publishers leaves them.
void put_legs(Text& text, const LoadShape& shape) {
  const std::size_t legs = layers_in_all(shape) * shape.legs;
  text.add({"legs:", legs == 0 ? " []" : "", "\n"});
  for (std::size_t i = 0; i < legs; ++i) {
    const std::size_t layer = i / shape.legs;
    const std::size_t track = layer / shape.layers;
    text.add(
        {"  - {track: p", std::to_string(track / shape.tracks), "/t", std::to_string(track % shape.tracks)});
    if (shape.layers > 1) text.add({", layer: l", std::to_string(layer % shape.layers)});
    text.add({", transport: s", std::to_string(i), ", ssrc: ", std::to_string(0x20000001 + i),
              ", sequence_offset: ", std::to_string(i * 40'503 % 65'536),
              ", timestamp_offset: ", std::to_string(i * 2'654'435 % 4'000'000'000), "}\n"});
  }
}

}  // namespace

std::string make_load_config(const LoadShape& shape, const RandomBytes& random) {
  check(shape);
  const std::size_t legs = layers_in_all(shape) * shape.legs;
  const std::size_t transports = std::max(shape.publishers + legs, shape.transports);
  Text text(shape, random);
  put_head(text, shape, transports);
  text.add({"transports:\n"});
  // For the keys of a large table there is no room in a file: one direction of those that are used.
  const bool both = transports <= kMostWithAllKeys;
  for (std::size_t i = 0; i < shape.publishers; ++i)
    text.transport("p" + std::to_string(i), true, both);
  for (std::size_t i = 0; i < legs; ++i)
    text.transport("s" + std::to_string(i), both, true);
  while (text.transports() < transports)
    text.transport("i" + std::to_string(text.transports()), true, false, !both);
  put_tracks(text, shape);
  put_legs(text, shape);
  require(text.text().size() <= config::kMaxFileBytes,
          "the configuration would be longer than the " + std::to_string(config::kMaxFileBytes / kMegabyte) +
              " MiB that the appliance reads: fewer transports, or a suite with shorter keys");
  return std::move(text.text());
}

RandomBytes seeded_bytes(std::uint64_t seed) {
  return [random = std::mt19937_64(seed)](std::span<std::uint8_t> bytes) mutable {
    for (std::uint8_t& byte : bytes)
      byte = static_cast<std::uint8_t>(random() >> 56);
  };
}

}  // namespace causeway::pktgen
