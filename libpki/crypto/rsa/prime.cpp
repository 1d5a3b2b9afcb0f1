#include "crypto/rsa/prime.hpp"

#include <array>
#include <span>
#include <vector>

#include <openssl/rand.h>

#include "crypto/openssl.hpp"
#include "crypto/rsa/sieve.hpp"

namespace pki::crypto {

namespace {

constexpr auto action = "look for a prime";

Handle<BIGNUM> new_number() {
  auto number = own(BN_secure_new(), action);
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

void draw_octets(void* data, std::size_t size) {
  check(RAND_priv_bytes_ex(library_context(), static_cast<unsigned char*>(data), size, 0), action);
}

/// Candidate is one odd number with what Miller-Rabin needs of it: number - 1 = odd_part · 2^twos.
class Candidate {
 public:
  explicit Candidate(BN_CTX* context) : context_(context), mont_(own(BN_MONT_CTX_new(), action)) {}

  [[nodiscard]] BIGNUM* number() const { return number_.get(); }
  [[nodiscard]] const BIGNUM* odd_part() const { return odd_part_.get(); }
  [[nodiscard]] BN_MONT_CTX* mont() const { return mont_.get(); }

  /// prepare is called when the number is set.
  void prepare() {
    check(BN_copy(minus_one_.get(), number_.get()) != nullptr ? 1 : 0, action);
    check(BN_sub_word(minus_one_.get(), 1), action);
    twos_ = 1;
    while (BN_is_bit_set(minus_one_.get(), twos_) == 0)
      ++twos_;
    check(BN_rshift(odd_part_.get(), minus_one_.get(), twos_), action);
    check(BN_MONT_CTX_set(mont_.get(), number_.get(), context_), action);
  }

  /// draw_base draws uniformly from [2, number - 2].
  void draw_base(BIGNUM* base) const {
    do
      check(BN_priv_rand_range_ex(base, minus_one_.get(), 0, context_), action);
    while (BN_is_zero(base) == 1 || BN_is_one(base) == 1);
  }

  /// passes says whether a round is passed, given base^odd_part, which it destroys.
  [[nodiscard]] bool passes(BIGNUM* power) const {
    if (BN_is_one(power) == 1) return true;
    for (int squared = 0;; ++squared) {
      if (BN_cmp(power, minus_one_.get()) == 0) return true;
      if (squared == twos_ - 1) return false;
      check(BN_mod_sqr(power, power, number_.get(), context_), action);
    }
  }

 private:
  BN_CTX* context_;
  Handle<BIGNUM> number_{new_number()};
  Handle<BIGNUM> minus_one_{new_number()};
  Handle<BIGNUM> odd_part_{new_number()};
  Handle<BN_MONT_CTX> mont_;
  int twos_{0};
};

/// Judge does rounds of Miller-Rabin, two at a time: with AVX-512 OpenSSL does two powers in the time of one.
class Judge {
 public:
  explicit Judge(BN_CTX* context) : context_(context) {}

  /// round does one round on each of two candidates, which may be the same one.
  std::array<bool, 2> round(const Candidate& first, const Candidate& second) {
    first.draw_base(bases_[0].get());
    second.draw_base(bases_[1].get());
    check(BN_mod_exp_mont_consttime_x2(powers_[0].get(), bases_[0].get(), first.odd_part(), first.number(),
                                       first.mont(), powers_[1].get(), bases_[1].get(), second.odd_part(),
                                       second.number(), second.mont(), context_),
          action);
    return {first.passes(powers_[0].get()), second.passes(powers_[1].get())};
  }

  /// rounds does an even number of rounds on one candidate.
  bool rounds(const Candidate& candidate, unsigned count) {
    for (unsigned done = 0; done < count; done += 2) {
      const auto passed = round(candidate, candidate);
      if (!passed[0] || !passed[1]) return false;
    }
    return true;
  }

 private:
  BN_CTX* context_;
  std::array<Handle<BIGNUM>, 2> bases_{new_number(), new_number()};
  std::array<Handle<BIGNUM>, 2> powers_{new_number(), new_number()};
};

void shuffle(Survivors& positions) {
  std::vector<std::uint32_t, WipingAllocator<std::uint32_t>> random(positions.size());
  draw_octets(random.data(), random.size() * sizeof random.front());
  for (std::size_t i = positions.size(); i > 1; --i)
    std::swap(positions[i - 1], positions[(std::uint64_t{random[i - 1]} * i) >> 32U]);
}

/// Line is the candidates of one random start.
class Line {
 public:
  Line(unsigned bits, BN_CTX* context) : bits_(bits), context_(context) {
    do
      draw();
    while (!in_range());
    positions_ = sieve(words(), shift_);
    shuffle(positions_);
  }

  /// next sets the next candidate whose predecessor e does not divide; false at the end of the line.
  [[nodiscard]] bool next(Candidate& candidate) {
    for (; !positions_.empty(); positions_.pop_back()) {
      set_to(candidate.number(), positions_.back());
      if (BN_mod_word(candidate.number(), public_exponent) == 1) continue;
      positions_.pop_back();
      candidate.prepare();
      return true;
    }
    return false;
  }

 private:
  void draw() {
    // Steps below 2^(bits - 116): what the end of the range cuts off the lines there is less than 2^-100 of it.
    std::uint32_t random = 0;
    draw_octets(&random, sizeof random);
    shift_ = 1 + random % (bits_ - 128);
    check(BN_priv_rand_ex(start_.get(), static_cast<int>(bits_), BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD, 0, context_),
          action);
  }

  [[nodiscard]] bool in_range() const {
    const auto number = new_number();
    set_to(number.get(), line_size - 1);
    if (BN_num_bits(number.get()) != static_cast<int>(bits_)) return false;
    check(BN_sqr(number.get(), start_.get(), context_), action);
    return BN_num_bits(number.get()) == static_cast<int>(2 * bits_);
  }

  void set_to(BIGNUM* number, unsigned position) const {
    check(BN_set_word(number, position), action);
    check(BN_lshift(number, number, static_cast<int>(shift_)), action);
    check(BN_add(number, number, start_.get()), action);
  }

  [[nodiscard]] std::vector<std::uint64_t, WipingAllocator<std::uint64_t>> words() const {
    SecretString octets(bits_ / 8, '\0');
    const auto size = static_cast<int>(octets.size());
    check(BN_bn2lebinpad(start_.get(), reinterpret_cast<unsigned char*>(octets.data()), size) == size ? 1 : 0, action);
    std::vector<std::uint64_t, WipingAllocator<std::uint64_t>> result(bits_ / 64);
    for (std::size_t i = 0; i < octets.size(); ++i)
      result[i / 8] |= std::uint64_t{static_cast<unsigned char>(octets[i])} << (i % 8 * 8);
    return result;
  }

  unsigned bits_;
  BN_CTX* context_;
  unsigned shift_{0};
  Handle<BIGNUM> start_{new_number()};
  Survivors positions_;
};

SecretString octets_of(const BIGNUM* number) {
  SecretString octets(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(octets.data()));
  return octets;
}

/// prime_on takes the first prime of a line; null when it has none, or when there is enough.
const Candidate* prime_on(Line& line, Judge& judge, std::array<Candidate, 2>& pair, unsigned more_rounds,
                          const std::function<bool()>& enough) {
  // Of an odd number of candidates the last is never asked.
  while (!(enough && enough()) && line.next(pair[0]) && line.next(pair[1])) {
    const auto passed = judge.round(pair[0], pair[1]);
    for (std::size_t i = 0; i < pair.size(); ++i)
      if (passed[i] && judge.rounds(pair[i], more_rounds)) return &pair[i];
  }
  return nullptr;
}

Handle<BN_CTX> new_context() { return own(BN_CTX_secure_new_ex(library_context()), action); }

}  // namespace

bool is_probable_prime(std::string_view number) {
  const QuietErrors quiet;
  const CleanStack clean;
  const auto context = new_context();
  Candidate candidate(context.get());
  check(BN_bin2bn(bytes_of(number), static_cast<int>(number.size()), candidate.number()) != nullptr ? 1 : 0, action);
  candidate.prepare();
  return Judge(context.get()).rounds(candidate, rounds_for(static_cast<unsigned>(BN_num_bits(candidate.number()))) + 1);
}

std::optional<SecretString> find_prime(unsigned bits, const std::function<bool()>& enough) {
  const QuietErrors quiet;
  const CleanStack clean;
  const auto context = new_context();
  Judge judge(context.get());
  std::array<Candidate, 2> pair{Candidate(context.get()), Candidate(context.get())};
  while (!(enough && enough())) {
    Line line(bits, context.get());
    if (const auto* prime = prime_on(line, judge, pair, rounds_for(bits) - 1, enough))
      return octets_of(prime->number());
  }
  return std::nullopt;
}

}  // namespace pki::crypto
