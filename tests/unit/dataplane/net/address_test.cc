#include "dataplane/net/address.h"

#include <gtest/gtest.h>

namespace causeway::net {
namespace {

// What a text is parsed to, and "" for nothing.
template <class T>
std::string through(std::string_view text) {
  const auto value = T::parse(text);
  return value ? value->to_string() : "";
}

struct Text {
  std::string_view given;
  std::string_view parsed;  // "" for refused
};

TEST(IpAddress, ParsesStrictly) {
  using namespace std::string_view_literals;
  const Text texts[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"2001:db8::1", "2001:db8::1"},
      {"2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"::", "::"},
      {"64:ff9b::192.0.2.1", "64:ff9b::c000:201"},
      {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"", ""},
      {"192.0.2", ""},
      {"192.0.2.256", ""},
      {"192.0.2.01", ""},
      {"192.0.2.1.", ""},
      {" 192.0.2.1", ""},
      {"192.0.2.1 ", ""},
      {"192.0.2.1\0"sv, ""},
      {"0x7f.1", ""},
      {"2001:db8::1%eth0", ""},
      {"2001:db8::1/64", ""},
      {"[2001:db8::1]", ""},
      {"2001:db8::1::2", ""},
      {"::ffff:192.0.2.1", ""},
      {"::ffff:c000:201", ""},
      {"0000000000000000000000000000000000000000000000000001", ""},
      {"example.org", ""},
  };
  for (const Text& text : texts) {
    EXPECT_EQ(through<IpAddress>(text.given), text.parsed) << text.given;
  }
}

TEST(IpAddress, KnowsItsScope) {
  struct {
    std::string_view text;
    bool v4, unspecified, multicast, loopback, link_local, broadcast;
  } const addresses[] = {
      {"192.0.2.1", true, false, false, false, false, false},
      {"0.0.0.0", true, true, false, false, false, false},
      {"223.255.255.255", true, false, false, false, false, false},
      {"224.0.0.0", true, false, true, false, false, false},
      {"239.255.255.255", true, false, true, false, false, false},
      {"240.0.0.0", true, false, false, false, false, false},
      {"127.255.0.1", true, false, false, true, false, false},
      {"169.254.1.1", true, false, false, false, true, false},
      {"169.253.1.1", true, false, false, false, false, false},
      {"255.255.255.255", true, false, false, false, false, true},
      {"::", false, true, false, false, false, false},
      {"::1", false, false, false, true, false, false},
      {"ff02::1", false, false, true, false, false, false},
      {"fe80::1", false, false, false, false, true, false},
      {"febf::1", false, false, false, false, true, false},
      {"fec0::1", false, false, false, false, false, false},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false, false, true, false, false, false},
      {"2001:db8::1", false, false, false, false, false, false},
  };
  for (const auto& a : addresses) {
    const IpAddress address = IpAddress::parse(a.text).value();
    EXPECT_EQ(address.is_v4(), a.v4) << a.text;
    EXPECT_EQ(address.is_unspecified(), a.unspecified) << a.text;
    EXPECT_EQ(address.is_multicast(), a.multicast) << a.text;
    EXPECT_EQ(address.is_loopback(), a.loopback) << a.text;
    EXPECT_EQ(address.is_link_local(), a.link_local) << a.text;
    EXPECT_EQ(address.is_broadcast(), a.broadcast) << a.text;
  }
}

TEST(IpAddress, HasOneShapeForBothFamilies) {
  const std::array<std::uint8_t, 4> bytes{192, 0, 2, 1};
  const IpAddress address = IpAddress::v4(bytes);
  EXPECT_EQ(address, IpAddress::v4(0xc0000201));
  EXPECT_EQ(address, IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(address.v4_host_order(), 0xc0000201);
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), address.wire().begin(), address.wire().end()));
  EXPECT_EQ(IpAddress::v6(std::span<const std::uint8_t, 16>(address.bytes)), address);
  EXPECT_EQ(IpAddress::parse("2001:db8::1")->wire().size(), 16u);
}

