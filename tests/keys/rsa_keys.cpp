// SPDX-License-Identifier: Apache-2.0
/// Generates RSA keys on all cores, checks each against FIPS 186-5 A.1.1, and that no two share a prime.
///
/// usage: rsa-keys COUNT FILE     writes the keys to FILE, one PEM block after the other
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <pki/key.hpp>

namespace {

struct Free {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Number = std::unique_ptr<BIGNUM, Free>;

constexpr int bits = 2048;
constexpr int half = bits / 2;

void demand(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

Number make() { return Number(BN_new()); }

/// Key is one key as OpenSSL reads it.
class Key {
 public:
  explicit Key(const pki::SecretString& pem) {
    BIO* text = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    key_ = PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr);
    BIO_free(text);
    demand(key_ != nullptr, "OpenSSL reads the key");
  }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() { EVP_PKEY_free(key_); }

  [[nodiscard]] Number number(const char* name) const {
    BIGNUM* value = nullptr;
    demand(EVP_PKEY_get_bn_param(key_, name, &value) == 1, name);
    return Number(value);
  }
  [[nodiscard]] bool passes_check() const {
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, key_, nullptr);
    const bool passed = EVP_PKEY_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    return passed;
  }

 private:
  EVP_PKEY* key_{nullptr};
};

/// Checks that p >= sqrt(2) · 2^(half - 1), which means that p² has 2·half bits.
void check_prime(const BIGNUM* p, BN_CTX* context) {
  const auto square = make();
  BN_sqr(square.get(), p, context);
  demand(BN_num_bits(p) == half && BN_num_bits(square.get()) == bits, "each prime is in range");
  demand(BN_mod_word(p, 65537) != 1, "e does not divide p - 1");
}

/// Checks that 2^half < d < lcm(p - 1, q - 1), and that d·e = 1 modulo the latter.
void check_exponent(const Key& key, const BIGNUM* p, const BIGNUM* q, BN_CTX* context) {
  const auto p1 = make(), q1 = make(), product = make(), divisor = make(), lcm = make();
  BN_sub(p1.get(), p, BN_value_one());
  BN_sub(q1.get(), q, BN_value_one());
  BN_mul(product.get(), p1.get(), q1.get(), context);
  BN_gcd(divisor.get(), p1.get(), q1.get(), context);
  BN_div(lcm.get(), nullptr, product.get(), divisor.get(), context);
  const auto d = key.number(OSSL_PKEY_PARAM_RSA_D);
  demand(BN_num_bits(d.get()) > half && BN_cmp(d.get(), lcm.get()) < 0, "d is of the right size");
  BN_mul_word(d.get(), 65537);
  BN_mod(d.get(), d.get(), lcm.get(), context);
  demand(BN_is_one(d.get()) == 1, "d is the inverse of e");
}

void check(const Key& key, BN_CTX* context) {
  const auto p = key.number(OSSL_PKEY_PARAM_RSA_FACTOR1);
  const auto q = key.number(OSSL_PKEY_PARAM_RSA_FACTOR2);
  check_prime(p.get(), context);
  check_prime(q.get(), context);
  const auto product = make(), distance = make();
  BN_mul(product.get(), p.get(), q.get(), context);
  demand(BN_cmp(product.get(), key.number(OSSL_PKEY_PARAM_RSA_N).get()) == 0, "n is the product");
  demand(BN_num_bits(product.get()) == bits, "n has all its bits");
  demand(BN_is_word(key.number(OSSL_PKEY_PARAM_RSA_E).get(), 65537) == 1, "e is 65537");
  BN_sub(distance.get(), p.get(), q.get());
  BN_set_negative(distance.get(), 0);
  demand(BN_num_bits(distance.get()) > half - 100, "the primes are far from each other");
  check_exponent(key, p.get(), q.get(), context);
  demand(key.passes_check(), "EVP_PKEY_check passes");
}

int run(std::size_t count, const char* path) {
  std::set<std::string> seen;
  std::ofstream file(path);
  BN_CTX* context = BN_CTX_new();
  const std::vector wanted(count, pki::KeyAlgorithm::rsa_2048);
  for (const auto& made : pki::generate_private_keys(wanted)) {
    file << std::string(made.pem().data(), made.pem().size());
    const Key key(made.pem());
    check(key, context);
    for (const auto* name : {OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2}) {
      const auto prime = key.number(name);
      char* text = BN_bn2hex(prime.get());
      demand(seen.insert(text).second, "no prime appears twice");
      OPENSSL_free(text);
    }
  }
  BN_CTX_free(context);
  fmt::print("{} keys checked\n", count);
  return file.flush() ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  try {
    return run(std::stoul(arguments[1]), arguments[2]);
  } catch (const std::exception& problem) {
    fmt::print(stderr, "FAILED, this does not hold: {}\n", problem.what());
    return 1;
  }
}
