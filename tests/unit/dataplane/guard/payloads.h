// UDP payloads as strangers send them, field by field as the protocols say, and payloads that are media.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/drop.h"

namespace causeway::guard::test {

// "12 34 ab": bytes.
inline std::string hex(std::string_view text) {
  std::string out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high >= 0) out += static_cast<char>(high * 16 + digit);
    high = high >= 0 ? -1 : digit;
  }
  return out;
}

inline std::string zeros(std::size_t count) {
  return std::string(count, '\0');
}

struct Payload {
  std::string_view signature;  // of the built-in set
  Drop drop;
  std::uint16_t source_port;
  std::string bytes;
};

inline std::string dns_answer(std::string_view type, std::string_view record) {
  // Identifier, flags (answer, recursion), counts 1 1 0 0, example.org, type, class IN.
  return hex("4d 21 81 80 00 01 00 01 00 00 00 00 07") + "example" + hex("03") + "org" + hex("00") +
         hex(type) + hex("00 01 c0 0c") + hex(type) + hex("00 01 00 00 0e 10") + std::string(record);
}

inline std::string chargen_lines() {
  std::string text;
  for (int line = 0; line < 4; ++line) {
    for (int i = 0; i < 72; ++i)
      text += static_cast<char>(0x20 + (line + i) % 95);
    text += "\r\n";
  }
  return text;
}

inline std::string stun(std::string_view type, std::string_view attributes = "") {
  const std::string body = hex(attributes);
  return hex(type) + hex("00") + static_cast<char>(body.size()) +
         hex("21 12 a4 42 0b ad ca fe 01 02 03 04 05 06 07 08") + body;
}

inline std::string sip(std::string_view request_line, std::string_view agent) {
  return std::string(request_line) +
         " SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.9:5060;branch=z9hG4bK-1;rport\r\n"
         "Max-Forwards: 70\r\nTo: \"x\"<sip:100@1.1.1.1>\r\nFrom: "
         "\"x\"<sip:100@1.1.1.1>;tag=1\r\nUser-Agent: " +
         std::string(agent) + "\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
}

