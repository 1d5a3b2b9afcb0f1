// SPDX-License-Identifier: Apache-2.0
#include "crypto/request.hpp"

#include <string_view>

#include <fmt/format.h>
#include <openssl/x509.h>

#include <pki/error.hpp>

#include "base/digest.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/asn1/extension.hpp"
#include "crypto/asn1/name.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/certificate.hpp"
#include "crypto/key_signing.hpp"
#include "crypto/openssl.hpp"
#include "crypto/x509.hpp"

namespace pki::crypto {

namespace {

constexpr std::string_view label = "CERTIFICATE REQUEST";
constexpr std::string_view old_label = "NEW CERTIFICATE REQUEST";  // of Netscape and keytool, RFC 7468 7
constexpr std::string_view extension_request_oid{"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e", 9};  // RFC 2985 5.4.2
/// As for certificates: two thousand names.
constexpr std::size_t longest_request = std::size_t{64} * 1024;

bool is_label(std::string_view found) { return found == label || found == old_label; }

void read_attributes(der::Reader attributes, Certificate& facts) {
  bool seen = false;
  while (!attributes.done()) {
    auto attribute = attributes.enter(der::sequence, "attribute");
    const auto type = attribute.take(der::object_id, "attribute type");
    auto values = attribute.enter(der::set, "attribute values");
    attribute.finish("attribute");
    if (type != extension_request_oid) continue;
    if (seen) throw der::Malformed("two lists of requested extensions");
    seen = true;
    read_extensions(values.next().whole, facts);
    values.finish("requested extensions");
  }
}

struct Info {
  Certificate facts;  ///< of the extensions
  std::string_view subject;
  std::string_view spki;
};

Info read_info(der::Reader info) {
  Info found;
  if (!info.take_unsigned("version").empty()) throw der::Malformed("an unknown version");
  found.subject = info.next().whole;
  found.spki = info.next().whole;
  if (info.at(der::constructed(0))) read_attributes(info.enter(der::constructed(0), "attributes"), found.facts);
  info.finish("request");
  return found;
}

Info read_request(std::string_view octets) {
  if (octets.size() > longest_request)
    throw der::Malformed(fmt::format("{} bytes, expected at most {}", octets.size(), longest_request));
  der::Reader outer(octets);
  auto request = outer.enter(der::sequence, "request");
  outer.finish("request");
  const auto info = read_info(request.enter(der::sequence, "request body"));
  request.take(der::sequence, "signature algorithm");
  (void)request.take_bits("signature");
  request.finish("signature");
  return info;
}

bool verifies_itself(std::string_view octets) {
  auto handle = own(X509_REQ_new_ex(library_context(), nullptr), "read a request");
  const auto* data = bytes_of(octets);
  auto* raw = handle.release();  // d2i_X509_REQ frees it on failure
  const Handle<X509_REQ> request(d2i_X509_REQ(&raw, &data, static_cast<long>(octets.size())));
  auto* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
  return key != nullptr && X509_REQ_verify_ex(request.get(), key, library_context(), nullptr) == 1;
}

CertificateRequest describe_request(std::string_view octets) {
  auto info = read_request(octets);
  if (!verifies_itself(octets)) throw der::Malformed("its signature is not that of its public key");
  auto name = describe_name(info.subject);
  return {.pem = to_pem(label, octets),
          .subject = std::move(name.text),
          .subject_der = std::string(info.subject),
          .common_name = std::move(name.common_name),
          .organizations = std::move(name.organizations),
          .sans = std::move(info.facts.sans),
          .extended_key_usages = std::move(info.facts.extended_key_usages),
          .is_ca = info.facts.is_ca,
          .key_algorithm = algorithm_of(info.spki),
          .public_key_sha256 = base::to_hex(sha256(info.spki))};
}

}  // namespace

CertificateRequest make_request(const CertSpec& spec, const PrivateKey& key) {
  const QuietErrors quiet;
  const SigningKey signing(key);
  const auto& half = signing.public_key();
  const auto subject = subject_of(spec);
  const auto extensions = write_extensions(spec, half.is_rsa(), {}, {}, is_empty_name(subject));
  const auto attribute = der::write(
      der::sequence, {der::write(der::object_id, {extension_request_oid}), der::write(der::set, {extensions})});
  const auto info = der::write(
      der::sequence, {der::write_unsigned({}), subject, half.spki, der::write(der::constructed(0), {attribute})});
  const auto signature = der::write_bits(signing.sign(info));
  try {
    return describe_request(der::write(der::sequence, {info, signing.signature_algorithm(), signature}));
  } catch (const der::Malformed& problem) {
    throw Error(Errc::invalid_config, {}, fmt::format("no request can ask for this: {}", problem.what()));
  }
}

PublicKey public_key_of(const CertificateRequest& request) {
  const auto blocks = find_pem_blocks(request.pem, longest_request * 2, request.subject);
  const auto octets = blocks.empty() ? std::nullopt : decode_base64(blocks.front().body);
  if (!octets) throw Error(Errc::malformed, request.subject, "a request without its PEM text");
  try {
    const auto info = read_request(*octets);
    return {std::string(info.spki), algorithm_of(info.spki), base::to_hex(sha256(info.spki))};
  } catch (const der::Malformed& problem) {
    throw Error(Errc::malformed, request.subject, fmt::format("the request does not parse: {}", problem.what()));
  }
}

}  // namespace pki::crypto

namespace pki::inline PKI_ABI {

std::vector<CertificateRequest> parse_requests(std::string_view pem, const std::string& subject) {
  constexpr std::size_t limit = 1024UL * 1024;
  const crypto::QuietErrors quiet;
  std::vector<CertificateRequest> requests;
  for (const auto& block : crypto::find_pem_blocks(pem, limit, subject)) {
    if (!crypto::is_label(block.label)) continue;
    const auto number = requests.size() + 1;
    const auto octets = crypto::decode_base64(block.body);
    if (!octets) throw Error(Errc::malformed, subject, fmt::format("request {} is not base64", number));
    try {
      requests.push_back(crypto::describe_request(*octets));
    } catch (const crypto::der::Malformed& problem) {
      throw Error(Errc::malformed, subject, fmt::format("request {} is not valid: {}", number, problem.what()));
    }
  }
  if (requests.empty())
    throw Error(Errc::malformed, subject, "no request found, expected a PEM block CERTIFICATE REQUEST");
  return requests;
}

std::string public_key_pem(const CertificateRequest& request) {
  return crypto::to_pem("PUBLIC KEY", crypto::public_key_of(request).spki);
}

}  // namespace pki::inline PKI_ABI
