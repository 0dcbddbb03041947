// An appliance's configuration for a load: so many publishers, tracks and legs, with fresh keys. Pure: the
// random bytes are an argument.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "dataplane/net/address.h"
#include "dataplane/srtp/suite.h"

namespace causeway::pktgen {

struct LoadShape {
  std::size_t publishers = 1;
  std::size_t tracks = 1;      // of each publisher
  std::size_t layers = 1;      // of each track
  std::size_t legs = 1;        // of each layer, each to a transport of its own
  std::size_t transports = 0;  // in all: the rest are idle. 0: none are
  std::vector<srtp::Suite> suites{srtp::Suite::aead_aes_128_gcm};  // taken in turn
  std::string device;                                              // the appliance's
  std::vector<unsigned> workers{1};
  unsigned control_lcore = 0;
  bool huge_pages = true;
  bool ipv6 = false;
  unsigned descriptors = 1024;
  std::uint16_t mtu = 1500;
  net::MacAddress neighbour;  // of all remotes: the generator's port
  std::string file_prefix = "causeway";
};

// Fills a span with key material.
using RandomBytes = std::function<void(std::span<std::uint8_t>)>;

// YAML text. Throws std::invalid_argument if the shape has no room: in the address plan, or in the longest
// file that the appliance reads.
std::string make_load_config(const LoadShape& shape, const RandomBytes& random);

// Always the same bytes for a seed: for comparisons, and never for media that matters.
RandomBytes seeded_bytes(std::uint64_t seed);

}  // namespace causeway::pktgen
