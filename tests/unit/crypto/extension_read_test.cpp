// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "old_certificate.hpp"
#include "support.hpp"

using namespace std::string_view_literals;

TEST_CASE("a CA may sign unless its key usage says otherwise") {
  const auto constraints = extension("\x55\x1d\x13"sv, "\x30\x03\x01\x01\xff"s);
  OldCertificate old;
  old.extensions = constraints;
  CHECK(old.parse().is_ca);
  CHECK(old.parse().can_sign);
  old.extensions = constraints + extension("\x55\x1d\x0f"sv, "\x03\x02\x07\x80"s);
  CHECK(old.parse().is_ca);
  CHECK_FALSE(old.parse().can_sign);
  old.extensions = constraints + constraints;
  CHECK(error_of([&] { (void)old.parse(); }));
}

TEST_CASE("unknown extensions are ignored, malformed ones are refused") {
  OldCertificate old;
  old.extensions = extension("\x2a\x03\x04"sv, "anything");
  CHECK_NOTHROW(old.parse());
  for (const auto& value : {"\x30"s, "\x30\x03\x01\x01"s, "\x04\x00"s, ""s}) {
    old.extensions = extension("\x55\x1d\x13"sv, value);  // basicConstraints
    CHECK(error_of([&] { (void)old.parse(); }));
  }
}

TEST_CASE("whether a key identifier is critical is read as found") {
  const auto with = [](std::string_view id, const std::string& critical, const std::string& value) {
    namespace der = pki::crypto::der;
    return der::write(der::sequence,
                      {der::write(der::object_id, {id}), critical, der::write(der::octet_string, {value})});
  };
  for (const auto& [flag, critical] : {std::pair{""s, false}, {"\x01\x01\xff"s, true}, {"\x01\x01\x00"s, false}}) {
    OldCertificate old;
    old.extensions = with("\x55\x1d\x0e"sv, flag, "\x04\x02\xab\xcd"s);
    CHECK(old.parse().subject_key_id_critical == critical);
    CHECK_FALSE(old.parse().authority_key_id_critical);
    old.extensions = with("\x55\x1d\x23"sv, flag, "\x30\x04\x80\x02\xef\x01"s);
    CHECK(old.parse().authority_key_id_critical == critical);
    CHECK_FALSE(old.parse().subject_key_id_critical);
  }
}

TEST_CASE("key identifiers and extended key usages are read as found") {
  OldCertificate old;
  old.extensions = extension("\x55\x1d\x0e"sv, "\x04\x02\xab\xcd"s) +
                   extension("\x55\x1d\x23"sv, "\x30\x04\x80\x02\xef\x01"s) +
                   extension("\x55\x1d\x25"sv, "\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02"s);
  const auto facts = old.parse();
  CHECK(facts.subject_key_id == "abcd");
  CHECK(facts.authority_key_id == "ef01");
  CHECK(facts.extended_key_usages == std::vector<std::string>{"clientAuth"});
}
