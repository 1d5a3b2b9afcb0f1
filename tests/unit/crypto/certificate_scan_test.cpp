// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate_scan.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>

#include "base/base64.hpp"
#include "crypto/asn1/pem.hpp"
#include "samples.hpp"
#include "support.hpp"

using namespace pki::crypto;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

const pki::Certificate& one() {
  static const auto certificate = self_sign(spec_of(pki::Profile::ca, "one"), a_key());
  return certificate;
}

const std::string& octets() {
  static const auto der = octets_of(one());
  return der;
}

/// OpenSSL's trust data: `openssl x509 -addtrust serverAuth -trustout`.
const std::string trust_data = "\x30\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"s;

std::string pem_of(std::string_view label, std::string_view der) { return to_pem(label, der); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string indented(const std::string& text, const std::string& by) { return by + replaced(text, "\n", "\n" + by); }

/// Returns the common name or "! problem" of each result, with its number.
std::vector<std::string> lines(const std::vector<ScannedCertificate>& found) {
  std::vector<std::string> texts;
  for (const auto& each : found)
    texts.push_back(std::to_string(each.number) + " " +
                    (each.certificate ? each.certificate->common_name : "! " + each.problem));
  return texts;
}

using Lines = std::vector<std::string>;

Lines pem(const std::string& text) { return lines(scan_pem(text, Claim::certificates)); }
Lines text(const std::string& text) { return lines(scan_pem(text, Claim::text)); }
Lines quoted(const std::string& text) { return lines(scan_quoted_pem(text)); }

}  // namespace

TEST_CASE("a private key is found wherever it is in a text") {
  using pki::crypto::holds_private_key;
  const std::string key = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
  const std::string certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
  CHECK(holds_private_key(key));
  CHECK(holds_private_key(certificate + key));
  CHECK(holds_private_key(key + certificate));
  CHECK(holds_private_key("  " + certificate + "  -----BEGIN EC PRIVATE KEY-----\n"));
  CHECK(holds_private_key("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
  CHECK_FALSE(holds_private_key(""));
  CHECK_FALSE(holds_private_key(certificate));
  CHECK_FALSE(holds_private_key("-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n"));
  CHECK_FALSE(holds_private_key("its -----BEGIN PRIVATE KEY----- is elsewhere\n"));
}

TEST_CASE("the three labels that OpenSSL reads are certificates, and no other one is") {
  CHECK(pem(pem_of("CERTIFICATE", octets())) == Lines{"1 one"});
  CHECK(pem(pem_of("X509 CERTIFICATE", octets())) == Lines{"1 one"});
  CHECK(pem(pem_of("TRUSTED CERTIFICATE", octets())) == Lines{"1 one"});
  CHECK(pem(pem_of("TRUSTED CERTIFICATE", octets() + trust_data)) == Lines{"1 one"});
  for (const auto* label : {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", "CERTIFICATE CHAIN", "PKCS7", "A"})
    CHECK(pem(pem_of(label, octets())).empty());
}

TEST_CASE("only a trusted certificate has anything after it, and then one sequence") {
  for (const auto* label : {"CERTIFICATE", "X509 CERTIFICATE"}) {
    const auto found = pem(pem_of(label, octets() + trust_data));
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], contains("1 ! certificate 1 does not parse: "));
  }
  for (const auto& after : {"x"s, trust_data + trust_data, trust_data + "x", "\x31\x00"s, "\x30\x05"s}) {
    const auto found = pem(pem_of("TRUSTED CERTIFICATE", octets() + after));
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], contains("does not parse: "));
  }
}

TEST_CASE("an indented certificate in YAML is one, with any line ends") {
  const auto block = pem_of("CERTIFICATE", octets());
  const std::string yaml = "kind: ConfigMap\ndata:\n  ca.crt: |\n" + indented(block, "    ") + "\nother: x\n";
  CHECK(text(yaml) == Lines{"1 one"});
  CHECK(text(replaced(yaml, "\n", "\r\n")) == Lines{"1 one"});
  CHECK(text("ca:\n- |\n" + indented(block, "  ") + "\n- |\n" + indented(block, "\t")) == Lines{"1 one", "2 one"});
  CHECK(text("\xef\xbb\xbf" + block) == Lines{"1 one"});
  CHECK(text(replaced(block, "-----\n", "-----  \n")) == Lines{"1 one"});
}

TEST_CASE("all invalid certificates of a text are one result, which hides no valid one") {
  const auto block = pem_of("CERTIFICATE", octets());
  const std::string invalid = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  CHECK(pem(block + invalid + block).size() == 3);
  CHECK_THAT(pem(block + invalid + block)[1], contains("2 ! certificate 2 does not parse: "));
  const auto many = pem(invalid + block + invalid + invalid);
  REQUIRE(many.size() == 2);
  CHECK_THAT(many[0], contains("certificate 1 does not parse: ") && contains("; 2 more are invalid"));
  CHECK(pem("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n") == Lines{"1 ! certificate 1 is not base64"});
  CHECK(pem(block.substr(0, 200)) == Lines{"1 ! certificate 1 has no END line"});
  CHECK(pem(block.substr(0, 200) + "\n" + block) == Lines{"1 ! certificate 1 has no END line", "2 one"});
}

