// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/digest.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/asn1/extension.hpp"
#include "crypto/asn1/name.hpp"
#include "crypto/asn1/object_id.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/asn1/time.hpp"
#include "crypto/key_public.hpp"

namespace pki::crypto {

namespace {

constexpr std::string_view label = "CERTIFICATE";

/// A certificate of this size has two thousand names. A larger one is an attack on its readers.
constexpr std::size_t longest_certificate = std::size_t{64} * 1024;
/// RFC 5280 allows 20 octets.
constexpr std::size_t longest_serial = 256;

/// Returns the text of an INTEGER of any sign: RFC 5280 asks for a positive one, but old tools wrote others.
std::string serial_text(std::string_view content) {
  if (content.size() > longest_serial)
    throw der::Malformed(fmt::format("a serial number of {} octets", content.size()));
  if (content.empty()) throw der::Malformed("a serial number without octets");
  std::string octets(content);
  const bool negative = (static_cast<unsigned char>(octets.front()) & 0x80U) != 0;
  if (negative) {
    for (auto& c : octets)
      c = static_cast<char>(~c);
    auto digit = octets.rbegin();
    while (digit != octets.rend() && ++*digit == '\0')
      ++digit;
    // No carry is lost: the magnitude of 0x80 00… still fits into the same octets.
  }
  auto text = base::to_hex(octets);
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
  return negative ? "-" + text : text;
}

void read_names(der::Reader& body, Certificate& facts) {
  facts.issuer_der = body.next().whole;
  auto validity = body.enter(der::sequence, "validity");
  facts.not_before = read_time(validity);
  facts.not_after = read_time(validity);
  validity.finish("validity");
  facts.subject_der = body.next().whole;
  auto subject = describe_name(facts.subject_der);
  facts.issuer = facts.issuer_der == facts.subject_der ? subject.text : describe_name(facts.issuer_der).text;
  facts.subject = std::move(subject.text);
  facts.common_name = std::move(subject.common_name);
  facts.organizations = std::move(subject.organizations);
}

void read_body(der::Reader body, Certificate& facts) {
  if (body.at(der::constructed(0))) body.next();  // version: the fields that follow show it
  facts.serial = serial_text(body.take(der::integer, "serial number"));
  body.take(der::sequence, "signature algorithm");
  read_names(body, facts);
  const auto spki = body.next().whole;
  facts.key_algorithm = algorithm_of(spki);
  facts.public_key_sha256 = base::to_hex(sha256(spki));
  for (const auto unique_id : {1U, 2U})
    if (body.at(der::context(unique_id))) body.next();
  if (body.at(der::constructed(3))) read_extensions(body.take(der::constructed(3), "extensions"), facts);
  body.finish("certificate");
}

/// Returns null when OpenSSL cannot read the certificate.
Handle<X509> decode(std::string_view octets) {
  auto handle = own(X509_new_ex(library_context(), nullptr), "read a certificate");
  const auto* data = bytes_of(octets);
  auto* raw = handle.release();  // d2i_X509 frees it on failure
  return Handle<X509>(d2i_X509(&raw, &data, static_cast<long>(octets.size())));
}

bool verifies_itself(std::string_view octets) {
  const auto handle = decode(octets);
  return handle && verify_signature(handle.get(), handle.get());
}

}  // namespace

Certificate describe_certificate(std::string_view octets) {
  if (octets.size() > longest_certificate)
    throw der::Malformed(fmt::format("{} bytes, expected at most {}", octets.size(), longest_certificate));
  Certificate facts;
  der::Reader outer(octets);
  auto certificate = outer.enter(der::sequence, "certificate");
  outer.finish("certificate");
  read_body(certificate.enter(der::sequence, "certificate body"), facts);
  auto algorithm = certificate.enter(der::sequence, "signature algorithm");
  facts.signature_algorithm = long_name_of(algorithm.take(der::object_id, "signature algorithm"));
  (void)certificate.take_bits("signature");
  certificate.finish("signature");
  facts.pem = to_pem(label, octets);
  // Other signatures are not verified here: one costs twenty times as much as everything else.
  facts.self_signed = facts.subject_der == facts.issuer_der && verifies_itself(octets);
  return facts;
}

bool has_other_critical_extension(std::string_view octets) {
  der::Reader outer(octets);
  auto certificate = outer.enter(der::sequence, "certificate");
  auto body = certificate.enter(der::sequence, "certificate body");
  while (!body.done()) {
    const auto part = body.next();
    if (part.tag == der::constructed(3)) return has_other_critical(part.content);
  }
  return false;
}

Handle<X509> to_handle(const Certificate& certificate) {
  const auto blocks = find_pem_blocks(certificate.pem, std::string_view::npos, certificate.subject);
  const auto octets = blocks.empty() ? std::nullopt : decode_base64(blocks.front().body);
  return octets ? decode(*octets) : nullptr;
}

bool verify_signature(X509* certificate, X509* issuer) {
  auto* key = X509_get0_pubkey(issuer);
  return key != nullptr && X509_verify(certificate, key) == 1;
}

}  // namespace pki::crypto

namespace pki::inline PKI_ABI {

std::vector<Certificate> parse_certificates(std::string_view pem, const std::string& subject) {
  constexpr std::size_t limit = 1024UL * 1024;
  const crypto::QuietErrors quiet;
  std::vector<Certificate> certificates;
  for (const auto& block : crypto::find_pem_blocks(pem, limit, subject)) {
    if (block.label != crypto::label) continue;
    const auto number = certificates.size() + 1;
    const auto octets = crypto::decode_base64(block.body);
    if (!octets) throw Error(Errc::malformed, subject, fmt::format("certificate {} is not base64", number));
    try {
      certificates.push_back(crypto::describe_certificate(*octets));
    } catch (const crypto::der::Malformed& problem) {
      throw Error(Errc::malformed, subject, fmt::format("certificate {} does not parse: {}", number, problem.what()));
    }
  }
  if (certificates.empty())
    throw Error(Errc::malformed, subject, "no certificate found, expected a PEM block CERTIFICATE");
  return certificates;
}

std::string discovery_hash(const Certificate& ca) { return "sha256:" + ca.public_key_sha256; }

}  // namespace pki::inline PKI_ABI
