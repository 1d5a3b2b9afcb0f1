// SPDX-License-Identifier: Apache-2.0
#include "crypto/rsa/generate.hpp"

#include <utility>

#include "crypto/key.hpp"
#include "crypto/rsa/arithmetic.hpp"

namespace pki::crypto {

namespace {

constexpr auto action = "generate an RSA key";

using Enough = std::function<bool()>;

/// Returns OpenSSL's form of `enough`, which must outlive it: OpenSSL stops its search when a callback returns 0.
Handle<BN_GENCB> to_callback(const Enough& enough) {
  auto callback = own(BN_GENCB_new(), action);
  const auto ask = [](int, int, BN_GENCB* self) {
    const auto& question = *static_cast<const Enough*>(BN_GENCB_get_arg(self));
    return question && question() ? 0 : 1;
  };
  BN_GENCB_set(callback.get(), ask, const_cast<Enough*>(&enough));
  return callback;
}

}  // namespace

Handle<BIGNUM> generate_prime(unsigned bits, const Enough& enough) {
  const auto context = own(BN_CTX_secure_new_ex(library_context()), action);
  const auto callback = to_callback(enough);
  auto prime = to_number({});
  do {
    if (BN_generate_prime_ex2(prime.get(), static_cast<int>(bits), 0, nullptr, nullptr, callback.get(),
                              context.get()) != 1) {
      if (enough && enough()) return {};
      check(0, action);
    }
  } while (BN_mod_word(prime.get(), public_exponent) == 1);
  return prime;
}

std::optional<PrivateKey> join_primes(Handle<BIGNUM> p, Handle<BIGNUM> q) {
  const RsaArithmetic rsa(action);
  if (BN_cmp(p.get(), q.get()) < 0) std::swap(p, q);
  const int half = BN_num_bits(p.get());
  // |p - q| > 2^(half - 100) means that |p - q| - 1 has more bits.
  const auto gap = rsa.minus_one(rsa.difference(p.get(), q.get()).get());
  if (BN_is_negative(gap.get()) == 1 || BN_num_bits(gap.get()) <= half - 100) return std::nullopt;

  const auto p_minus_1 = rsa.minus_one(p.get());
  const auto q_minus_1 = rsa.minus_one(q.get());
  const auto e = to_number({});
  check(BN_set_word(e.get(), public_exponent), action);
  const auto d = rsa.inverse(e.get(), rsa.least_common_multiple(p_minus_1.get(), q_minus_1.get()).get());
  if (BN_num_bits(d.get()) <= half) return std::nullopt;  // d is odd, so it is not 2^half

  const auto n = rsa.product(p.get(), q.get());
  const auto dp = rsa.remainder(d.get(), p_minus_1.get());
  const auto dq = rsa.remainder(d.get(), q_minus_1.get());
  const auto qinv = rsa.inverse(q.get(), p.get());
  const OwnedRsaNumbers numbers({n.get(), e.get(), d.get(), p.get(), q.get(), dp.get(), dq.get(), qinv.get()});
  return to_generated_key(numbers.view());
}

Handle<BIGNUM> RsaSearch::partner_for(Handle<BIGNUM>& prime) {
  const std::lock_guard guard(mutex_);
  if (missing_ == 0) return {};  // another thread was faster
  --missing_;
  if (!waiting_) {
    waiting_ = std::move(prime);
    return {};
  }
  return std::move(waiting_);
}

void RsaSearch::run(const std::atomic<bool>& stopped, const std::function<void(PrivateKey)>& keep) {
  const Enough enough = [&] { return missing_ == 0 || stopped; };
  while (!enough()) {
    auto prime = generate_prime(bits_ / 2, enough);
    if (!prime) continue;
    auto partner = partner_for(prime);
    if (!partner) continue;
    if (auto key = join_primes(std::move(prime), std::move(partner))) {
      keep(*std::move(key));
    } else {
      missing_ += 2;
    }
  }
}

}  // namespace pki::crypto