inline std::vector<Payload> hostile_payloads() {
  using enum Drop;
  const std::string txt = hex("00 0c 0b") + "v=spf1 -all";
  return {
      {"dns-answer-any", guard_dns_reflection, 53, dns_answer("00 ff", hex("00 04 c0 00 02 01"))},
      {"dns-answer-any", guard_dns_reflection, 53, hex("00 01 84 00 00 01 00 0d 00 00 00 01 00 00 ff 00 01")},
      {"dns-answer-txt", guard_dns_reflection, 53, dns_answer("00 10", txt)},
      {"dns-answer-dnssec", guard_dns_reflection, 53, dns_answer("00 30", std::string(200, '\x5a'))},
      {"dns-answer", guard_dns_reflection, 53, dns_answer("00 01", hex("00 04 c0 00 02 01"))},
      {"dns-answer", guard_dns_reflection, 53, hex("12 34 81 85 00 00 00 00 00 00 00 00")},  // refused
      {"mdns-answer", guard_dns_reflection, 5353,
       hex("00 00 84 00 00 00 00 01 00 00 00 00 05") + "_http" + hex("04") + "_tcp" + hex("05") + "local" +
           hex("00 00 0c 00 01 00 00 00 0a 00 02 c0 0c")},

      // Response, more to come, version 2, mode 7; sequence; XNTPD; MON_GETLIST_1; 6 items of 72 bytes.
      {"ntp-monlist", guard_ntp_reflection, 123, hex("d7 00 03 2a 00 06 00 48") + zeros(432)},
      {"ntp-monlist", guard_ntp_reflection, 123, hex("97 05 03 2a 00 01 00 48") + zeros(72)},
      {"ntp-private", guard_ntp_reflection, 123, hex("97 00 03 00 00 01 00 20") + zeros(32)},
      {"ntp-control", guard_ntp_reflection, 123,
       hex("16 82 00 01 06 18 00 00 00 00 00 20") + "version=\"ntpd 4.2.6p5\", processor"},
      {"ntp-time", guard_ntp_reflection, 123,
       hex("24 02 06 e9 00 00 08 1c 00 00 0c 40 c0 00 02 01") + zeros(32)},

      {"ssdp-answer", guard_ssdp_reflection, 1900,
       "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nEXT:\r\nLOCATION: "
       "http://192.168.0.1:1900/root.xml\r\n"
       "SERVER: Linux UPnP/1.0\r\nST: upnp:rootdevice\r\nUSN: uuid:1::upnp:rootdevice\r\n\r\n"},
      {"ssdp-answer", guard_ssdp_reflection, 49152,
       "HTTP/1.1 200 OK\r\nExt: \r\nst:ssdp:all\r\nusn:uuid:2\r\n\r\n"},
      {"ssdp-answer-cut", guard_ssdp_reflection, 1900, "HTTP/1.1 200 OK\r\nCACHE-CONTR"},
      {"ssdp-notify", guard_ssdp_reflection, 1900,
       "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:alive\r\n\r\n"},
      {"ssdp-search", guard_ssdp_reflection, 40001,
       "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nST: ssdp:all\r\n\r\n"},

      {"memcached-answer", guard_memcached_reflection, 11211,
       hex("00 01 00 00 00 02 00 00") + "VALUE a 0 1024\r\n" + std::string(1024, 'a')},
      {"memcached-answer", guard_memcached_reflection, 11211,
       hex("00 00 00 00 00 01 00 00") + "STAT pid 1\r\nEND\r\n"},
      {"memcached-continued", guard_memcached_reflection, 11211,
       hex("00 01 00 01 00 02 00 00") + std::string(1392, 'a')},

      // LDAPMessage of a long form length, message 7, searchResEntry.
      {"cldap-answer", guard_cldap_reflection, 389,
       hex("30 84 00 00 0b 64 02 01 07 64 84 00 00 0b 5b 04 00 30 84 00 00 0b 53") + "currentTime"},
      {"cldap-answer", guard_cldap_reflection, 389, hex("30 0c 02 01 01 65 07 0a 01 00 04 00 04 00")},

      {"chargen-lines", guard_chargen_reflection, 19, chargen_lines()},
      {"chargen-answer", guard_chargen_reflection, 19, "Z[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"},

      // Version 2c, community public, GetResponse of sysDescr.
      {"snmp-response", guard_snmp_reflection, 161,
       hex("30 39 02 01 01 04 06") + "public" + hex("a2 2c 02 04 10 20 30 40 02 01 00 02 01 00 30 1e")},
      {"snmp-response", guard_snmp_reflection, 161,
       hex("30 82 05 39 02 01 00 04 06") + "public" + hex("a2 82 05 2a 02 01 01") +
           std::string(1300, '\x04')},
      {"snmp-version-3", guard_snmp_reflection, 161,
       hex("30 6c 02 01 03 30 0f 02 02 4a 69 02 03 00 ff e3 04 01 00 02 01 03 04 21")},

      {"mssql-answer", guard_mssql_reflection, 1434,
       hex("05 58 00") +
           "ServerName;DB1;InstanceName;MSSQLSERVER;IsClustered;No;Version;15.0.2000.5;tcp;1433;;"},
      // Acknowledgement 2.05, message 1234, link format.
      {"coap-answer", guard_coap_reflection, 5683, hex("60 45 04 d2 c1 28 ff") + "</.well-known/core>;ct=40"},
      {"wsd-message", guard_wsd_reflection, 3702,
       "<?xml version=\"1.0\"?><SOAP-ENV:Envelope "
       "xmlns:wsdd=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><wsdd:ProbeMatches/>"},
      {"wsd-answer", guard_wsd_reflection, 3702, "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope>"},

      {"rpcbind-answer", guard_other_reflection, 111, hex("65 72 0a 01 00 00 00 01 00 00 00 00") + zeros(24)},
      {"netbios-name-answer", guard_other_reflection, 137,
       hex("80 94 84 00 00 00 00 01 00 00 00 00 20") + "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
           hex("00 00 21 00 01")},
      {"game-server-answer", guard_other_reflection, 27015, hex("ff ff ff ff 49 11") + "A server"},
      {"game-server-answer", guard_other_reflection, 27960,
       hex("ff ff ff ff") + "statusResponse\n\\sv_hostname\\x"},
      {"bittorrent-dht", guard_other_reflection, 6881, "d1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re"},
      {"rip-answer", guard_other_reflection, 520, hex("02 01 00 00 00 02 00 00") + zeros(16)},
      {"l2tp-control", guard_other_reflection, 1701, hex("c8 02 00 69 00 01 00 00 00 00 00 01 80 08")},
      {"remote-desktop-answer", guard_other_reflection, 3283, hex("00 01 03 ea 00 00 00 00") + zeros(1000)},
      {"video-recorder-answer", guard_other_reflection, 37810,
       hex("20 00 00 00") + "DHIP" + zeros(24) + "{ \"mac\""},

      {"sip-scanner", guard_sip_scan, 5070, sip("OPTIONS sip:100@192.0.2.1", "friendly-scanner")},
      {"sip-scanner", guard_sip_scan, 5090, sip("REGISTER sip:192.0.2.1", "SIPVicious 0.3.4")},
      {"sip-scanner-agent", guard_sip_scan, 5060, sip("INVITE sip:00441234@192.0.2.1", "sipcli/v1.8")},
      {"sip-request", guard_sip_scan, 5060, sip("INVITE sip:9011441234567@192.0.2.1", "Zoiper")},
      {"sip-request", guard_sip_scan, 5060, sip("REGISTER sip:192.0.2.1", "PBX")},
      {"sip-request", guard_sip_scan, 5060, sip("OPTIONS sips:nm", "x")},
      {"sip-answer", guard_sip_scan, 5060, "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n\r\n"},

      {"turn-allocate", guard_turn_abuse, 50000, stun("00 03", "00 19 00 04 11 00 00 00")},
      {"turn-request", guard_turn_abuse, 50000, stun("00 16", "00 12 00 08 00 01 00 00 00 00 00 00")},
      {"turn-request", guard_turn_abuse, 50000, stun("00 09", "00 0c 00 04 40 00 00 00")},
      {"turn-answer", guard_turn_abuse, 3478, stun("01 13", "00 09 00 04 00 00 04 01")},
      {"turn-channel-stun", guard_turn_abuse, 50000, hex("40 00 00 14") + stun("00 01")},
      {"turn-channel-dtls", guard_turn_abuse, 50000, hex("4f fe 00 40 16 fe fd") + zeros(61)},
      {"stun-binding", guard_stun_abuse, 50000, stun("00 01")},
      {"stun-binding", guard_stun_abuse, 50000, stun("00 01", "80 22 00 04 74 65 73 74")},
      {"stun-other", guard_stun_abuse, 3478, stun("01 01", "00 20 00 08 00 01 a1 47 e1 12 a6 43")},
      {"stun-classic", guard_stun_abuse, 50000,
       hex("00 01 00 00 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f")},
      {"stun-classic", guard_stun_abuse, 50000,
       hex("00 01 00 08 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 00 03 00 04 00 00 00 06")},
  };
}

