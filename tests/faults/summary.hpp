// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace faults {

constexpr int wrong_usage = 2;
constexpr int skipped = 77;

/// Summary holds the counts that a program prints at its end.
class Summary {
 public:
  /// Adds `number` to the count with this name; the order is that of the first additions.
  void add(const std::string& what, std::size_t number);

  /// Returns "11 scenarios, 2470 kills".
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::pair<std::string, std::size_t>> counts_;
};

/// Program returns an exit status: 0, 1, `wrong_usage` or `skipped`.
using Program = int (*)(int argc, char** argv, Summary& summary);

/// Runs `program` and returns its status, 1 after an exception. Unless the usage was wrong or the program was skipped,
/// the last line printed holds the counts, whether all was as expected, and the seconds.
[[nodiscard]] int run_program(int argc, char** argv, Program program);

}  // namespace faults
