// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <support/catch.hpp>

#include "crypto/asn1/object_id.hpp"
#include "support.hpp"

namespace crypto = pki::crypto;
using namespace std::string_view_literals;

TEST_CASE("object identifiers are written in dotted numbers, and read back") {
  const std::vector<std::pair<std::string_view, std::string>> rows{
      {"\x55\x1d\x25\x00"sv, "2.5.29.37.0"},
      {"\x2a\x86\x48\xce\x3d\x04\x03\x02"sv, "1.2.840.10045.4.3.2"},
      {"\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x02"sv, "1.3.6.1.4.1.311.20.2.2"}};
  for (const auto& [octets, text] : rows) {
    CHECK(crypto::dotted(octets) == text);
    CHECK(crypto::parse_dotted(text) == octets);
  }
}

TEST_CASE("octets and texts that are no object identifier are reported as such") {
  for (const auto octets : {""sv, "\x80\x01"sv, "\x2a\x86"sv}) {
    CHECK(crypto::dotted(octets) == "invalid object identifier");
  }
  CHECK(crypto::dotted(std::string(129, '\x01')) == "invalid object identifier");  // too long to be one
  for (const auto text : {""sv, "1"sv, "serverAuth"sv, "1.2.x"sv, "3.1"sv, " 1.2"sv}) {
    CHECK(crypto::parse_dotted(text).empty());
  }
}

TEST_CASE("algorithms have OpenSSL's names, others are dotted") {
  CHECK(crypto::short_name_of("\x2b\x65\x70"sv) == "ED25519");
  CHECK(crypto::long_name_of("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"sv) == "sha256WithRSAEncryption");
  CHECK(crypto::long_name_of("\x2a\x03\x04"sv) == "1.2.3.4");
}

TEST_CASE("usages have a name or are dotted") {
  for (const auto* name : {"serverAuth", "clientAuth", "1.3.6.1.5.5.7.3.3"}) {
    CHECK(crypto::usage_name(crypto::parse_usage(name)) == name);
  }
  CHECK(crypto::usage_name(crypto::parse_usage("codeSigning")) == "1.3.6.1.5.5.7.3.3");
  for (const auto* name : {"", "serverauth", "1.", "tls"}) {
    const auto error = error_of([&] { (void)crypto::parse_usage(name); });
    REQUIRE(error);
    CHECK(error->code() == pki::Errc::invalid_config);
  }
}
