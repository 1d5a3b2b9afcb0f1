// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_generate.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/core_names.h>
#include <openssl/provider.h>

#include <pki/error.hpp>

#include "base/cancel.hpp"
#include "base/parallel.hpp"
#include "crypto/key.hpp"
#include "crypto/key_numbers.hpp"
#include "crypto/rsa/generate.hpp"

namespace pki::crypto {

namespace {

/// Returns one secret integer of a generated key.
Handle<BIGNUM> number_of(const EVP_PKEY* key, const char* name) {
  auto number = to_number({});
  auto* raw = number.get();
  check(EVP_PKEY_get_bn_param(key, name, &raw), "read a generated key");
  return number;
}

/// is_wanted is called by OpenSSL during a generation, which ends when it returns 0.
int is_wanted(EVP_PKEY_CTX* context) {
  return *static_cast<const std::atomic<bool>*>(EVP_PKEY_CTX_get_app_data(context)) ? 0 : 1;
}

/// Returns null once `stopped` is set; a null `stopped` never is.
Handle<EVP_PKEY> generate_with_provider(const char* type, const OSSL_PARAM* parameters,
                                        const std::atomic<bool>* stopped = nullptr) {
  const auto action =
      std::string("generate a key: OpenSSL's providers, as configured, do not generate ") + type + " keys";
  const auto context = own(EVP_PKEY_CTX_new_from_name(library_context(), type, nullptr), action);
  check(EVP_PKEY_keygen_init(context.get()), action);
  check(EVP_PKEY_CTX_set_params(context.get(), parameters), action);
  if (stopped != nullptr) {
    EVP_PKEY_CTX_set_app_data(context.get(), const_cast<std::atomic<bool>*>(stopped));
    EVP_PKEY_CTX_set_cb(context.get(), is_wanted);
  }
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_generate(context.get(), &key) != 1) {
    if (stopped != nullptr && *stopped) return {};
    check(0, action);
  }
  return Handle<EVP_PKEY>(key);
}

PrivateKey generate_ec(std::string_view algorithm) {
  const auto* curve = try_find_curve_by_algorithm(algorithm);
  std::string group = curve->group;
  const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
                              OSSL_PARAM_construct_end()};
  const auto key = generate_with_provider("EC", parameters.data());
  const auto scalar = to_octets(number_of(key.get(), OSSL_PKEY_PARAM_PRIV_KEY).get());
  // to_generated_key computes the point of the scalar and compares it with the provider's.
  std::string point(2 * curve->size + 1, '\0');
  std::size_t size = 0;
  check(EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                        reinterpret_cast<unsigned char*>(point.data()), point.size(), &size),
        "read a generated key");
  return to_generated_key(EcNumbers{curve, scalar, std::string_view(point).substr(0, size)});
}

/// Returns the size of an RSA key, 0 for other algorithms.
unsigned rsa_bits_of(KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::rsa_2048:
      return 2048;
    case KeyAlgorithm::rsa_3072:
      return 3072;
    case KeyAlgorithm::rsa_4096:
      return 4096;
    default:
      return 0;
  }
}

/// KeyTeam generates many keys on several threads. Keys that OpenSSL generates whole are divided among the threads; the
/// search for RSA primes is shared by all of them.
class KeyTeam {
 public:
  KeyTeam(std::span<const KeyAlgorithm> algorithms, const Progress& progress)
      : algorithms_(algorithms), progress_(progress), keys_(algorithms.size()) {
    const bool has_rsa = std::ranges::any_of(algorithms, [](auto a) { return rsa_bits_of(a) != 0; });
    const bool by_primes = has_rsa && !provider_must_generate_rsa(library_context());
    for (const auto bits : {4096U, 3072U, 2048U}) {  // the longest search first
      const auto places = by_primes ? places_of(bits) : std::vector<std::size_t>();
      if (!places.empty()) searches_.push_back({std::make_unique<RsaSearch>(bits, places.size()), places});
    }
    for (std::size_t i = 0; i < algorithms.size(); ++i) {
      if (!by_primes || rsa_bits_of(algorithms[i]) == 0) whole_.push_back(i);
    }
  }

  /// Returns how many of `threads` threads can be of use.
  [[nodiscard]] std::size_t useful(std::size_t threads) const {
    return searches_.empty() ? std::min(threads, whole_.size()) : threads;
  }

  /// Makes `run` return soon in every thread, without an exception. Called by any thread, during `run` or before.
  void cancel() noexcept { cancelled_ = stopped_ = true; }

