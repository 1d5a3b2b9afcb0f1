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
