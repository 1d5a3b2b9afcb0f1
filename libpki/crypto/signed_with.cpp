#include <array>
#include <optional>

#include <openssl/core_names.h>

#include "crypto/asn1/der.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/certificate.hpp"
#include "crypto/key_public.hpp"

namespace pki::crypto {

namespace {

constexpr auto action = "verify a certificate";

/// Parts are the pieces of a certificate that a signature is about.
struct Parts {
  std::string_view body;
  std::string_view promised_algorithm;  // inside the body; must be the same
  std::string_view algorithm;
  std::string_view signature;
  std::string_view spki;
};

Parts take_apart(std::string_view octets) {
  auto certificate = der::Reader(octets).enter(der::sequence, "certificate");
  Parts parts{};
  const auto body = certificate.next();
  parts.body = body.whole;
  parts.algorithm = certificate.next().whole;
  parts.signature = certificate.take_bits("signature");
  der::Reader reader(body.content);
  if (reader.at(der::constructed(0))) reader.next();
  reader.take(der::integer, "serial number");
  parts.promised_algorithm = reader.next().whole;
  for (int skipped = 0; skipped < 3; ++skipped)
    reader.next();  // issuer, validity, subject
  parts.spki = reader.next().whole;
  return parts;
}

/// Scheme is a signature algorithm that is verified without OpenSSL's X509, whose decoding of the issuer's key takes
/// four times as long as the verification.
struct Scheme {
  std::string_view algorithm;  // DER AlgorithmIdentifier
  std::string_view key_type;
  const char* digest;
};

constexpr std::array schemes{
    Scheme{{"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00", 15}, rsa_oid, "SHA256"},
    Scheme{{"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00", 15}, rsa_oid, "SHA384"},
    Scheme{{"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00", 15}, rsa_oid, "SHA512"},
    Scheme{{"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 12}, ec_oid, "SHA256"},
    Scheme{{"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03", 12}, ec_oid, "SHA384"},
    Scheme{{"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04", 12}, ec_oid, "SHA512"},
};

const Scheme* try_find_scheme(const Parts& certificate) {
  for (const auto& scheme : schemes)
    if (scheme.algorithm == certificate.algorithm && scheme.algorithm == certificate.promised_algorithm) return &scheme;
  return nullptr;
}

Handle<EVP_PKEY> public_key(const char* type, OSSL_PARAM* parameters) {
  const auto context = own(EVP_PKEY_CTX_new_from_name(library_context(), type, nullptr), action);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
    return {};
  return Handle<EVP_PKEY>(key);
}

Handle<EVP_PKEY> rsa_public_key(std::string_view bits) {
  auto numbers = der::Reader(bits).enter(der::sequence, "RSA public key");
  const auto builder = own(OSSL_PARAM_BLD_new(), action);
  std::array<Handle<BIGNUM>, 2> kept;  // the builder refers to them
  constexpr std::array names{OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto octets = numbers.take_unsigned("number of the RSA key");
    kept[i] = own(BN_bin2bn(bytes_of(octets), static_cast<int>(octets.size()), nullptr), action);
    check(OSSL_PARAM_BLD_push_BN(builder.get(), names[i], kept[i].get()), action);
  }
  const auto parameters = own(OSSL_PARAM_BLD_to_param(builder.get()), action);
  return public_key("RSA", parameters.get());
}

Handle<EVP_PKEY> ec_public_key(const Curve& curve, std::string_view bits) {
  std::string group = curve.group;
  std::string point(bits);
  std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
                        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
                        OSSL_PARAM_construct_end()};
  return public_key("EC", parameters.data());
}

/// key_of reads the issuer's key if it is of the scheme's type; null when it is not, or is none.
Handle<EVP_PKEY> key_of(std::string_view spki, const Scheme& scheme) {
  auto body = der::Reader(spki).enter(der::sequence, "public key");
  auto algorithm = body.enter(der::sequence, "public key algorithm");
  if (algorithm.take(der::object_id, "public key algorithm") != scheme.key_type || algorithm.done()) return {};
  if (scheme.key_type == rsa_oid) return algorithm.at(der::null) ? rsa_public_key(key_bits_of(spki)) : nullptr;
  const auto* curve = algorithm.at(der::object_id) ? try_find_curve(algorithm.take(der::object_id, "curve")) : nullptr;
  return curve != nullptr ? ec_public_key(*curve, key_bits_of(spki)) : nullptr;
}

/// answer is empty where OpenSSL's X509 must be asked.
std::optional<bool> answer(std::string_view octets, std::string_view issuer_octets) {
  try {
    const auto parts = take_apart(octets);
    const auto* scheme = try_find_scheme(parts);
    if (scheme == nullptr) return std::nullopt;
    const auto key = key_of(take_apart(issuer_octets).spki, *scheme);
    if (!key) return std::nullopt;
    const auto context = own(EVP_MD_CTX_new(), action);
    check(
        EVP_DigestVerifyInit_ex(context.get(), nullptr, scheme->digest, library_context(), nullptr, key.get(), nullptr),
        action);
    return EVP_DigestVerify(context.get(), bytes_of(parts.signature), parts.signature.size(), bytes_of(parts.body),
                            parts.body.size()) == 1;
  } catch (const der::Malformed&) {
    return std::nullopt;
  }
}

std::optional<std::string> octets_of(const Certificate& certificate) {
  const auto blocks = find_pem_blocks(certificate.pem, std::string_view::npos, certificate.subject);
  return blocks.empty() ? std::nullopt : decode_base64(blocks.front().body);
}

}  // namespace

bool is_signed_with(const Certificate& certificate, const Certificate& issuer) {
  const auto octets = octets_of(certificate);
  const auto issuer_octets = octets_of(issuer);
  if (!octets || !issuer_octets) return false;
  if (const auto known = answer(*octets, *issuer_octets)) return *known;
  const auto signed_one = to_handle(certificate);
  const auto signer = to_handle(issuer);
  auto* key = signed_one && signer ? X509_get0_pubkey(signer.get()) : nullptr;
  return key != nullptr && X509_verify(signed_one.get(), key) == 1;
}

}  // namespace pki::crypto
