// SPDX-License-Identifier: Apache-2.0
#include "commands/failure.hpp"

#include <exception>
#include <new>
#include <stdexcept>

#include <support/catch.hpp>

#include "print/output.hpp"

namespace {

template <class E>
cli::Exit exit_after(const E& exception) {
  try {
    throw exception;
  } catch (...) {
    return cli::report_failure({});
  }
}

}  // namespace

TEST_CASE("Conflicts are refused with one line that counts them, and no conflicts are not") {
  cli::refuse_conflicts({}, "/k/pki", "written");
  const pki::Finding conflict{pki::Rule::malformed, pki::Severity::error, "a", "bad"};
  const auto summary = cli::conflict_summary(1, "/k/pki", "signed");
  CHECK(summary.rule == pki::Rule::conflicts);
  CHECK(summary.subject == "/k/pki");
  CHECK(summary.message == "1 conflict to solve first, nothing was signed");
  try {
    cli::refuse_conflicts({conflict, conflict}, "/k/pki", "written");
    FAIL("not refused");
  } catch (const cli::NotCarriedOut& refused) {
    CHECK(refused.problems() == std::vector{conflict, conflict, cli::conflict_summary(2, "/k/pki", "written")});
  }
}

TEST_CASE("Whatever is thrown has an exit status") {
  cli::set_up_messages(false);
  CHECK(exit_after(cli::InvalidConfiguration({{pki::Rule::usage, pki::Severity::error, "--a", "bad"},
                                              {pki::Rule::usage, pki::Severity::error, "--b", "bad"}})) == cli::usage);
  CHECK(exit_after(cli::NotCarriedOut({{pki::Rule::conflicts, pki::Severity::error, "a", "bad"}})) == cli::failed);
  CHECK(exit_after(pki::Error(pki::Errc::invalid_config, "--a", "bad")) == cli::usage);
  CHECK(exit_after(pki::Error(pki::Errc::locked, "lock", "held")) == cli::locked);
  CHECK(exit_after(pki::Error(pki::Errc::io, "file", "unreadable")) == cli::failed);
  CHECK(exit_after(std::bad_alloc()) == cli::failed);
  CHECK(exit_after(std::logic_error("defect")) == cli::failed);
}