  /// Works until all keys exist, another thread fails, or `cancel` is called. Called by every thread.
  void run() {
    const QuietErrors quiet;
    const CleanStack clean;
    try {
      for (auto& search : searches_) {
        search.primes->run(stopped_, [&](PrivateKey key) { keep_next(search, std::move(key)); });
      }
      for (std::size_t i = next_++; i < whole_.size() && !stopped_; i = next_++) {
        if (auto key = generate_whole(algorithms_[whole_[i]])) keep(whole_[i], *std::move(key));
      }
    } catch (...) {
      stopped_ = true;
      if (!cancelled_) throw;
    }
  }

  [[nodiscard]] std::vector<PrivateKey> take() {
    std::vector<PrivateKey> result;
    result.reserve(keys_.size());
    for (auto& key : keys_) {
      result.push_back(std::move(*key));
    }
    return result;
  }

 private:
  struct Search {
    std::unique_ptr<RsaSearch> primes;
    std::vector<std::size_t> places;  // in the result, of keys that do not exist yet
  };

  [[nodiscard]] std::vector<std::size_t> places_of(unsigned bits) const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < algorithms_.size(); ++i) {
      if (rsa_bits_of(algorithms_[i]) == bits) places.push_back(i);
    }
    return places;
  }

  [[nodiscard]] std::optional<PrivateKey> generate_whole(KeyAlgorithm algorithm) const {
    const auto bits = rsa_bits_of(algorithm);
    return bits != 0 ? provider_rsa_key(bits, stopped_) : generate_ec(to_string(algorithm));
  }

  void keep_next(Search& search, PrivateKey key) {
    const std::lock_guard guard(mutex_);
    const auto place = search.places.back();
    search.places.pop_back();
    keep_locked(place, std::move(key));
  }

  void keep(std::size_t place, PrivateKey key) {
    const std::lock_guard guard(mutex_);
    keep_locked(place, std::move(key));
  }

  void keep_locked(std::size_t place, PrivateKey key) {
    keys_[place] = std::move(key);
    ++done_;
    if (progress_) progress_(done_, algorithms_.size());
  }

  std::span<const KeyAlgorithm> algorithms_;
  const Progress& progress_;
  std::vector<std::optional<PrivateKey>> keys_;
  std::vector<Search> searches_;
  std::vector<std::size_t> whole_;  // places of the keys that one thread generates
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;  // guards keys_, done_, places of searches_, and calls of progress_
  std::size_t done_{0};
};

}  // namespace

bool provider_must_generate_rsa(OSSL_LIB_CTX* context) {
  const auto rsa = own(EVP_KEYMGMT_fetch(context, "RSA", nullptr),
                       "generate an RSA key: OpenSSL's providers, as configured, have no RSA");
  const std::string_view provider = OSSL_PROVIDER_get0_name(EVP_KEYMGMT_get0_provider(rsa.get()));
  return provider != "default" || EVP_default_properties_is_fips_enabled(context) == 1;
}

std::optional<PrivateKey> provider_rsa_key(unsigned bits, const std::atomic<bool>& stopped) {
  const std::array parameters{OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_BITS, &bits), OSSL_PARAM_construct_end()};
  const auto key = generate_with_provider("RSA", parameters.data(), &stopped);
  if (!key) return std::nullopt;
  std::array<Handle<BIGNUM>, RsaNumbers::count> numbers;
  std::array<const BIGNUM*, RsaNumbers::count> references{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = number_of(key.get(), rsa_parameter_names[i]);
    references[i] = numbers[i].get();
  }
  return to_generated_key(OwnedRsaNumbers(references).view());
}

}  // namespace pki::crypto

namespace pki::inline PKI_ABI {

PrivateKey generate_private_key(KeyAlgorithm algorithm) {
  return std::move(generate_private_keys({&algorithm, 1}, {.threads = 1, .progress = {}}).front());
}

std::vector<PrivateKey> generate_private_keys(std::span<const KeyAlgorithm> algorithms, const KeyOptions& options) {
  const crypto::QuietErrors quiet;
  crypto::KeyTeam team(algorithms, options.progress);
  const std::stop_callback on_stop(options.stop, [&team] { team.cancel(); });
  const auto threads = team.useful(base::thread_count(options.threads));
  base::in_parallel(threads, static_cast<unsigned>(threads), [&team](std::size_t) { team.run(); });
  base::refuse_stopped(options.stop);
  return team.take();
}

}  // namespace pki::inline PKI_ABI
