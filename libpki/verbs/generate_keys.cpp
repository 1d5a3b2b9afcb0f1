#include <pki/key.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/parallel.hpp"
#include "crypto/rsa/generate.hpp"
#include "crypto/rsa/prime.hpp"

namespace pki {

namespace {

/// Search is all RSA keys of one size. Every thread looks for primes of that size, and each two that are found make
/// the next key: the threads are busy to the end, also when there is one key only. How long a search has lasted does
/// not shorten the rest of it, so nothing is lost by looking for the same prime in several places.
struct Search {
  unsigned bits;
  std::vector<std::size_t> places;        // of its keys in the result, the next one last
  std::atomic<std::size_t> missing{0};    // primes
  std::optional<SecretString> waiting{};  // a prime without a partner
};

class KeyWork {
 public:
  KeyWork(std::span<const KeyAlgorithm> algorithms, const Progress& progress)
      : algorithms_(algorithms), progress_(progress), keys_(algorithms.size()) {
    const bool by_primes = !crypto::stock_generator_wanted();
    for (std::size_t i = 0; i < algorithms.size(); ++i) {
      auto* search = by_primes ? try_search(algorithms[i]) : nullptr;
      if (search == nullptr) {
        whole_.push_back(i);
        continue;
      }
      search->places.push_back(i);
      search->missing += 2;
    }
  }

  /// most_threads is how many threads can be of use.
  [[nodiscard]] std::size_t most_threads() const {
    return whole_.size() == algorithms_.size() ? whole_.size() : std::size_t{1024};
  }

  void work() noexcept {
    try {
      for (auto& search : searches_)
        while (search.missing > 0 && !stopped_)
          look(search);
      for (std::size_t i = next_++; i < whole_.size() && !stopped_; i = next_++)
        keep(whole_[i], generate_private_key(algorithms_[whole_[i]]));
    } catch (...) {
      const std::lock_guard guard(mutex_);
      if (!failure_) failure_ = std::current_exception();
      stopped_ = true;
    }
  }

  std::vector<PrivateKey> take() {
    if (failure_) std::rethrow_exception(failure_);
    std::vector<PrivateKey> result;
    result.reserve(keys_.size());
    for (auto& key : keys_)
      result.push_back(std::move(*key));
    return result;
  }

 private:
  Search* try_search(KeyAlgorithm algorithm) {
    switch (algorithm) {
      case KeyAlgorithm::rsa_2048:
        return &searches_[2];
      case KeyAlgorithm::rsa_3072:
        return &searches_[1];
      case KeyAlgorithm::rsa_4096:
        return &searches_[0];
      default:
        return nullptr;
    }
  }

  void look(Search& search) {
    auto prime = crypto::find_prime(search.bits / 2, [&] { return search.missing == 0 || stopped_; });
    if (!prime) return;
    SecretString partner;
    std::size_t place = 0;
    {
      const std::lock_guard guard(mutex_);
      if (search.missing == 0) return;  // another thread was faster
      --search.missing;
      if (!search.waiting) {
        search.waiting = std::move(prime);
        return;
      }
      partner = std::move(*search.waiting);
      search.waiting.reset();
      place = search.places.back();
      search.places.pop_back();
    }
    if (auto key = crypto::join_primes(*prime, partner)) return keep(place, *std::move(key));
    const std::lock_guard guard(mutex_);
    search.places.push_back(place);
    search.missing += 2;
  }

  void keep(std::size_t place, PrivateKey key) {
    const std::lock_guard guard(mutex_);
    keys_[place] = std::move(key);
    ++done_;
    if (progress_) progress_(done_, algorithms_.size());
  }

  std::span<const KeyAlgorithm> algorithms_;
  const Progress& progress_;
  std::vector<std::optional<PrivateKey>> keys_;
  std::array<Search, 3> searches_{Search{4096, {}}, Search{3072, {}}, Search{2048, {}}};
  std::vector<std::size_t> whole_;  // places of the keys that one thread makes
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::size_t done_{0};
  std::exception_ptr failure_;
};

}  // namespace

std::vector<PrivateKey> generate_private_keys(std::span<const KeyAlgorithm> algorithms, const KeyOptions& options) {
  if (algorithms.empty()) return {};
  KeyWork work(algorithms, options.progress);
  const auto threads = std::min(base::thread_count(options.threads), work.most_threads());
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < threads; ++i)
      helpers.emplace_back([&work] { work.work(); });
    work.work();
  }
  return work.take();
}

}  // namespace pki
