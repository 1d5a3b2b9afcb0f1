// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>

#include <pki/key.hpp>

#include "crypto/openssl.hpp"

/// RSA keys. OpenSSL finds every prime: BN_generate_prime_ex2, with its own number of rounds of Miller-Rabin. This room
/// divides the search among threads and joins two primes to a key under the conditions of FIPS 186-5 A.1.1.
///
/// OpenSSL's generator of whole keys would be simpler, but needs three times as long on one core (OpenSSL 3.0) and does
/// not divide one key among threads. tests/benchmarks/rsa.py compares the two for the OpenSSL that is linked.
///
/// Under FIPS a validated module must generate its keys itself: see provider_must_generate_rsa in key_generate.hpp.
namespace pki::crypto {

/// The public exponent of every RSA key generated here.
inline constexpr unsigned public_exponent = 65537;

/// Returns a prime p of `bits` bits, at least 512: its two highest bits are set, so that the product of two of them has
/// full length, and `public_exponent` does not divide p - 1. Returns null when `enough` returns true, which is asked
/// between candidates and between rounds, by the calling thread. Throws Error(crypto).
[[nodiscard]] Handle<BIGNUM> generate_prime(unsigned bits, const std::function<bool()>& enough = {});

/// Returns the key of two primes of equal size, checked by a trial signature. Returns nullopt when they do not go
/// together: |p - q| > 2^(bits/2 - 100), and d > 2^(bits/2) with d the inverse of the public exponent modulo the least
/// common multiple of p - 1 and q - 1. Random primes fail with a probability below 2^-97. Throws Error(crypto) when the
/// signature does not verify.
[[nodiscard]] std::optional<PrivateKey> join_primes(Handle<BIGNUM> p, Handle<BIGNUM> q);

/// RsaSearch generates `count` keys of one size on any number of threads. Each thread searches for primes, and every
/// two primes make the next key, so that even a single key keeps all threads busy. The time until a search finds a
/// prime does not depend on how long it has lasted, so no work is lost when several threads search for the same one.
class RsaSearch {
 public:
  RsaSearch(unsigned bits, std::size_t count) : bits_(bits), missing_(2 * count) {}

  /// Searches until all keys exist or `stopped` is set, and passes each key that this thread completes to `keep`.
  /// Throws Error(crypto).
  void run(const std::atomic<bool>& stopped, const std::function<void(PrivateKey)>& keep);

 private:
  /// Returns a second prime for `prime`; null when `prime` has to wait for one, or is not needed any more.
  [[nodiscard]] Handle<BIGNUM> partner_for(Handle<BIGNUM>& prime);

  unsigned bits_;
  std::atomic<std::size_t> missing_;  // primes
  std::mutex mutex_;
  Handle<BIGNUM> waiting_;  // a prime without a partner
};

}  // namespace pki::crypto
