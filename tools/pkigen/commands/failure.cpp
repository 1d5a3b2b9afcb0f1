// SPDX-License-Identifier: Apache-2.0
#include "commands/failure.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include <pki/error_report.hpp>

#include "print/output.hpp"
#include "print/plan_text.hpp"
#include "print/remedy_text.hpp"

namespace cli {

namespace {

struct Failure {
  Exit exit{failed};
  std::vector<pki::Finding> problems;
};

// A saved configuration that the system did not let us read may be valid.
bool is_unread(const pki::Finding& problem) {
  return problem.rule == pki::Rule::io || problem.rule == pki::Rule::file_unreadable;
}

Failure current_failure() {
  try {
    throw;
  } catch (const InvalidConfiguration& error) {
    return {std::ranges::all_of(error.problems(), is_unread) ? failed : usage, error.problems()};
  } catch (const NotCarriedOut& error) {
    return {failed, error.problems()};
  } catch (const pki::Error& error) {
    std::vector<pki::Finding> problems{error.finding()};
    problems.insert(problems.end(), error.further().begin(), error.further().end());
    return {exit_of(error.code()), std::move(problems)};
  } catch (const std::bad_alloc&) {
    return {failed, {{pki::Rule::out_of_memory, pki::Severity::error, "", "out of memory"}}};
  } catch (const std::exception& error) {
    return {failed,
            {{pki::Rule::unexpected,
              pki::Severity::error,
              "",
              std::string("unexpected: ") + error.what(),
              {},
              "please report this"}}};
  }
}

}  // namespace

pki::Finding conflict_summary(std::size_t conflicts, std::string subject, std::string_view not_done) {
  return {pki::Rule::conflicts, pki::Severity::error, std::move(subject),
          fmt::format("{} to solve first, nothing was {}", count(conflicts, "conflict"), not_done)};
}

void refuse_conflicts(std::vector<pki::Finding> conflicts, std::string subject, std::string_view not_done) {
  if (conflicts.empty()) return;
  conflicts.push_back(conflict_summary(conflicts.size(), std::move(subject), not_done));
  throw NotCarriedOut(std::move(conflicts));
}

Exit report_failure(std::string_view output) {
  const auto failure = current_failure();
  fail(failure.problems);
  if (std::ferror(stdout) != 0) return failure.exit;  // this is what failed
  if (output == "json") print(pki::error_to_json(in_words(failure.problems)));
  if (output == "yaml") print(pki::error_to_yaml(in_words(failure.problems)));
  return failure.exit;
}

}  // namespace cli
