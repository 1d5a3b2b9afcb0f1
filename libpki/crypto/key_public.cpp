// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_public.hpp"

#include <array>
#include <bit>

#include <fmt/format.h>
#include <openssl/obj_mac.h>

#include <pki/error.hpp>

#include "base/digest.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/asn1/object_id.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/openssl.hpp"

namespace pki::crypto {

namespace {

constexpr std::array all_curves{
    Curve{{"\x2a\x86\x48\xce\x3d\x03\x01\x07", 8}, "P-256", NID_X9_62_prime256v1, 32, "ECDSA-P256"},
    Curve{{"\x2b\x81\x04\x00\x22", 5}, "P-384", NID_secp384r1, 48, "ECDSA-P384"},
    Curve{{"\x2b\x81\x04\x00\x23", 5}, "P-521", NID_secp521r1, 66, "ECDSA-P521"},
};

struct SpkiParts {
  std::string_view algorithm;  // object identifier
  der::Reader parameters;
  std::string_view bits;
};

SpkiParts read_spki(std::string_view spki) {
  der::Reader outer(spki);
  auto body = outer.enter(der::sequence, "public key");
  outer.finish("public key");
  auto parameters = body.enter(der::sequence, "public key algorithm");
  const auto algorithm = parameters.take(der::object_id, "public key algorithm");
  const auto bits = body.take_bits("public key");
  body.finish("public key");
  return {algorithm, parameters, bits};
}

std::string rsa_name(std::string_view bits) {
  auto numbers = der::Reader(bits).enter(der::sequence, "RSA public key");
  return fmt::format("RSA-{}", bit_length(numbers.take_unsigned("modulus")));
}

std::string ec_name(der::Reader parameters) {
  if (!parameters.at(der::object_id)) return "ECDSA with explicit parameters";
  const auto oid = parameters.take(der::object_id, "curve");
  if (const auto* curve = try_find_curve(oid)) return std::string(curve->algorithm);
  return "ECDSA-" + short_name_of(oid);
}

}  // namespace

std::span<const Curve> curves() noexcept { return all_curves; }

const Curve* try_find_curve(std::string_view oid) noexcept {
  for (const auto& curve : all_curves)
    if (curve.oid == oid) return &curve;
  return nullptr;
}

const Curve* try_find_curve_by_algorithm(std::string_view algorithm) noexcept {
  for (const auto& curve : all_curves)
    if (curve.algorithm == algorithm) return &curve;
  return nullptr;
}

std::size_t bit_length(std::string_view octets) noexcept {
  const auto first = octets.find_first_not_of('\0');
  if (first == std::string_view::npos) return 0;
  return (octets.size() - first - 1) * 8 +
         static_cast<std::size_t>(std::bit_width(static_cast<unsigned char>(octets[first])));
}

std::string rsa_spki(std::string_view modulus, std::string_view exponent) {
  const auto algorithm = der::write(der::sequence, {der::write(der::object_id, {rsa_oid}), der::write(der::null, {})});
  const auto numbers = der::write(der::sequence, {der::write_unsigned(modulus), der::write_unsigned(exponent)});
  return der::write(der::sequence, {algorithm, der::write_bits(numbers)});
}

std::string ec_spki(const Curve& curve, std::string_view point) {
  const auto algorithm =
      der::write(der::sequence, {der::write(der::object_id, {ec_oid}), der::write(der::object_id, {curve.oid})});
  return der::write(der::sequence, {algorithm, der::write_bits(point)});
}

std::string algorithm_of(std::string_view spki) {
  const auto key = read_spki(spki);
  if (key.algorithm == rsa_oid) return rsa_name(key.bits);
  if (key.algorithm == ec_oid) return ec_name(key.parameters);
  return short_name_of(key.algorithm);
}

std::string_view key_bits_of(std::string_view spki) { return read_spki(spki).bits; }

PublicKey public_key_of(const PrivateKey& key) {
  const auto blocks = find_pem_blocks(key.public_key_pem(), std::string_view::npos, "public key");
  auto der = blocks.empty() ? std::nullopt : decode_base64(blocks.front().body);
  if (!der) throw Error(Errc::malformed, "public key", "not a PUBLIC KEY block");
  return {*std::move(der), key.algorithm(), key.public_key_sha256()};
}

PublicKey parse_public_key(std::string_view pem, const std::string& subject) {
  constexpr std::size_t limit = 64UL * 1024;
  const QuietErrors quiet;
  for (const auto& block : find_pem_blocks(pem, limit, subject)) {
    if (block.label != "PUBLIC KEY") continue;
    auto der = decode_base64(block.body);
    if (!der) throw Error(Errc::malformed, subject, "the PUBLIC KEY block is not base64");
    try {
      auto algorithm = algorithm_of(*der);
      auto digest = base::to_hex(sha256(*der));
      return {std::move(*der), std::move(algorithm), std::move(digest)};
    } catch (const der::Malformed& error) {
      throw Error(Errc::malformed, subject, fmt::format("the PUBLIC KEY block does not parse: {}", error.what()));
    }
  }
  throw Error(Errc::malformed, subject, "no PUBLIC KEY block found");
}

}  // namespace pki::crypto

namespace pki::inline PKI_ABI {

std::string parse_public_key_sha256(std::string_view pem, const std::string& subject) {
  return crypto::parse_public_key(pem, subject).sha256;
}

}  // namespace pki::inline PKI_ABI
