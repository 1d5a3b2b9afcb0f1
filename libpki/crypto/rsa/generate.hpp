#pragma once

#include <optional>

#include <string_view>

#include <pki/key.hpp>

namespace pki::crypto {

/// RSA keys are made in one of two ways. Ours takes two primes of find_prime, which different threads may have found.
/// OpenSSL's own generator makes whole keys. stock_generator_wanted chooses it
///
/// - when the build says so: -DPKI_RSA_GENERATOR=openssl;
/// - under FIPS, that is, when another provider than "default" gives RSA keys, or fips=yes is asked for: a validated
///   module makes its keys itself.
///
/// It would also choose it where OpenSSL's own is as fast, but no OpenSSL is known where it is: measured at RSA-2048
/// on one core that needs 10 ms a key here, 3.0.19 needs 180 ms (64 rounds of Miller-Rabin a prime) and 4.0.3, which
/// does as few rounds as the standard asks for, 40 ms; neither divides the work on one key among threads. The
/// script tests/benchmarks/rsa.py compares both for the OpenSSL that is linked.
[[nodiscard]] bool stock_generator_wanted();

/// stock_rsa_key makes a key of `bits` bits by OpenSSL's own generator.
[[nodiscard]] PrivateKey stock_rsa_key(unsigned bits);

/// join_primes makes the key of two primes of equal size, of find_prime's kind, and proves it by a signature. Empty
/// when they do not go together by FIPS 186-5 A.1.1: |p - q| > 2^(bits/2 - 100), and d > 2^(bits/2) with d the inverse
/// of e modulo the least common multiple of p - 1 and q - 1. For random primes that has a probability below 2^-97.
/// Throws Error(crypto) when the signature does not verify.
[[nodiscard]] std::optional<PrivateKey> join_primes(std::string_view one, std::string_view other);

/// generate_rsa_key makes a key of `bits` bits in the way that stock_generator_wanted says, on the calling thread.
[[nodiscard]] PrivateKey generate_rsa_key(unsigned bits);

}  // namespace pki::crypto
