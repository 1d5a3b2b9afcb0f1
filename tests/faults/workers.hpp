// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <functional>
#include <new>
#include <string>

#include "oracle.hpp"
#include "summary.hpp"

namespace faults {

/// Tally is what the workers of a scenario count together. Derived ones have more to count.
struct Tally {
  std::atomic<std::size_t> findings[fault_count]{};
  std::atomic<std::size_t> failed_workers{0};
};

/// Returns a T in memory that forked processes share, until the program ends.
template <typename T>
T& shared_tally() {
  void* memory = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return *new (memory) T;
}

/// Adds the findings, and prints the first ones of each kind.
void count(Tally& tally, const Findings& findings, const std::string& where);

/// Forks `number` processes, calls `work` in each with its number, and waits for them. One whose `work` throws counts
/// as failed.
void run_workers(unsigned number, const std::string& scenario, Tally& tally, const std::function<void(unsigned)>& work);

/// Print the columns of the findings at the end of a line: their names, and their numbers; true where all are 0.
void print_fault_names();
[[nodiscard]] bool print_findings(const Tally& tally, Summary& summary);

}  // namespace faults
