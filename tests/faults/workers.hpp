#pragma once

#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <new>
#include <string>

#include "oracle.hpp"

namespace faults {

/// Tally is what the workers of a scenario count together. Derived ones have more to count.
struct Tally {
  std::atomic<std::size_t> findings[fault_count]{};
  std::atomic<std::size_t> failed_workers{0};
};

/// shared_tally lies in memory that forked processes share, until the program ends.
template <typename T>
T& shared_tally() {
  void* memory = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return *new (memory) T;
}

/// count adds the findings, and prints the first ones of each kind.
void count(Tally& tally, const Findings& findings, const std::string& where);

/// run_workers forks so many processes, gives each its number, and waits for them. One whose `work` throws is a failed
/// one.
void run_workers(unsigned number, const std::string& scenario, Tally& tally, const std::function<void(unsigned)>& work);

/// The columns of the findings at the end of a line: their names, and their numbers, with whether all are 0.
void print_fault_names();
[[nodiscard]] bool print_findings(const Tally& tally);

/// print_verdict ends the table and gives the exit status.
[[nodiscard]] int print_verdict(bool good, std::chrono::steady_clock::time_point begin);

}  // namespace faults
