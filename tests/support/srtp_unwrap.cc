// Turns SRTP into plain RTP for a decoder that lacks the suite: receives on one UDP port, unprotects with
// libsrtp, forwards to another. RTP and RTCP share the port (RFC 5761). At SIGTERM or SIGINT it prints what
// it did as one line of JSON and exits with 0.
#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <srtp2/srtp.h>

namespace {

using SetPolicy = void (*)(srtp_crypto_policy_t*);

// RFC 4568, 6.2: the _32 suites shorten the tag of RTP only, never that of RTCP.
struct Suite {
  std::string_view name;
  SetPolicy rtp;
  SetPolicy rtcp;
};

constexpr std::array kSuites{
    Suite{"AES_CM_128_HMAC_SHA1_80", srtp_crypto_policy_set_rtp_default, srtp_crypto_policy_set_rtcp_default},
    Suite{"AES_CM_128_HMAC_SHA1_32", srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
          srtp_crypto_policy_set_rtcp_default},
    Suite{"AES_256_CM_HMAC_SHA1_80", srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80,
          srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
    Suite{"AES_256_CM_HMAC_SHA1_32", srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32,
          srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
    Suite{"AEAD_AES_128_GCM", srtp_crypto_policy_set_aes_gcm_128_16_auth,
          srtp_crypto_policy_set_aes_gcm_128_16_auth},
    Suite{"AEAD_AES_256_GCM", srtp_crypto_policy_set_aes_gcm_256_16_auth,
          srtp_crypto_policy_set_aes_gcm_256_16_auth},
};

constexpr std::size_t kMaxDatagram = 65536;

struct Counters {
  std::uint64_t rtp = 0;
  std::uint64_t rtcp = 0;
  std::uint64_t failed = 0;  // wrong tag, replayed, malformed
};

// A UDP socket bound or connected to "ADDRESS:PORT" or "[ADDRESS]:PORT".
int udp_socket(const std::string& endpoint, bool listening) {
  const auto colon = endpoint.rfind(':');
  if (colon == std::string::npos) throw std::runtime_error(endpoint + ": give ADDRESS:PORT");
  std::string address = endpoint.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);

  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.c_str(), endpoint.c_str() + colon + 1, &hints, &found);
  if (error != 0) throw std::runtime_error(endpoint + ": " + gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);

  const int fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const auto attach = listening ? bind : connect;
  if (fd < 0 || attach(fd, found->ai_addr, found->ai_addrlen) != 0)
    throw std::runtime_error(endpoint + ": " + std::strerror(errno));
  return fd;
}

// Master key and master salt, one after the other, in hexadecimal. A file and not an argument: arguments are
// visible to every user of the machine.
std::vector<std::uint8_t> read_key(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": " + std::strerror(errno));
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::erase_if(text, [](unsigned char c) { return std::isspace(c) != 0; });
  const bool hex = std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
  if (!hex || text.size() % 2 != 0) throw std::runtime_error(path + ": not hexadecimal");
  std::vector<std::uint8_t> key;
  for (std::size_t i = 0; i < text.size(); i += 2)
    key.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  return key;
}

srtp_t make_session(const std::string& suite_name, std::vector<std::uint8_t> key) {
  const auto suite = std::ranges::find(kSuites, suite_name, &Suite::name);
  if (suite == kSuites.end()) throw std::runtime_error(suite_name + ": unknown suite");
  srtp_policy_t policy{};
  suite->rtp(&policy.rtp);
  suite->rtcp(&policy.rtcp);
  if (static_cast<std::size_t>(policy.rtp.cipher_key_len) != key.size())
    throw std::runtime_error(suite_name + " takes " + std::to_string(policy.rtp.cipher_key_len) +
                             " bytes of key and salt, the file has " + std::to_string(key.size()));
  policy.ssrc.type = ssrc_any_inbound;
  policy.key = key.data();
  policy.window_size = 1024;
  srtp_t session = nullptr;
  if (srtp_init() != srtp_err_status_ok || srtp_create(&session, &policy) != srtp_err_status_ok)
    throw std::runtime_error("libsrtp refuses the policy");
  return session;
}

void unwrap(srtp_t session, int from, int to, Counters& counters) {
  alignas(8) static std::array<std::uint8_t, kMaxDatagram> datagram;
  const ssize_t received = recv(from, datagram.data(), datagram.size(), MSG_DONTWAIT);
  if (received < 2) return;
  int length = static_cast<int>(received);
  const bool rtcp = datagram[1] >= 192 && datagram[1] <= 223;  // RFC 5761, 4
  const auto status = rtcp ? srtp_unprotect_rtcp(session, datagram.data(), &length)
                           : srtp_unprotect(session, datagram.data(), &length);
  if (status != srtp_err_status_ok) {
    ++counters.failed;
    return;
  }
  ++(rtcp ? counters.rtcp : counters.rtp);
  // Nobody listens yet or any more: the decoder's business.
  static_cast<void>(send(to, datagram.data(), static_cast<std::size_t>(length), MSG_DONTWAIT));
}

void run(srtp_t session, int from, int to) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::array<pollfd, 2> waits{pollfd{signalfd(-1, &signals, SFD_CLOEXEC), POLLIN, 0},
                              pollfd{from, POLLIN, 0}};
  Counters counters;
  while (waits[0].revents == 0) {
    if (poll(waits.data(), waits.size(), -1) < 0) throw std::runtime_error(std::strerror(errno));
    if (waits[1].revents != 0) unwrap(session, from, to, counters);
  }
  std::cout << "{\"rtp\": " << counters.rtp << ", \"rtcp\": " << counters.rtcp
            << ", \"failed\": " << counters.failed << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::string listen_on;
  std::string forward_to;
  std::string suite;
  std::string key_file;
  CLI::App app("Unprotects SRTP and forwards it as plain RTP.");
  app.add_option("--listen", listen_on, "ADDRESS:PORT that takes SRTP and SRTCP")->required();
  app.add_option("--forward", forward_to, "ADDRESS:PORT that gets RTP and RTCP")->required();
  app.add_option("--suite", suite, "SRTP suite, e.g. AEAD_AES_128_GCM")->required();
  app.add_option("--key-file", key_file, "master key and salt in hexadecimal; /dev/fd/N for an inherited one")
      ->required();
  CLI11_PARSE(app, argc, argv);
  try {
    const srtp_t session = make_session(suite, read_key(key_file));
    run(session, udp_socket(listen_on, true), udp_socket(forward_to, false));
    srtp_dealloc(session);
  } catch (const std::exception& error) {
    std::cerr << "srtp-unwrap: " << error.what() << '\n';
    return 1;
  }
}
