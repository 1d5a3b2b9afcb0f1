// SPDX-License-Identifier: Apache-2.0
#include "commands/exit.hpp"

#include <support/catch.hpp>

TEST_CASE("Every reason for an error has an exit status") {
  using pki::Errc;
  CHECK(cli::exit_of(Errc::invalid_config) == 2);
  CHECK(cli::exit_of(Errc::unknown_name) == 2);
  CHECK(cli::exit_of(Errc::locked) == 5);
  for (const auto code : {Errc::not_found, Errc::malformed, Errc::mismatch, Errc::ca_key_missing, Errc::io,
                          Errc::crypto, Errc::cancelled, Errc::api})
    CHECK(cli::exit_of(code) == 1);
}

TEST_CASE("The help explains the codes that it is asked for") {
  CHECK(cli::exit_help({cli::ok, cli::locked}) ==
        "Exit status:\n  0  done, or nothing needs attention\n  5  another pkigen holds the lock");
}
