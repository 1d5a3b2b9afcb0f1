// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_numbers.hpp"

#include <algorithm>

#include "crypto/asn1/der.hpp"

namespace pki::crypto {

namespace {

using namespace std::string_view_literals;

Handle<EVP_PKEY> make(const char* type, OSSL_PARAM_BLD* builder) {
  const auto parameters = own(OSSL_PARAM_BLD_to_param(builder), "describe a private key");
  const auto context = own(EVP_PKEY_CTX_new_from_name(library_context(), type, nullptr), "load a private key");
  check(EVP_PKEY_fromdata_init(context.get()), "load a private key");
  EVP_PKEY* key = nullptr;
  check(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()), "load a private key");
  return Handle<EVP_PKEY>(key);
}

}  // namespace

Handle<BIGNUM> to_number(std::string_view octets) {
  // OpenSSL wipes what it copies from a "secure" number, also when there is no secure heap.
  auto number = own(BN_secure_new(), "make a number");
  const bool read = BN_bin2bn(bytes_of(octets), static_cast<int>(octets.size()), number.get()) != nullptr;
  check(read ? 1 : 0, "make a number");
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

SecretString to_octets(const BIGNUM* number) {
  SecretString octets(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(octets.data()));
  return octets;
}

OwnedRsaNumbers::OwnedRsaNumbers(const std::array<const BIGNUM*, RsaNumbers::count>& numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    octets_[i] = to_octets(numbers[i]);
  }
}

RsaNumbers OwnedRsaNumbers::view() const {
  RsaNumbers result;
  std::copy(octets_.begin(), octets_.end(), result.numbers.begin());
  return result;
}

RsaNumbers read_rsa(std::string_view octets) {
  der::Reader outer(octets);
  auto body = outer.enter(der::sequence, "RSA private key");
  outer.finish("private key");
  if (!body.take_unsigned("version").empty()) throw der::Malformed("an RSA key of more than two primes");
  RsaNumbers result;
  for (auto& number : result.numbers)
    number = body.take_unsigned("number of the RSA key");
  body.finish("last number");
  return result;
}

const Curve* read_curve(std::string_view parameters) {
  der::Reader reader(parameters);
  if (!reader.at(der::object_id))
    throw der::Malformed("an EC key without a named curve, expected P-256, P-384 or P-521");
  const auto* curve = try_find_curve(reader.take(der::object_id, "curve"));
  if (curve == nullptr) throw der::Malformed("an EC key on another curve than P-256, P-384 or P-521");
  return curve;
}

EcNumbers read_ec(std::string_view octets, const Curve* curve) {
  der::Reader outer(octets);
  auto body = outer.enter(der::sequence, "EC private key");
  outer.finish("private key");
  if (body.take_unsigned("version") != "\x01"sv) throw der::Malformed("an EC key of unknown version");
  EcNumbers result{curve, body.take(der::octet_string, "scalar"), {}};
  if (body.at(der::constructed(0))) {
    const auto* named = read_curve(body.take(der::constructed(0), "curve"));
    if (curve != nullptr && curve != named) throw der::Malformed("an EC key that names two curves");
    result.curve = named;
  }
  if (body.at(der::constructed(1))) result.point = body.enter(der::constructed(1), "point").take_bits("point");
  body.finish("EC private key");
  if (result.curve == nullptr) throw der::Malformed("an EC key that names no curve");
  return result;
}

SecretString write_rsa(const RsaNumbers& numbers) {
  std::array<SecretString, RsaNumbers::count> parts;
  for (std::size_t i = 0; i < parts.size(); ++i)
    parts[i] = der::write_unsigned<SecretString>(numbers.numbers[i]);
  return der::write<SecretString>(der::sequence, {der::write_unsigned({}), parts[0], parts[1], parts[2], parts[3],
                                                  parts[4], parts[5], parts[6], parts[7]});
}

SecretString write_ec(const EcNumbers& numbers) {
  auto scalar = numbers.scalar;
  while (scalar.size() > numbers.curve->size)
    scalar.remove_prefix(1);  // in range, so these are zeros
  const SecretString padding(numbers.curve->size - scalar.size(), '\0');
  return der::write<SecretString>(
      der::sequence, {der::write_unsigned("\x01"sv), der::write<SecretString>(der::octet_string, {padding, scalar}),
                      der::write(der::constructed(0), {der::write(der::object_id, {numbers.curve->oid})}),
                      der::write(der::constructed(1), {der::write_bits(numbers.point)})});
}

Handle<EVP_PKEY> make_rsa(const RsaNumbers& numbers) {
  const auto builder = own(OSSL_PARAM_BLD_new(), "describe a private key");
  std::array<Handle<BIGNUM>, RsaNumbers::count> kept;  // the builder refers to them
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept[i] = to_number(numbers.numbers[i]);
    check(OSSL_PARAM_BLD_push_BN(builder.get(), rsa_parameter_names[i], kept[i].get()), "describe a private key");
  }
  return make("RSA", builder.get());
}

Handle<EVP_PKEY> make_ec(const EcNumbers& numbers) {
  const auto builder = own(OSSL_PARAM_BLD_new(), "describe a private key");
  const auto scalar = to_number(numbers.scalar);
  const auto added =
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, numbers.curve->group, 0) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get()) == 1 &&
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, numbers.point.data(),
                                       numbers.point.size()) == 1;
  check(added ? 1 : 0, "describe a private key");
  return make("EC", builder.get());
}

}  // namespace pki::crypto
