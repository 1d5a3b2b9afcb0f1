// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <utility>

#include "base/address.hpp"

namespace base = pki::base;

namespace {

std::string shortest(const std::string& text) {
  const auto address = base::parse_ip(text);
  return address ? to_text(*address) : "refused";
}

std::string network(const std::string& text) {
  const auto cidr = base::parse_cidr(text);
  return cidr ? to_text(cidr->network) + "/" + std::to_string(cidr->prefix) : "refused";
}

}  // namespace

TEST_CASE("an address is written in its shortest form (RFC 5952)") {
  const std::pair<const char*, const char*> table[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"192.168.10.11", "192.168.10.11"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"2001:db8:0:0:0:0:0:1", "2001:db8::1"},
      // 4.1 leading zeros go; 4.3 lower case
      {"2001:0DB8:0000:00A0:000b:0c0d:0E00:F00F", "2001:db8:0:a0:b:c0d:e00:f00f"},
      // 4.2.2 one zero group alone is not shortened
      {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      // 4.2.3 the longest run, and the first of two as long
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:0:0:0:1:0:0:1", "2001::1:0:0:1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"0:0:1:0:0:0:0:0", "0:0:1::"},
      // a dotted tail is read
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
      {"::255.255.255.255", "::ffff:ffff"},
  };
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    CHECK(shortest(text) == expected);
    CHECK(shortest(expected) == expected);
  }
}

