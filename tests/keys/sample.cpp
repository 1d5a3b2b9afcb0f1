#include "sample.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/core.h>

#include "crypto/rsa/prime.hpp"
#include "crypto/rsa/sieve.hpp"

namespace {

constexpr double limit = 6;  // standard deviations

std::string octets_of(const BIGNUM* number) {
  std::string octets(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(octets.data()));
  return octets;
}

std::vector<std::uint64_t> words_of(const BIGNUM* number) {
  const auto octets = octets_of(number);
  std::vector<std::uint64_t> words(octets.size() / 8);
  for (std::size_t i = 0; i < octets.size(); ++i)
    words[i / 8] |= std::uint64_t{static_cast<unsigned char>(octets[octets.size() - 1 - i])} << (i % 8 * 8);
  return words;
}

/// gap_behind is the distance from a prime to the next one.
double gap_behind(const BIGNUM* prime) {
  const Number start(BN_dup(prime));
  BN_add_word(start.get(), 2);
  const Number number(BN_new());
  for (const auto i : pki::crypto::sieve(words_of(start.get()), 1)) {
    BN_copy(number.get(), start.get());
    BN_add_word(number.get(), 2UL * i);
    if (pki::crypto::is_probable_prime(octets_of(number.get()))) return 2.0 + 2.0 * i;
  }
  return 2.0 * pki::crypto::line_size;
}

}  // namespace

void Sample::add(const BIGNUM* prime) { primes_.emplace_back(BN_dup(prime)); }

void Sample::assess(const std::string& what, double deviation, std::vector<std::string>& found) const {
  fmt::print("{}: {:.2f} standard deviations\n", what, deviation);
  if (std::abs(deviation) > limit) found.push_back(fmt::format("{}: {:.2f} standard deviations", what, deviation));
}

double Sample::spread(const std::map<unsigned long, std::size_t>& counts, std::size_t classes) const {
  const double expected = static_cast<double>(primes_.size()) / static_cast<double>(classes);
  double square = expected * (static_cast<double>(classes) - static_cast<double>(counts.size()));  // empty classes
  for (const auto& [name, count] : counts)
    square += std::pow(static_cast<double>(count) - expected, 2) / expected;
  const double freedom = static_cast<double>(classes) - 1;
  // Wilson and Hilferty: the cube root of chi square is nearly normal, also for few classes.
  const double width = 2 / (9 * freedom);
  return (std::cbrt(square / freedom) - (1 - width)) / std::sqrt(width);
}

double Sample::residues(unsigned long modulus, std::size_t classes) const {
  std::map<unsigned long, std::size_t> counts;
  for (const auto& prime : primes_)
    ++counts[BN_mod_word(prime.get(), modulus)];
  return spread(counts, classes);
}

/// leading_parts divides the range of the primes into sixteen equal parts.
double Sample::leading_parts() const {
  std::map<unsigned long, std::size_t> counts;
  for (const auto& prime : primes_) {
    const Number top(BN_new());
    BN_rshift(top.get(), prime.get(), bits_ - 52);
    const double share = std::ldexp(static_cast<double>(BN_get_word(top.get())), -52);
    ++counts[static_cast<unsigned long>((share - std::sqrt(0.5)) / (1 - std::sqrt(0.5)) * 16)];
  }
  return spread(counts, 16);
}

/// worst_bit is the one furthest from being set half of the time; the top bits are not, and the lowest is always set.
double Sample::worst_bit() const {
  double worst = 0;
  const auto total = static_cast<double>(primes_.size());
  for (int bit = 1; bit < bits_ - 12; ++bit) {
    const auto set = std::ranges::count_if(primes_, [bit](const auto& p) { return BN_is_bit_set(p.get(), bit) == 1; });
    const double deviation = (static_cast<double>(set) - total / 2) / std::sqrt(total / 4);
    if (std::abs(deviation) > std::abs(worst)) worst = deviation;
  }
  return worst;
}

/// gaps compares the mean distance to the next prime with ln p. A search upwards from a random number finds primes
/// whose distance to the one before is twice as long, one downwards those with the distance to the next.
double Sample::gaps() const {
  double sum = 0;
  for (const auto& prime : primes_)
    sum += gap_behind(prime.get());
  const double expected = bits_ * std::log(2.0) + std::log(0.85);
  const auto total = static_cast<double>(primes_.size());
  fmt::print("mean distance to the next prime: {:.1f}, expected {:.1f}\n", sum / total, expected);
  return (sum / total - expected) / (expected / std::sqrt(total));
}

std::vector<std::string> Sample::oddities() const {
  std::vector<std::string> found;
  for (const unsigned long prime : {3UL, 5UL, 7UL, 11UL, 13UL, 17UL, 19UL, 23UL})
    assess(fmt::format("residues modulo {}", prime), residues(prime, prime - 1), found);
  assess("residues modulo 16", residues(16, 8), found);
  assess("leading parts", leading_parts(), found);
  assess("worst bit", worst_bit(), found);
  assess("gaps", gaps(), found);
  return found;
}