TEST(InterfaceAddress, ParsesStrictly) {
  const Text texts[] = {
      {"192.0.2.1/24", "192.0.2.1/24"},
      {"192.0.2.1/0", "192.0.2.1/0"},
      {"192.0.2.1/32", "192.0.2.1/32"},
      {"2001:db8::1/128", "2001:db8::1/128"},
      {"192.0.2.1/33", ""},
      {"2001:db8::1/129", ""},
      {"192.0.2.1", ""},
      {"192.0.2.1/", ""},
      {"192.0.2.1/024", ""},
      {"192.0.2.1/+24", ""},
      {"192.0.2.1/-1", ""},
      {"192.0.2.1/24 ", ""},
      {"192.0.2.1/24/24", ""},
      {"192.0.2.1/4294967320", ""},
      {"/24", ""},
  };
  for (const Text& text : texts) {
    EXPECT_EQ(through<InterfaceAddress>(text.given), text.parsed) << text.given;
  }
}

TEST(InterfaceAddress, OnLinkIsFamilyAndPrefix) {
  struct {
    std::string_view interface, other;
    bool on_link;
  } const cases[] = {
      {"192.0.2.1/24", "192.0.2.255", true},
      {"192.0.2.1/24", "192.0.3.1", false},
      {"192.0.2.1/25", "192.0.2.127", true},
      {"192.0.2.1/25", "192.0.2.128", false},
      {"192.0.2.1/32", "192.0.2.1", true},
      {"192.0.2.1/32", "192.0.2.0", false},
      {"192.0.2.1/0", "1.2.3.4", true},
      {"192.0.2.1/0", "2001:db8::1", false},
      {"2001:db8::1/64", "2001:db8::2", true},
      {"2001:db8::1/64", "2001:db8:0:1::2", false},
      {"2001:db8::1/63", "2001:db8:0:1::2", true},
      {"2001:db8::1/128", "2001:db8::2", false},
      {"::1/0", "192.0.2.1", false},
      {"2001:db8::1/0", "::1", true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(InterfaceAddress::parse(c.interface)->on_link(IpAddress::parse(c.other).value()), c.on_link)
        << c.interface << " " << c.other;
  }
}

TEST(Endpoint, ParsesStrictly) {
  const Text texts[] = {
      {"192.0.2.1:5004", "192.0.2.1:5004"},
      {"192.0.2.1:1", "192.0.2.1:1"},
      {"192.0.2.1:65535", "192.0.2.1:65535"},
      {"[2001:db8::1]:5004", "[2001:db8::1]:5004"},
      {"192.0.2.1:0", ""},
      {"192.0.2.1:65536", ""},
      {"192.0.2.1:05004", ""},
      {"192.0.2.1:+1", ""},
      {"192.0.2.1:", ""},
      {"192.0.2.1", ""},
      {"[192.0.2.1]:5004", ""},
      {"2001:db8::1:5004", ""},
      {"[2001:db8::1]", ""},
      {"[2001:db8::1]5004", ""},
      {"[2001:db8::1:5004", ""},
      {"2001:db8::1]:5004", ""},
      {":5004", ""},
      {"[]:5004", ""},
      {"[:5004", ""},
      {"", ""},
  };
  for (const Text& text : texts) {
    EXPECT_EQ(through<Endpoint>(text.given), text.parsed) << text.given;
  }
}

TEST(MacAddress, ParsesStrictly) {
  const Text texts[] = {
      {"02:00:00:00:00:01", "02:00:00:00:00:01"},
      {"AB:cd:EF:01:23:45", "ab:cd:ef:01:23:45"},
      {"02-00-00-00-00-01", ""},
      {"2:0:0:0:0:1", ""},
      {"02:00:00:00:00", ""},
      {"02:00:00:00:00:0g", ""},
      {"02:00:00:00:00:01:", ""},
      {"", ""},
  };
  for (const Text& text : texts) {
    EXPECT_EQ(through<MacAddress>(text.given), text.parsed) << text.given;
  }
}

TEST(MacAddress, ConvertsToA48BitValue) {
  const MacAddress mac = MacAddress::parse("01:23:45:67:89:ab").value();
  EXPECT_EQ(mac.to_u48(), 0x0123456789abu);
  EXPECT_EQ(MacAddress::from_u48(0x0123456789ab), mac);
  EXPECT_TRUE(mac.is_multicast());
  EXPECT_TRUE(MacAddress::from_u48(0xffffffffffff).is_multicast());
  EXPECT_FALSE(MacAddress::from_u48(0x020000000001).is_multicast());
}

}  // namespace
}  // namespace causeway::net
