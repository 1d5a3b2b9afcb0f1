#pragma once

#include <stdexcept>
#include <utility>
#include <vector>

#include <pki/error.hpp>

#include "commands/exit.hpp"

namespace cli {

/// Thrown for an invalid configuration, all of whose problems are reported.
class InvalidConfiguration : public std::runtime_error {
 public:
  explicit InvalidConfiguration(std::vector<pki::Finding> problems)
      : std::runtime_error("invalid configuration"), problems_(std::move(problems)) {}
  [[nodiscard]] const std::vector<pki::Finding>& problems() const noexcept { return problems_; }

 private:
  std::vector<pki::Finding> problems_;
};

/// report_failure reports the exception that is being handled on stderr, and as a JSON object on stdout for `json`.
/// Returns the exit status. Throws pki::Error(io) when stdout cannot be written.
[[nodiscard]] Exit report_failure(bool json);

}  // namespace cli
