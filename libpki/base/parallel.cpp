// SPDX-License-Identifier: Apache-2.0
#include "base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace pki::base {

std::size_t thread_count(unsigned wanted) noexcept {
  return wanted != 0 ? wanted : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t i)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto run = [&]() noexcept {
    try {
      for (std::size_t i = next++; i < count; i = next++)
        work(i);
    } catch (...) {
      const std::lock_guard guard(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> helpers;
    try {
      for (std::size_t i = 1; i < std::min(thread_count(threads), count); ++i)
        helpers.emplace_back(run);
    } catch (const std::system_error&) {
      // No further thread can be had (RLIMIT_NPROC, a cgroup's pids.max): those that run do the work.
    }
    run();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace pki::base
