// SPDX-License-Identifier: Apache-2.0
#include "crypto/x509.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <pki/error.hpp>

#include "crypto/asn1/der.hpp"
#include "crypto/asn1/extension.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/asn1/time.hpp"
#include "crypto/certificate.hpp"
#include "crypto/verify.hpp"

namespace pki::crypto {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t serial_size = 20;

std::string validity_of(const CertSpec& spec) {
  if (spec.not_after < spec.not_before) throw Error(Errc::invalid_config, {}, "the certificate ends before it begins");
  return der::write(der::sequence, {write_time(spec.not_before), write_time(spec.not_after)});
}

/// Issuer is what a certificate says about its issuer.
struct Issuer {
  std::string_view name;  // DER
  std::string key_id;     // empty: none
};

std::string octets_of_hex(std::string_view hex) {
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::string octets;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    octets.push_back(static_cast<char>(digit(hex[i]) << 4U | digit(hex[i + 1])));
  return octets;
}

void check_serial(std::string_view serial) {
  const bool positive = !serial.empty() && (static_cast<unsigned char>(serial.front()) & 0x80U) == 0 &&
                        serial.find_first_not_of('\0') != std::string_view::npos;
  if (!positive || serial.size() > serial_size)
    throw Error(Errc::invalid_config, {},
                fmt::format("a serial number of {} octets{}, expected a positive one of at most {} (RFC 5280 4.1.2.2)",
                            serial.size(), positive ? "" : " that is not positive", serial_size));
}

std::string body_of(const CertSpec& spec, const PublicKey& key, std::string_view subject, const Issuer& issuer,
                    std::string_view signature_algorithm, std::string_view serial) {
  constexpr auto version_3 = "\x02"sv;
  const auto extensions =
      write_extensions(spec, key.is_rsa(), key_bits_of(key.spki), issuer.key_id, is_empty_name(subject));
  return der::write(der::sequence, {der::write(der::constructed(0), {der::write_unsigned(version_3)}),
                                    der::write_unsigned(serial), signature_algorithm, issuer.name, validity_of(spec),
                                    subject, key.spki, der::write(der::constructed(3), {extensions})});
}

Certificate issue(const CertSpec& spec, const PublicKey& key, std::string_view subject, const Issuer& issuer,
                  const SigningKey& issuer_key, std::string_view serial) {
  if (spec.profile == Profile::none) throw Error(Errc::invalid_config, {}, "a certificate without a profile");
  check_serial(serial);
  const auto algorithm = issuer_key.signature_algorithm();
  const auto body = body_of(spec, key, subject, issuer, algorithm, serial);
  const auto signature = der::write_bits(issuer_key.sign(body));
  return describe_certificate(der::write(der::sequence, {body, algorithm, signature}));
}

}  // namespace

std::string subject_of(const CertSpec& spec) {
  if (spec.subject_der.empty()) return to_subject_der(spec.common_name, spec.organizations);
  try {
    (void)describe_name(spec.subject_der);
  } catch (const der::Malformed& problem) {
    throw Error(Errc::invalid_config, {}, fmt::format("the subject is not a DER name: {}", problem.what()));
  }
  return spec.subject_der;
}

bool is_empty_name(std::string_view name) noexcept { return name == "\x30\0"sv; }

std::string random_serial() {
  std::string serial(serial_size, '\0');
  while (serial.find_first_not_of('\0') == std::string::npos) {
    check(RAND_bytes_ex(library_context(), reinterpret_cast<unsigned char*>(serial.data()), serial.size(), 0),
          "draw a serial number");
    serial.front() = static_cast<char>(static_cast<unsigned char>(serial.front()) & 0x7fU);
  }
  return serial;
}

Certificate self_sign(const CertSpec& spec, const SigningKey& key, const std::string& serial) {
  const QuietErrors quiet;
  const auto subject = subject_of(spec);
  return issue(spec, key.public_key(), subject, {subject, {}}, key, serial);
}

Certificate sign(const CertSpec& spec, const PublicKey& subject_key, const Certificate& issuer,
                 const SigningKey& issuer_key, const std::string& serial) {
  const QuietErrors quiet;
  check_pair(issuer, issuer_key.public_key(), issuer.subject);
  return issue(spec, subject_key, subject_of(spec), {issuer.subject_der, octets_of_hex(issuer.subject_key_id)},
               issuer_key, serial);
}

}  // namespace pki::crypto
