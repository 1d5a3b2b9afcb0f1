// SPDX-License-Identifier: Apache-2.0
#include "cost.hpp"

#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include <openssl/crypto.h>

#include <pki/error.hpp>
#include <support/catch.hpp>

namespace {

std::atomic<std::size_t> held{0};
std::atomic<std::size_t> most{0};

void* counted(void* block) noexcept {
  if (block == nullptr) return nullptr;
  const auto now = held += ::malloc_usable_size(block);
  auto before = most.load();
  while (before < now && !most.compare_exchange_weak(before, now)) {
  }
  return block;
}

void uncount(void* block) noexcept {
  if (block != nullptr) held -= ::malloc_usable_size(block);
}

void* allocate(std::size_t size, const char*, int) { return counted(std::malloc(size)); }

void release(void* block, const char*, int) {
  uncount(block);
  std::free(block);
}

void* reallocate(void* block, std::size_t size, const char* file, int line) {
  if (size == 0) return release(block, file, line), nullptr;
  uncount(block);
  return counted(std::realloc(block, size));
}

// OpenSSL takes these only before it has allocated anything.
[[maybe_unused]] const int openssl_is_counted = CRYPTO_set_mem_functions(&allocate, &reallocate, &release);

std::chrono::nanoseconds processor_time() {
  timespec now{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

// Not inlined: an optimiser that sees through one half of a pair only takes it for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* block = counted(std::malloc(std::max<std::size_t>(size, 1)))) return block;
  throw std::bad_alloc();
}

[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(std::malloc(std::max<std::size_t>(size, 1)));
}

[[gnu::noinline]] void operator delete(void* block) noexcept {
  uncount(block);
  std::free(block);
}

void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

Cost cost_of(const std::function<void()>& work) {
  const auto before = held.load();
  most = before;
  const auto start = processor_time();
  try {
    work();
  } catch (const pki::Error&) {
  }
  return {std::chrono::duration_cast<std::chrono::milliseconds>(processor_time() - start), most - before};
}

void check_bounded(const char* name, const std::function<void()>& work, int tenths) {
  constexpr std::size_t mebibyte = 1024 * 1024;
  const auto cost = cost_of(work);
  CAPTURE(name, cost.time.count(), cost.memory / mebibyte);
  CHECK(cost.time < std::chrono::seconds{tenths});
  CHECK(cost.memory < 64 * mebibyte);
}

TEST_CASE("the measurement covers the memory of the library and of OpenSSL, and time") {
  REQUIRE(openssl_is_counted == 1);
  CHECK(cost_of([] { const std::string large(1'000'000, 'x'); }).memory >= 1'000'000);
  CHECK(cost_of([] { OPENSSL_free(OPENSSL_malloc(1'000'000)); }).memory >= 1'000'000);
  CHECK(cost_of([] { std::free(std::malloc(1)); }).memory < 1'000);
  const auto waste = [] {
    for (const auto end = processor_time() + std::chrono::milliseconds{20}; processor_time() < end;) {
    }
  };
  CHECK(cost_of(waste).time >= std::chrono::milliseconds{20});
}
