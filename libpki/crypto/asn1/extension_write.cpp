// SPDX-License-Identifier: Apache-2.0
#include <pki/error.hpp>

#include "base/usages.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/asn1/extension.hpp"
#include "crypto/asn1/general_name.hpp"
#include "crypto/asn1/object_id.hpp"
#include "crypto/openssl.hpp"

namespace pki::crypto {

namespace {

using namespace std::string_view_literals;

std::string extension(std::string_view id, bool critical, std::string_view value) {
  const auto flag = critical ? der::write(der::boolean, {"\xff"sv}) : std::string();
  return der::write(der::sequence, {der::write(der::object_id, {id}), flag, der::write(der::octet_string, {value})});
}

/// Bits are counted from the highest; the first content octet is the number of unused ones at the end.
std::string key_usage(bool ca, bool rsa) {
  constexpr auto sign_certificates = "\x01\x86"sv;  // digitalSignature, keyCertSign, cRLSign
  constexpr auto sign_and_encipher = "\x05\xa0"sv;  // digitalSignature, keyEncipherment
  constexpr auto sign = "\x07\x80"sv;               // digitalSignature: RFC 8813 3 allows no more for EC keys
  const auto bits = ca ? sign_certificates : rsa ? sign_and_encipher : sign;
  return der::write(der::bit_string, {bits});
}

std::string basic_constraints(const CertSpec& spec) {
  const bool ca = spec.profile == Profile::ca;
  const auto flag = ca ? der::write(der::boolean, {"\xff"sv}) : std::string();
  if (!ca || !spec.path_length) return der::write(der::sequence, {flag});
  if (*spec.path_length < 0 || *spec.path_length > 127)
    throw Error(Errc::invalid_config, {}, "a path length is from 0 to 127");
  const char octet = static_cast<char>(*spec.path_length);
  return der::write(der::sequence, {flag, der::write(der::integer, {{&octet, 1}})});
}

std::string extended_key_usage(const std::vector<std::string>& usages) {
  std::string content;
  for (const auto& usage : usages)
    content += der::write(der::object_id, {parse_usage(usage)});
  return der::write(der::sequence, {content});
}

/// Returns a key identifier of RFC 7093 method 1: SHA-256 cut to 160 bits, so that SHA-1 is not needed.
std::string key_id(std::string_view key_bits) {
  return der::write(der::octet_string, {std::string_view(sha256(key_bits)).substr(0, 20)});
}

}  // namespace

std::string write_extensions(const CertSpec& spec, bool rsa, std::string_view key_bits,
                             std::string_view authority_key_id, bool empty_subject) {
  const bool ca = spec.profile == Profile::ca;
  std::string list = extension(key_usage_oid, true, key_usage(ca, rsa));
  if (const auto usages = base::usages_of(spec); !usages.empty())
    list += extension(extended_key_usage_oid, false, extended_key_usage(usages));
  list += extension(basic_constraints_oid, true, basic_constraints(spec));
  if (!key_bits.empty()) list += extension(subject_key_id_oid, false, key_id(key_bits));
  if (!authority_key_id.empty())
    list += extension(authority_key_id_oid, false,
                      der::write(der::sequence, {der::write(der::context(0), {authority_key_id})}));
  if (!spec.sans.empty()) list += extension(subject_alt_name_oid, empty_subject, write_general_names(spec.sans));
  return der::write(der::sequence, {list});
}

}  // namespace pki::crypto
