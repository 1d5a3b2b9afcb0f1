// SPDX-License-Identifier: Apache-2.0
// Certificates: DER, or a PEM text. Promises: a typed error or facts; the facts of the certificate's own text are the
// same; what is shown to people is plain; where OpenSSL reads the certificate, it reads the same facts; subject and
// names can be written again for a renewal.

#include "crypto/certificate.hpp"

#include <algorithm>
#include <array>

#include <openssl/x509v3.h>

#include "base/digest.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/asn1/general_name.hpp"
#include "crypto/asn1/name.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/file_chain.hpp"
#include "crypto/openssl.hpp"
#include "crypto/verify.hpp"
#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

using pki::Certificate;
namespace crypto = pki::crypto;
namespace der = pki::crypto::der;

void require_same_time(const ASN1_TIME* theirs, std::chrono::sys_seconds ours) {
  tm parts{};
  if (ASN1_TIME_to_tm(theirs, &parts) != 1) return;
  require(std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts))) == ours, "OpenSSL reads the same dates");
}

void require_same_id(const ASN1_OCTET_STRING* theirs, const std::string& ours) {
  if (theirs == nullptr) return;
  const std::string_view octets(reinterpret_cast<const char*>(ASN1_STRING_get0_data(theirs)),
                                static_cast<std::size_t>(ASN1_STRING_length(theirs)));
  require(pki::base::to_hex(octets) == ours, "OpenSSL reads the same key identifiers");
}

/// is_der says that the authority key identifier is written as DER has it. OpenSSL takes all of BER there, an
/// identifier in pieces too; Go's reader and ours do not see one then.
bool is_der(const X509* certificate) {
  const int place = X509_get_ext_by_NID(certificate, NID_authority_key_identifier, -1);
  auto* extension = place < 0 ? nullptr : X509_get_ext(certificate, place);
  if (extension == nullptr) return true;
  const auto* data = X509_EXTENSION_get_data(extension);
  auto* read = static_cast<AUTHORITY_KEYID*>(X509V3_EXT_d2i(extension));
  unsigned char* written = nullptr;
  const int size = read == nullptr ? 0 : i2d_AUTHORITY_KEYID(read, &written);
  const bool same =
      size == ASN1_STRING_length(data) && size > 0 && std::equal(written, written + size, ASN1_STRING_get0_data(data));
  OPENSSL_free(written);
  AUTHORITY_KEYID_free(read);
  return same;
}

std::string serial_of(const X509* certificate) {
  const crypto::Handle<BIGNUM> number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  std::string octets(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(octets.data()));
  auto hex = pki::base::to_hex(octets);
  hex.erase(0, std::min(hex.find_first_not_of('0'), hex.size() - (hex.empty() ? 0 : 1)));
  return (BN_is_negative(number.get()) == 1 ? "-" : "") + (hex.empty() ? "0" : hex);
}

void compare_with_openssl(const Certificate& facts) {
  const auto handle = crypto::to_handle(facts);
  if (!handle) return;
  require_same_time(X509_get0_notBefore(handle.get()), facts.not_before);
  require_same_time(X509_get0_notAfter(handle.get()), facts.not_after);
  require(serial_of(handle.get()) == facts.serial, "OpenSSL reads the same serial number");
  const unsigned char* name = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(X509_get_subject_name(handle.get()), &name, &size) == 1)
    require(std::string_view(reinterpret_cast<const char*>(name), size) == facts.subject_der,
            "OpenSSL reads the same subject");
  // These fill OpenSSL's cache of extensions; where one of them is broken it believes none.
  const bool valid = (X509_get_extension_flags(handle.get()) & EXFLAG_INVALID) == 0;
  if (!valid) return;
  require_same_id(X509_get0_subject_key_id(handle.get()), facts.subject_key_id);
  if (is_der(handle.get())) require_same_id(X509_get0_authority_key_id(handle.get()), facts.authority_key_id);
  const bool ca = (X509_get_extension_flags(handle.get()) & EXFLAG_CA) != 0;
  require(ca == facts.is_ca, "OpenSSL sees a CA where we do");
  const bool may_sign = (X509_get_key_usage(handle.get()) & KU_KEY_CERT_SIGN) != 0;
  require((ca && may_sign) == facts.can_sign, "OpenSSL sees the same right to sign");
}

void check_names(const Certificate& facts) {
  const auto written = value_of([&] { return crypto::write_general_names(facts.sans); }, pki::Errc::invalid_config);
  if (!written) return;
  const auto again = crypto::describe_general_names(*written);
  require(again.size() == facts.sans.size(), "no name is lost in a renewal");
  require(crypto::write_general_names(again) == *written, "written names are written the same again");
}

void check(const Certificate& facts) {
  require_plain(facts.subject.substr(0, 8192), "subject");
  require_plain(facts.issuer.substr(0, 8192), "issuer");
  require_plain(facts.key_algorithm, "key algorithm");
  require_plain(facts.signature_algorithm, "signature algorithm");
  for (const auto& usage : facts.extended_key_usages)
    require_plain(usage, "key usage");
  for (const auto& name : facts.sans)
    if (name.kind != pki::GeneralName::Kind::other) require_plain(name.value.substr(0, 8192), "name");
  require(facts.not_before < std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}, "a year has four digits");
  const auto again = pki::parse_certificates(facts.pem, "again");
  require(again.size() == 1 && again[0] == facts, "its own text gives the same facts");
  check_names(facts);
  compare_with_openssl(facts);
}

}  // namespace

void certificate(std::string_view input) {
  const crypto::QuietErrors quiet;
  const auto text = input.starts_with("-----BEGIN") ? std::string(input) : crypto::to_pem("CERTIFICATE", input);
  const auto certificates = value_of([&] { return pki::parse_certificates(text, "input"); });
  if (!certificates) return;
  require(!certificates->empty(), "no certificate is an error");
  for (const auto& facts : *certificates)
    check(facts);
  if (certificates->size() < 8) {
    constexpr std::array signs{pki::Profile::server, pki::Profile::client};
    const crypto::TrustAnchors anchors(*certificates);
    (void)anchors.have_signed(*certificates);
    (void)anchors.judge(*certificates, pki::Profile::peer);
    (void)crypto::judge_file(*certificates, pki::Profile::client);
    (void)crypto::judge_authority(*certificates, signs);
    (void)crypto::judge_trusted(*certificates);
    (void)crypto::chain_of_leaves(*certificates);
  }
}

}  // namespace fuzz