// What media and its set-up look like; from any port.
class Innocent {
 public:
  explicit Innocent(std::uint64_t seed) : random_(seed) {}

  std::string noise(std::size_t length) {
    std::string out(length, '\0');
    for (char& byte : out)
      byte = static_cast<char>(random_());
    return out;
  }

  // RTP or SRTP, with extension and contributing sources now and then (RFC 3550, 5.1).
  std::string rtp() {
    const unsigned sources = below(4) == 0 ? below(16) : 0;
    const bool extension = below(3) == 0;
    std::string out;
    out += static_cast<char>(0x80 | (below(8) == 0 ? 0x20 : 0) | (extension ? 0x10 : 0) | sources);
    unsigned payload_type = below(128);
    if (payload_type >= 64 && payload_type <= 95) payload_type += 32;
    out += static_cast<char>(payload_type | (below(2) << 7));
    out += noise(10 + std::size_t{sources} * 4);
    if (extension) out += hex("be de 00 02") + noise(8);
    return out + noise(20 + below(1200));
  }

  // RTCP or SRTCP (RFC 3550, 6).
  std::string rtcp() {
    return std::string{static_cast<char>(0x80 | below(32)), static_cast<char>(200 + below(8))} +
           hex("00 06") + noise(24 + below(100));
  }

  // DTLS 1.0 and 1.2 records: handshake, alert, change, data (RFC 6347, 4.1).
  std::string dtls() {
    const std::string body = noise(32 + below(900));
    std::string out{static_cast<char>(20 + below(4))};
    out += hex(below(2) == 0 ? "fe ff" : "fe fd") + zeros(7) + static_cast<char>(below(256));
    out += static_cast<char>(body.size() >> 8);
    out += static_cast<char>(body.size());
    return out + body;
  }

  // QUIC: long header of version 1 or 2, or the short one (RFC 9000, 17).
  std::string quic() {
    if (below(2) == 0) return static_cast<char>(0x40 | below(64)) + noise(24 + below(1200));
    return static_cast<char>(0xc0 | below(64)) + hex(below(2) == 0 ? "00 00 00 01" : "6b 33 43 cf") +
           hex("08") + noise(1180);
  }

  std::string zrtp() { return hex("10 00") + noise(2) + "ZRTP" + noise(60); }

  std::uint16_t port() { return static_cast<std::uint16_t>(1024 + below(64512)); }

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  std::mt19937_64 random_;
};

}  // namespace causeway::guard::test
