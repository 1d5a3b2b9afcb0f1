// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <optional>
#include <string>
#include <tuple>

#include "base/address.hpp"

namespace base = pki::base;

using pki::base::is_dns_san;
using pki::base::is_dns_subdomain;
using pki::base::join_host_port;
using pki::base::parse_host_port;

namespace {

// A host name of exactly `size` characters, in labels of at most 63.
std::string name_of(std::size_t size) {
  std::string name;
  while (name.size() < size)
    name += (name.size() % 64 == 63) ? '.' : 'a';
  if (name.back() == '.') name.back() = 'a';
  return name;
}

}  // namespace

TEST_CASE("an endpoint is a host, or a host and a port") {
  const std::tuple<const char*, const char*, std::optional<int>> table[] = {
      {"api.example.internal", "api.example.internal", {}},
      {"api.example.internal:6443", "api.example.internal", 6443},
      {"localhost:1", "localhost", 1},
      {"10.0.0.1", "10.0.0.1", {}},
      {"10.0.0.1:65535", "10.0.0.1", 65535},
      {"2001:db8::1", "2001:db8::1", {}},
      {"2001:db8::6443", "2001:db8::6443", {}},
      {"::1", "::1", {}},
      {"[2001:db8::1]:443", "2001:db8::1", 443},
  };
  for (const auto& [text, host, port] : table) {
    CAPTURE(text);
    const auto endpoint = base::parse_host_port(text);
    REQUIRE(endpoint);
    CHECK(endpoint->host == host);
    CHECK((endpoint->port == port));
  }
}

TEST_CASE("anything but an endpoint is refused") {
  for (const char* text : {"",
                           ":",
                           ":6443",
                           "host:",
                           "host:0",
                           "host:65536",
                           "host:100000",
                           "host:-1",
                           "host:+1",
                           "host: 1",
                           "host:1 ",
                           " host:1",
                           "host:a",
                           "host:1:2",
                           "https://host",
                           "https://host:6443",
                           "host/path",
                           "host:6443/",
                           "user@host",
                           "Host",
                           "ho_st",
                           "host.",
                           "-host",
                           "host-",
                           "*.example.com",
                           "*.example.com:6443",
                           "[::1]",
                           "[::1]:",
                           "[::1]:0",
                           "[]:1",
                           "[:1",
                           "::1]:1",
                           "[::1]1",
                           "[10.0.0.1]:1",
                           "[host]:1",
                           "[::1%eth0]:1",
                           "[[::1]]:1",
                           "2001:db8::1::6443",
                           "h\xc3\xb6st"}) {
    CAPTURE(text);
    CHECK_FALSE(base::parse_host_port(text));
  }
}

TEST_CASE("only an IPv6 host gets brackets before a port") {
  CHECK(base::join_host_port("10.0.0.1", 6443) == "10.0.0.1:6443");
  CHECK(base::join_host_port("api.example.internal", 443) == "api.example.internal:443");
  CHECK(base::join_host_port("2001:db8::1", 6443) == "[2001:db8::1]:6443");
}

TEST_CASE("a subdomain is lower-case labels joined by dots (RFC 1123)") {
  for (const char* text : {"a", "1", "cp-1", "a--b", "a.b.c", "1.a", "a.1", "xn--hst-sna.example", "3com.com"})
    CHECK(base::is_dns_subdomain(text));
  for (const char* text :
       {"",         ".",   "..",  "a.",  ".a",  "a..b", "-a",  "a-",  "a.-b",        "a-.b", "A",   "a.B", "foo_bar",
        "foo_bar!", "a b", "a,b", "a\n", "a\t", "*",    "*.a", "a.*", "h\xc3\xb6st", "a:1",  "a/b", "[a]"}) {
    CAPTURE(text);
    CHECK_FALSE(base::is_dns_subdomain(text));
  }
  CHECK_FALSE(base::is_dns_subdomain(std::string("a\0b", 3)));
}

TEST_CASE("a label has at most 63 characters and a name at most 253") {
  CHECK(base::is_dns_subdomain(std::string(63, 'a')));
  CHECK_FALSE(base::is_dns_subdomain(std::string(64, 'a')));
  CHECK(base::is_dns_subdomain("b." + std::string(63, 'a') + ".c"));
  CHECK_FALSE(base::is_dns_subdomain("b." + std::string(64, 'a') + ".c"));
  REQUIRE(name_of(253).size() == 253);
  CHECK(base::is_dns_subdomain(name_of(253)));
  CHECK_FALSE(base::is_dns_subdomain(name_of(254)));
  CHECK_FALSE(base::is_dns_subdomain(std::string(1'000'000, 'a')));
}

TEST_CASE("an alternative name is a subdomain or one after a wildcard label") {
  for (const char* text :
       {"a", "123", "cp-1.example.internal", "1.example", "a.1b", "*.example.com", "*.com", "a.b1"}) {
    CAPTURE(text);
    CHECK(base::is_dns_san(text));
  }
  for (const char* text : {"", "*", "*.", "**.a", "*a.b", "a*.b", "a.*", "*.*.a", "*.A", "*._a", "*.a.", "A",
                           "foo_bar!", "a.", "h\xc3\xb6st"}) {
    CAPTURE(text);
    CHECK_FALSE(base::is_dns_san(text));
  }
}

TEST_CASE("an alternative name does not end in a number, because that is a mistyped address") {
  for (const char* text : {"010.0.0.1", "10.0.0.256", "10.0.1", "1.2.3.4.5", "a.1", "host.123", "*.1", "*.0.0.1"}) {
    CAPTURE(text);
    CHECK_FALSE(base::is_dns_san(text));
  }
}

TEST_CASE("a wildcard counts to the 253 characters of an alternative name") {
  CHECK(base::is_dns_san(name_of(253)));
  CHECK(base::is_dns_san("*." + name_of(251)));
  CHECK_FALSE(base::is_dns_san("*." + name_of(252)));
  CHECK_FALSE(base::is_dns_san(name_of(254)));
}
