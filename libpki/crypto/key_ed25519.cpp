// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_ed25519.hpp"

#include "crypto/asn1/der.hpp"

namespace pki::crypto {

namespace {

std::string algorithm_identifier() { return der::write(der::sequence, {der::write(der::object_id, {ed25519_oid})}); }

}  // namespace

Pkcs8 read_pkcs8(std::string_view octets) {
  der::Reader outer(octets);
  auto body = outer.enter(der::sequence, "private key");
  outer.finish("private key");
  if (body.take_unsigned("version").size() > 1) throw der::Malformed("a private key of unknown version");
  auto algorithm = body.enter(der::sequence, "key algorithm");
  Pkcs8 result{algorithm.take(der::object_id, "key algorithm"), {}, {}};
  if (!algorithm.done()) result.parameters = algorithm.next().whole;
  result.key = body.take(der::octet_string, "private key");
  return result;
}

Ed25519Seed read_ed25519(std::string_view octets) {
  der::Reader outer(octets);
  const Ed25519Seed seed{outer.take(der::octet_string, "Ed25519 key")};
  outer.finish("Ed25519 key");
  if (seed.octets.size() != Ed25519Seed::size) throw der::Malformed("an Ed25519 key that is not of 32 octets");
  return seed;
}

SecretString write_ed25519(const Ed25519Seed& seed) {
  const auto key = der::write<SecretString>(der::octet_string, {seed.octets});
  return der::write<SecretString>(der::sequence, {der::write_unsigned({}), algorithm_identifier(),
                                                  der::write<SecretString>(der::octet_string, {key})});
}

Handle<EVP_PKEY> make_ed25519(const Ed25519Seed& seed) {
  return own(
      EVP_PKEY_new_raw_private_key_ex(library_context(), "ED25519", nullptr, bytes_of(seed.octets), seed.octets.size()),
      "load a private key");
}

std::string ed25519_spki(const Ed25519Seed& seed) {
  std::string point(32, '\0');
  auto size = point.size();
  const auto key = make_ed25519(seed);
  check(EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(point.data()), &size),
        "check an Ed25519 key");
  return der::write(der::sequence, {algorithm_identifier(), der::write_bits(point)});
}

}  // namespace pki::crypto