TEST_CASE("anything but an address is refused") {
  for (const char* text : {"",
                           " ",
                           ".",
                           ":",
                           ":::",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.",
                           ".1.2.3",
                           "1..2.3",
                           "1.2.3.256",
                           "1.2.3.1000",
                           "010.0.0.1",
                           "10.00.0.1",
                           "10.0.0.01",
                           "0x10.0.0.1",
                           "1.2.3.-4",
                           "1.2.3.+4",
                           " 1.2.3.4",
                           "1.2.3.4 ",
                           "1.2.3.4\n",
                           "1.2.3.4/8",
                           "1.2.3.4:80",
                           "a.b.c.d",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "1:2:3:4::5:6:7:8",
                           "1::2::3",
                           "12345::",
                           "00001::",
                           "g::",
                           "::-1",
                           ":1::",
                           "1:2:",
                           "::1:",
                           "1:::2",
                           "fe80::1%eth0",
                           "fe80::1%1",
                           "[::1]",
                           "::1/64",
                           "::01.2.3.4",
                           "::1.2.3",
                           "::1.2.3.4:1",
                           "1.2.3.4::",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "1:2:3:4:5:1.2.3.4",
                           "::1 ",
                           " ::1"}) {
    CAPTURE(text);
    CHECK(shortest(text) == "refused");
  }
  CHECK_FALSE(base::parse_ip(std::string(100'000, '1')));
  CHECK_FALSE(base::parse_ip(std::string(100'000, ':')));
  CHECK_FALSE(base::parse_ip(std::string("1.2.3.4\0", 8)));
}

TEST_CASE("an IPv4-mapped IPv6 address is recognised") {
  for (const char* text : {"::ffff:10.0.0.1", "::ffff:a00:1", "0:0:0:0:0:FFFF:10.0.0.1"})
    CHECK(base::parse_ip(text).value().is_mapped());
  for (const char* text :
       {"10.0.0.1", "::10.0.0.1", "::fffe:10.0.0.1", "1::ffff:10.0.0.1", "::ffff:0:10.0.0.1", "255.255.0.1"})
    CHECK_FALSE(base::parse_ip(text).value().is_mapped());
}

TEST_CASE("two texts of one address are one value, IPv4 and IPv6 never are") {
  CHECK(base::parse_ip("2001:db8::1") == base::parse_ip("2001:0DB8:0:0::0001"));
  CHECK(base::parse_ip("0.0.0.1") != base::parse_ip("::1"));
  CHECK(base::parse_ip("10.0.0.1") != base::parse_ip("::10.0.0.1"));
}

TEST_CASE("a global unicast address is one that other hosts can reach") {
  for (const char* text :
       {"10.0.0.1", "172.16.0.1", "192.168.1.1", "8.8.8.8", "1.0.0.0", "126.255.255.255", "128.0.0.1", "169.253.0.1",
        "223.255.255.255", "240.0.0.1", "255.255.255.254", "2001:db8::1", "fd00::1", "fec0::1", "::2", "::1:0"}) {
    CAPTURE(text);
    CHECK(base::parse_ip(text).value().is_global_unicast());
  }
  for (const char* text :
       {"0.0.0.0", "127.0.0.1", "127.255.255.255", "169.254.0.1", "224.0.0.1", "239.255.255.255", "255.255.255.255",
        "::", "::1", "fe80::1", "febf::1", "ff00::", "ff02::1", "::ffff:10.0.0.1"}) {
    CAPTURE(text);
    CHECK_FALSE(base::parse_ip(text).value().is_global_unicast());
  }
}

TEST_CASE("a CIDR is read with its host bits cleared") {
  const std::pair<const char*, const char*> table[] = {
      {"10.96.0.0/12", "10.96.0.0/12"},
      {"10.111.255.7/12", "10.96.0.0/12"},
      {"10.0.0.1/32", "10.0.0.1/32"},
      {"10.0.0.1/31", "10.0.0.0/31"},
      {"255.255.255.255/0", "0.0.0.0/0"},
      {"1.2.3.4/8", "1.0.0.0/8"},
      {"fd00:1::/112", "fd00:1::/112"},
      {"FD00::ABCD/108", "fd00::/108"},
      {"fd00::1f/124", "fd00::10/124"},
      {"::1/128", "::1/128"},
      {"ffff::1/0", "::/0"},
  };
  for (const auto& [text, expected] : table)
    CHECK(network(text) == expected);
}

TEST_CASE("anything but a CIDR is refused") {
  for (const char* text : {"",
                           "/",
                           "10.0.0.0",
                           "10.0.0.0/",
                           "/12",
                           "10.0.0.0/33",
                           "10.0.0.0/012",
                           "10.0.0.0/00",
                           "10.0.0.0/-1",
                           "10.0.0.0/+8",
                           "10.0.0.0/8 ",
                           " 10.0.0.0/8",
                           "10.0.0.0/8/8",
                           "10.0.0.0/255.0.0.0",
                           "10.0/8",
                           "010.0.0.0/8",
                           "::/129",
                           "::/1280",
                           "fd00::%1/64",
                           "host/8"}) {
    CAPTURE(text);
    CHECK(network(text) == "refused");
  }
}

TEST_CASE("a network's host bits are what its mask leaves free") {
  CHECK(base::parse_cidr("10.96.0.0/12").value().host_bits() == 20);
  CHECK(base::parse_cidr("10.96.0.0/32").value().host_bits() == 0);
  CHECK(base::parse_cidr("0.0.0.0/0").value().host_bits() == 32);
  CHECK(base::parse_cidr("fd00::/108").value().host_bits() == 20);
  CHECK(base::parse_cidr("::/0").value().host_bits() == 128);
}

TEST_CASE("the first host is the address after the network's own") {
  const std::pair<const char*, const char*> table[] = {
      {"10.96.0.0/12", "10.96.0.1"},
      {"10.96.5.7/12", "10.96.0.1"},
      {"172.30.0.0/16", "172.30.0.1"},
      {"10.0.0.16/28", "10.0.0.17"},
      {"10.0.0.255/32", "10.0.1.0"},
      {"fd00:10:96::/112", "fd00:10:96::1"},
      {"::/108", "::1"},
      {"fd00::ffff:ffff/128", "fd00::1:0:0"},
  };
  for (const auto& [text, expected] : table)
    CHECK(to_text(base::first_host(base::parse_cidr(text).value())) == expected);
}

TEST_CASE("an iPAddress name holds 4 or 16 octets, and a mapped address the 4 of IPv4") {
  using namespace std::string_literals;
  const std::vector<std::tuple<std::string, std::string, std::string>> table{
      {"10.0.0.1", "\x0a\0\0\1"s, "10.0.0.1"},
      {"::ffff:10.0.0.1", "\x0a\0\0\1"s, "10.0.0.1"},
      {"fd00::1", "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"s, "fd00::1"},
  };
  for (const auto& [text, octets, again] : table) {
    CAPTURE(text);
    CHECK(base::to_octets(base::parse_ip(text).value()) == octets);
    CHECK(base::to_text(base::ip_from_octets(octets).value()) == again);
  }
  CHECK(base::to_text(base::ip_from_octets("\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\1"s).value()) == "::ffff:10.0.0.1");
  for (const std::size_t size : {0U, 3U, 5U, 15U, 17U})
    CHECK_FALSE(base::ip_from_octets(std::string(size, 'x')));
}