TEST_CASE("an example, a template or a mention in a text is no invalid certificate") {
  const auto block = pem_of("CERTIFICATE", octets());
  const auto with = [](const std::string& body) {
    return "-----BEGIN CERTIFICATE-----\n" + body + "-----END CERTIFICATE-----\n";
  };
  const auto base64 = block.substr(28, 64);
  for (const auto& example :
       {with(""), with("...\n"), with("MIIB...\n"), with(base64 + "\n...\n"), with(base64 + "\n"), with("$CERT\n"),
        with("{{ .Values.ca }}\n"), with("<base64>\n"), with(block.substr(28, 260)), block.substr(0, 200),
        "`-----BEGIN CERTIFICATE-----` and `-----END CERTIFICATE-----`"s, "x -----BEGIN CERTIFICATE-----\n"s}) {
    const auto found = text(example + "\n" + block);
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], contains(" one"));
  }
}

TEST_CASE("a certificate that is damaged or cut off is invalid in a text, too") {
  auto damaged = octets();
  damaged[4] = '\x31';
  const auto found = text("data:\n" + indented(pem_of("CERTIFICATE", damaged), "  "));
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], contains("certificate 1 does not parse: "));
  const auto cut = indented(pem_of("CERTIFICATE", octets()), "  ").substr(0, 300);
  CHECK(text("data:\n" + cut) == Lines{"1 ! certificate 1 has no END line"});
}

TEST_CASE("a certificate inside of a string of JSON is found where it parses") {
  const auto block = pem_of("CERTIFICATE", octets());
  const auto json = "{\"ca\": \"" + replaced(block, "\n", "\\n") + "\"}";
  CHECK(pem(json).empty());
  CHECK(quoted(json) == Lines{"1 one"});
  CHECK(quoted("x = \"" + replaced(block, "\n", "\\r\\n") + "\"; y = `" + block + "`") == Lines{"1 one", "2 one"});
  for (const auto& none : {""s, "-----BEGIN CERTIFICATE-----"s, json.substr(0, 200), replaced(json, "CERTIFICATE", "A"),
                           replaced(json, "\\n", "\\\"+\\\""), "-----BEGIN CERTIFICATE----------END CERTIFICATE-----"s,
                           replaced(json, "-----END", "----END")})
    CHECK(quoted(none).empty());
}

TEST_CASE("a text begins with a certificate where nothing but blanks is before its BEGIN line") {
  const auto block = pem_of("CERTIFICATE", octets());
  CHECK(begins_with_certificate(block));
  CHECK(begins_with_certificate("\n \r\n" + block));
  CHECK(begins_with_certificate("-----BEGIN CERTIFICATE-----"));
  for (const auto& other :
       {""s, "x\n" + block, "-----BEGIN CERTIFICATE-----x\n" + block, samples::pkcs1_1024 + block, "-----BEGIN"s})
    CHECK_FALSE(begins_with_certificate(other));
}

TEST_CASE("DER is a certificate as a whole, an invalid one where it begins like one, or none") {
  CHECK(scan_der(octets())->certificate->common_name == "one");
  for (const auto& invalid : {octets().substr(0, 100), octets() + "x", octets().substr(0, octets().size() - 1)}) {
    const auto found = scan_der(invalid);
    REQUIRE(found);
    CHECK_FALSE(found->certificate);
    CHECK_THAT(found->problem, contains("does not parse as a certificate in DER: "));
  }
  // A request, a CRL, SubjectPublicKeyInfo, PKCS#8, PKCS#12; and what is no DER.
  for (const auto& other : {"\x30\x08\x30\x06\x02\x01\x00\x30\x01\x31"s, "\x30\x07\x30\x05\x02\x01\x01\x30\x00"s,
                            "\x30\x07\x30\x05\x06\x03\x55\x04\x03"s, "\x30\x05\x02\x01\x00\x30\x00"s,
                            "\x30\x05\x02\x01\x03\x30\x00"s, ""s, "0"s, "0 text"s, "text"s, "\x30\x80"s, "\x30\xff"s})
    CHECK_FALSE(scan_der(other));
}

TEST_CASE("a file without certificates is described by its first octets or labels, never by its content") {
  const auto kind = [](const std::string& content) { return describe_content(content).value_or("?"); };
  CHECK(kind("\xfe\xed\xfe\xed\0\0\0\x02"s) == "is a Java key store (JKS)");
  CHECK(kind("\xce\xce\xce\xce\0"s) == "is a Java key store (JCEKS)");
  CHECK(kind("\x30\x82\x0a\x00\x02\x01\x03\x30\x82"s) == "is a PKCS#12 file");
  CHECK(kind("\x30\x80\x02\x01\x03\x30\x80"s) == "is a PKCS#12 file");
  CHECK(kind("\x30\x82\x0a\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0"s) == "is a PKCS#7 file");
  CHECK(kind("\x30\x82\x04\xbd\x02\x01\x00\x30\x0d"s) == "is a private key in DER");
  CHECK(kind("\x30\x77\x02\x01\x01\x04\x20"s) == "is a private key in DER");
  CHECK(kind(samples::pkcs1_1024) == "is a private key");
  CHECK(kind(samples::pkcs8_encrypted) == "is a private key");
  CHECK(kind(pem_of("PUBLIC KEY", "x")) == "is a public key");
  CHECK(kind(pem_of("CERTIFICATE REQUEST", "x")) == "is a certificate request");
  CHECK(kind(pem_of("NEW CERTIFICATE REQUEST", "x")) == "is a certificate request");
  CHECK(kind(pem_of("X509 CRL", "x")) == "is a list of revoked certificates");
  CHECK(kind(pem_of("PKCS7", "x")) == "is a PKCS#7 file");
  for (const auto& other : {""s, "text"s, "\x30"s, "\x30\x84"s, "\x30\x05\x02\x01\x02"s, pem_of("SECRET", "x"),
                            replaced(samples::pkcs1_1024, "\n", " ")})
    CHECK(kind(other) == "?");
}
