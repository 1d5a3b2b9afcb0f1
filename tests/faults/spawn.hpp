// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "tracer.hpp"

namespace faults {

/// Returns the content of a file, empty when it does not exist.
[[nodiscard]] std::string slurp(const std::filesystem::path& path);

/// become turns a child into the command; a traced one stops first and waits for its tracer, then calls `last`.
[[noreturn]] void become(const Command& command, bool traced, void (*last)() = nullptr);

/// Deadline makes waitpid return now and then, in a process with one thread.
class Deadline {
 public:
  Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline();

  /// passed is asked after each return of waitpid without a process.
  [[nodiscard]] bool passed() noexcept;

 private:
  int alarms_{0};
};

}  // namespace faults
