// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "base/digest.hpp"
#include "crypto/asn1/name.hpp"
#include "old_certificate.hpp"
#include "support.hpp"

namespace crypto = pki::crypto;
namespace der = pki::crypto::der;

TEST_CASE("a subject holds all organizations in one RDN, sorted, then the common name") {
  using pki::base::to_hex;
  CHECK(to_hex(crypto::to_subject_der("", {})) == "3000");
  CHECK(to_hex(crypto::to_subject_der("a", {})) ==
        "300c310a300806035504031301"
        "61");
  CHECK(to_hex(crypto::to_subject_der("a*", {})) ==
        "300d310b300906035504030c02"
        "612a");  // UTF8String for *
  CHECK(crypto::describe_name(crypto::to_subject_der("n", {"b", "a", "b"})).text == "CN=n,O=a+O=b");
  CHECK(crypto::describe_name(crypto::to_subject_der("Jörg 🔑", {})).text == "CN=Jörg 🔑");
  for (const auto& wrong : {"a\nb"s, "\xff"s, "\xc0\x80"s, "\xed\xa0\x80"s, "a\0b"s, "\xc2\x9b"s})
    CHECK(error_of([&] { (void)crypto::to_subject_der(wrong, {}); }));
}

TEST_CASE("invalid UTF-8 and control characters in a name are shown and do no harm") {
  OldCertificate old;
  old.subject = der::write(
      der::sequence,
      {der::write(der::set, {der::write(der::sequence, {der::write(der::object_id, {"\x55\x04\x03"}),
                                                        der::write(der::utf8_string, {"a\xff,\x1b[2J"})})})});
  const auto facts = old.parse();
  CHECK(facts.common_name == "a\xef\xbf\xbd,\x1b[2J");
  CHECK(facts.subject == "CN=a\xef\xbf\xbd\\,\\1B[2J");
  CHECK(facts.subject_der == old.subject);
}
