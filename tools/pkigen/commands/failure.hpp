// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
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

/// Thrown for a request that was understood and not carried out, for all of these reasons.
class NotCarriedOut : public std::runtime_error {
 public:
  explicit NotCarriedOut(std::vector<pki::Finding> problems)
      : std::runtime_error("not carried out"), problems_(std::move(problems)) {}
  [[nodiscard]] const std::vector<pki::Finding>& problems() const noexcept { return problems_; }

 private:
  std::vector<pki::Finding> problems_;
};

/// Returns the last line of a list of conflicts: "2 conflicts to solve first, nothing was renewed" for "renewed".
[[nodiscard]] pki::Finding conflict_summary(std::size_t conflicts, std::string subject, std::string_view not_done);
/// Throws NotCarriedOut with the conflicts and their summary, if there are any.
void refuse_conflicts(std::vector<pki::Finding> conflicts, std::string subject, std::string_view not_done);

/// report_failure reports the exception that is being handled on stderr, and as one object of the kind Error on stdout
/// where `output` is "json" or "yaml". Returns the exit status. Throws pki::Error(io) when stdout cannot be written.
[[nodiscard]] Exit report_failure(std::string_view output);

}  // namespace cli
