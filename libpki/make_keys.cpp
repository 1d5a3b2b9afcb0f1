#include "make_keys.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace pki {

namespace {

// The time of one RSA key varies tenfold, so each thread takes the next key when it is free.
class KeyWork {
 public:
  KeyWork(std::span<const KeyAlgorithm> algorithms, const Progress& progress)
      : algorithms_(algorithms), progress_(progress), keys_(algorithms.size()) {}

  void work() noexcept {
    for (std::size_t i = next_++; i < algorithms_.size(); i = next_++) {
      try {
        keys_[i] = generate_private_key(algorithms_[i]);
      } catch (...) {
        const std::lock_guard guard(mutex_);
        if (!failure_) failure_ = std::current_exception();
        next_ = algorithms_.size();
        return;
      }
      const std::lock_guard guard(mutex_);
      ++done_;
      if (progress_) progress_(done_, algorithms_.size());
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
  std::span<const KeyAlgorithm> algorithms_;
  const Progress& progress_;
  std::vector<std::optional<PrivateKey>> keys_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::size_t done_{0};
  std::exception_ptr failure_;
};

}  // namespace

std::vector<PrivateKey> make_keys(std::span<const KeyAlgorithm> algorithms, const Progress& progress) {
  KeyWork work(algorithms, progress);
  const auto cores = std::max<std::size_t>(1, std::thread::hardware_concurrency());
  const auto helpers = std::min(cores, algorithms.size()) - (algorithms.empty() ? 0 : 1);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < helpers; ++i)
      threads.emplace_back([&work] { work.work(); });
    work.work();
  }
  return work.take();
}

}  // namespace pki
