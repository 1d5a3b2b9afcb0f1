#include "crypto/rsa/sieve.hpp"

#include <algorithm>
#include <array>
#include <bitset>

namespace pki::crypto {

namespace {

/// high_half gives the upper 64 of the 128 bits of a product.
std::uint64_t high_half(std::uint64_t a, std::uint64_t b) noexcept {
#ifdef __SIZEOF_INT128__
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((Wide{a} * b) >> 64U);
#else
  const std::uint64_t low_a = a & 0xffffffffU, low_b = b & 0xffffffffU, high_a = a >> 32U, high_b = b >> 32U;
  const std::uint64_t middle = high_a * low_b + ((low_a * low_b) >> 32U);
  const std::uint64_t other = low_a * high_b + (middle & 0xffffffffU);
  return high_a * high_b + (middle >> 32U) + (other >> 32U);
#endif
}

/// negated_inverse is -1/odd modulo 2^64: each step doubles the bits that are right.
constexpr std::uint64_t negated_inverse(std::uint64_t odd) {
  std::uint64_t inverse = odd;
  for (int i = 0; i < 5; ++i)
    inverse *= 2 - odd * inverse;
  return 0 - inverse;
}

/// Group is three primes whose product is worked with at once, in Montgomery's arithmetic with R = 2^64. Results are
/// not reduced to the end: with a modulus below 2^60 every sum here stays below 2^63.
struct Group {
  static constexpr std::size_t size = 3;
  std::array<std::uint32_t, size> primes{};
  std::array<std::uint32_t, size> inverses{};  // -1/prime modulo 2^32
  std::uint64_t modulus{1};
  std::uint64_t inverse{0};  // -1/modulus modulo R
  std::uint64_t one{0};      // R modulo the modulus

  explicit Group(std::span<const std::uint32_t, size> three) noexcept {
    for (std::size_t i = 0; i < size; ++i) {
      primes[i] = three[i];
      inverses[i] = static_cast<std::uint32_t>(negated_inverse(three[i]));
      modulus *= three[i];
    }
    inverse = negated_inverse(modulus);
    one = (0 - modulus) % modulus;
  }

  /// divide gives low / R, multiply a·b / R, modulo the modulus; at most a·b / R more than it.
  [[nodiscard]] std::uint64_t divide(std::uint64_t low) const noexcept {
    return high_half(low * inverse, modulus) + (low != 0 ? 1 : 0);
  }
  [[nodiscard]] std::uint64_t multiply(std::uint64_t a, std::uint64_t b) const noexcept {
    return high_half(a, b) + divide(a * b);
  }
  /// rest_of_divided gives value / 2^64 modulo one prime.
  [[nodiscard]] std::uint64_t rest_of_divided(std::uint64_t value, std::size_t i) const noexcept {
    for (int half = 0; half < 2; ++half)
      value = (value + std::uint64_t{static_cast<std::uint32_t>(value * inverses[i])} * primes[i]) >> 32U;
    return value < primes[i] ? value : value - primes[i];
  }
};

std::vector<std::uint32_t> odd_primes_below(std::uint32_t limit) {
  std::vector<bool> composite(limit / 2);  // [i] stands for 2i + 1
  std::vector<std::uint32_t> primes;
  for (std::uint32_t number = 3; number < limit; number += 2) {
    if (composite[number / 2]) continue;
    primes.push_back(number);
    for (std::uint64_t multiple = std::uint64_t{number} * number; multiple < limit;
         multiple += std::uint64_t{2} * number)
      composite[multiple / 2] = true;
  }
  return primes;
}

/// abreast is how many groups are worked with at a time: they do not wait for one another, so the core can overlap
/// them.
constexpr std::size_t abreast = 4;
using Lanes = std::array<std::uint64_t, abreast>;

std::vector<Group> make_groups(std::uint32_t limit) {
  auto primes = odd_primes_below(limit);
  primes.resize(primes.size() - primes.size() % (Group::size * abreast));
  std::vector<Group> groups;
  groups.reserve(primes.size() / Group::size);
  for (std::size_t i = 0; i < primes.size(); i += Group::size)
    groups.emplace_back(std::span<const std::uint32_t, Group::size>(&primes[i], Group::size));
  return groups;
}

const std::vector<Group>& groups_for(std::size_t bits) {
  if (bits <= 1024) {
    static const auto few = make_groups(1U << 18U);
    return few;
  }
  static const auto many = make_groups(1U << 20U);
  return many;
}

/// binary gives the bits of an exponent behind its highest one, highest first.
std::vector<unsigned> binary(unsigned exponent) {
  std::vector<unsigned> bits;
  for (; exponent > 1; exponent >>= 1U)
    bits.push_back(exponent & 1U);
  std::ranges::reverse(bits);
  return bits;
}

/// quotients gives start / 2^shift · R modulo some groups, where `exponent` is binary(64·start.size() - shift + 64).
Lanes quotients(std::span<const Group, abreast> groups, std::span<const std::uint64_t> start,
                std::span<const unsigned> exponent) {
  Lanes power{};
  Lanes rest{};
  for (std::size_t k = 0; k < abreast; ++k)
    power[k] = 2 * groups[k].one;  // 2^1 in Montgomery's form
  for (const auto bit : exponent)
#pragma GCC unroll 4
    for (std::size_t k = 0; k < abreast; ++k)
      power[k] = groups[k].multiply(power[k], power[k]) << bit;
  for (const auto word : start)
#pragma GCC unroll 4
    for (std::size_t k = 0; k < abreast; ++k) {
      const auto sum = rest[k] + word;
      rest[k] = groups[k].divide(sum) + (sum < word ? 1 : 0);
    }
  for (std::size_t k = 0; k < abreast; ++k)
    rest[k] = groups[k].multiply(rest[k], power[k]);
  return rest;
}

/// cross_out marks the positions that the primes of a group divide: start + i·2^shift where i is -start / 2^shift.
void cross_out(std::bitset<line_size>& composite, const Group& group, std::uint64_t quotient) {
  for (std::size_t k = 0; k < Group::size; ++k) {
    const auto rest = group.rest_of_divided(quotient, k);
    for (auto i = rest == 0 ? 0 : group.primes[k] - rest; i < line_size; i += group.primes[k])
      composite.set(i);
  }
}

}  // namespace

Survivors sieve(std::span<const std::uint64_t> start, unsigned shift) {
  const auto bits = static_cast<unsigned>(start.size() * 64);
  const auto exponent = binary(bits - shift + 64);
  std::bitset<line_size> composite;
  const std::span groups(groups_for(bits));
  for (std::size_t at = 0; at < groups.size(); at += abreast) {
    const auto some = groups.subspan(at).first<abreast>();
    const auto rests = quotients(some, start, exponent);
    for (std::size_t k = 0; k < abreast; ++k)
      cross_out(composite, some[k], rests[k]);
  }
  Survivors survivors;
  survivors.reserve(line_size - composite.count());
  for (unsigned i = 0; i < line_size; ++i)
    if (!composite.test(i)) survivors.push_back(static_cast<std::uint16_t>(i));
  wipe(&composite, sizeof composite);
  return survivors;
}

}  // namespace pki::crypto
