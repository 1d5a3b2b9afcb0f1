// SPDX-License-Identifier: Apache-2.0
#include <pki/bootstrap.hpp>

#include <array>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/bootstrap_token.hpp"
#include "crypto/openssl.hpp"

namespace pki::inline PKI_ABI {

namespace {

using base::token_alphabet;

// Octets from the last incomplete run of the alphabet on would make some characters more likely than others.
constexpr unsigned char fair_octets = 256 / token_alphabet.size() * token_alphabet.size();

// Returns an octet below `fair_octets`.
unsigned char fair_octet() {
  std::array<unsigned char, 1> octet{};
  do
    crypto::check(RAND_priv_bytes_ex(crypto::library_context(), octet.data(), octet.size(), 0), "draw a token");
  while (octet.front() >= fair_octets);
  const auto result = octet.front();
  OPENSSL_cleanse(octet.data(), octet.size());
  return result;
}

}  // namespace

SecretString generate_bootstrap_token() {
  SecretString token;
  token.reserve(base::token_size);
  while (token.size() < base::token_size)
    token += token.size() == base::token_id_size ? '.' : token_alphabet[fair_octet() % token_alphabet.size()];
  return token;
}

}  // namespace pki::inline PKI_ABI
