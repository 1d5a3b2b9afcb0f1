#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>
#include <openssl/core_names.h>

#include <pki/error.hpp>

#include "crypto/asn1/der.hpp"
#include "crypto/key.hpp"
#include "crypto/rsa/generate.hpp"

namespace pki {

namespace crypto {

namespace {

/// number_of takes one integer of a generated key into memory that is wiped.
SecretString number_of(const EVP_PKEY* key, const char* name) {
  SecretString octets(1024, '\0');  // the modulus of 4096 bits has 512
  std::array parameters{OSSL_PARAM_construct_BN(name, reinterpret_cast<unsigned char*>(octets.data()), octets.size()),
                        OSSL_PARAM_construct_end()};
  check(EVP_PKEY_get_params(key, parameters.data()), "read a generated key");
  octets.resize(std::min(parameters[0].return_size, octets.size()));
  if constexpr (std::endian::native == std::endian::little) std::reverse(octets.begin(), octets.end());
  return octets;
}

Handle<EVP_PKEY> generate(const char* type, const OSSL_PARAM* parameters) {
  constexpr auto action = "generate a private key";
  const auto context = own(EVP_PKEY_CTX_new_from_name(library_context(), type, nullptr), action);
  check(EVP_PKEY_keygen_init(context.get()), action);
  check(EVP_PKEY_CTX_set_params(context.get(), parameters), action);
  EVP_PKEY* key = nullptr;
  check(EVP_PKEY_generate(context.get(), &key), action);
  return Handle<EVP_PKEY>(key);
}

PrivateKey generate_ec(std::string_view algorithm) {
  const auto* curve = try_find_curve_by_algorithm(algorithm);
  std::string group = curve->group;
  const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
                              OSSL_PARAM_construct_end()};
  const auto key = generate("EC", parameters.data());
  const auto scalar = number_of(key.get(), OSSL_PKEY_PARAM_PRIV_KEY);
  // What the provider says its point is must come out again of the scalar.
  std::string point(2 * curve->size + 1, '\0');
  std::size_t size = 0;
  check(EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                        reinterpret_cast<unsigned char*>(point.data()), point.size(), &size),
        "read a generated key");
  return to_private_key({curve, scalar, std::string_view(point).substr(0, size)});
}

}  // namespace

PrivateKey stock_rsa_key(unsigned bits) {
  const std::array parameters{OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_BITS, &bits), OSSL_PARAM_construct_end()};
  const auto key = generate("RSA", parameters.data());
  constexpr std::array names{OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
                             OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
                             OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
                             OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
  std::array<SecretString, RsaNumbers::count> kept;
  RsaNumbers rsa;
  for (std::size_t i = 0; i < names.size(); ++i) {
    kept[i] = number_of(key.get(), names[i]);
    rsa.numbers[i] = kept[i];
  }
  return to_private_key(rsa);
}

}  // namespace crypto

PrivateKey generate_private_key(KeyAlgorithm algorithm) {
  const crypto::QuietErrors quiet;
  const crypto::CleanStack clean;
  try {
    switch (algorithm) {
      case KeyAlgorithm::rsa_2048:
        return crypto::generate_rsa_key(2048);
      case KeyAlgorithm::rsa_3072:
        return crypto::generate_rsa_key(3072);
      case KeyAlgorithm::rsa_4096:
        return crypto::generate_rsa_key(4096);
      default:
        return crypto::generate_ec(to_string(algorithm));
    }
  } catch (const crypto::der::Malformed& problem) {
    throw Error(Errc::crypto, {}, fmt::format("the generated key is not sound: {}", problem.what()));
  }
}

}  // namespace pki
