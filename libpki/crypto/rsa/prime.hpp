#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include <pki/secret.hpp>

/// Primes for RSA keys, and why they are sound.
///
/// What is drawn.  A line of candidates start + i·2^shift, i < 4096: `shift` is random, `start` a random odd number
/// from OpenSSL's private generator, uniform among those whose whole line lies in [√2·2^(bits-1), 2^bits). A sieve
/// (ours: arithmetic with small primes, which can only cost time when it errs) removes most composites. The rest is
/// tested in random order. The first that passes is the prime, the line is thrown away, and if nothing passes another
/// is drawn. So no two primes come from one line, and every prime of a key is independent of the other.
///
/// What is judged.  Whether a candidate is prime is decided by Miller-Rabin (FIPS 186-5 B.3.1) with bases drawn
/// uniformly for each round, on OpenSSL's constant-time exponentiation: 7 rounds up to 1024 bits, 5 above. FIPS 186-5
/// table B.1 asks for 5 at 1024 bits (error 2^-112), 4 at 1536 (2^-128) and 4 at 2048 (2^-144). BN_check_prime does 64
/// to 128: that serves numbers which an adversary chose, where a round can only be trusted to err with less than 1/4.
/// For numbers drawn at random almost every composite fails almost every base, and the bound is far better:
///
///   Damgård, Landrock, Pomerance, "Average case error estimates for the strong probable prime test", Math. Comp. 61
///   (1993), also fact 4.48 of the Handbook of Applied Cryptography: an odd number drawn uniformly among those of k
///   bits which passes t rounds is composite with probability p(k,t) < k^(3/2) · 2^t · t^(-1/2) · 4^(2 - √(t·k)), for 3
///   <= t <= k/9 and k >= 21. That gives 2^-144 for (1024, 7), 2^-151 for (1536, 5), 2^-178 for (2048, 5).
///
/// Our candidates are not independent of each other: they share a line. The bound bears it, by adding up. One position
/// of a line, taken alone, is uniform over at least 0.585 of the odd numbers of k bits, so it is composite and passes
/// with probability at most p(k,t) · P(pass) / 0.585, where P(pass) is hardly more than the density of primes,
/// 2 / (k·ln 2). 4096 positions together: at most 20 · p(k,t) for k = 1024 and less above, in whatever order they
/// are tested; what the sieve removes or gcd(p - 1, e) excludes only lowers it. Lines without a prime are rare (under
/// 1 in 300) and add as little. So a result is composite with probability below 2^-139, and below the figure of the
/// standard's table for each size. (Brandt and Damgård, "On Generation of Probable Primes by Incremental Search",
/// CRYPTO '92, prove the like for consecutive candidates.) Every key is then proved by a signature, which a composite
/// factor fails but for a chance like that of a round.
///
/// What the result looks like.  Searching upwards from a random number would favour primes behind long gaps. Here a
/// prime competes with those of its line only, and the line's step is one of some 900 random ones: the share of a prime
/// depends on an average over as many neighbourhoods and is the same for all but a percent or so, which no test on
/// keys can see. tests/keys looks for it in residues, bits, leading parts and the gaps to neighbours.
///
/// It is not the procedure of FIPS 186-5 A.1.3 to the letter (that draws each candidate by itself), so a FIPS provider
/// makes its keys itself: rsa_generate.hpp.
namespace pki::crypto {

/// public_exponent is that of every key made here.
inline constexpr unsigned public_exponent = 65537;

/// rounds_for gives the rounds of Miller-Rabin for a random number of so many bits.
[[nodiscard]] constexpr unsigned rounds_for(unsigned bits) noexcept { return bits <= 1024 ? 7 : 5; }

/// is_probable_prime does those rounds, or one more, on one odd number of more than 64 bits, big-endian.
[[nodiscard]] bool is_probable_prime(std::string_view number);

/// find_prime gives a prime p of `bits` bits (a multiple of 64, at least 512), big-endian: p² has twice as many bits,
/// so that two of them make a modulus of full length (FIPS 186-5 A.1.1, 2.1), and e does not divide p - 1. Empty when
/// `enough` says so; it is asked every two tests, by the calling thread.
[[nodiscard]] std::optional<SecretString> find_prime(unsigned bits, const std::function<bool()>& enough = {});

}  // namespace pki::crypto
