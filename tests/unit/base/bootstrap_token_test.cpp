// SPDX-License-Identifier: Apache-2.0
#include <pki/bootstrap.hpp>

#include <support/catch.hpp>

TEST_CASE("other texts are no bootstrap tokens") {
  CHECK(pki::is_bootstrap_token("abcdef.0123456789abcdef"));
  for (const auto* text :
       {"", ".", "abcdef", "abcdef.0123456789abcde", "abcdef.0123456789abcdefg", "abcde.00123456789abcdef",
        "Abcdef.0123456789abcdef", "abcdef.0123456789abcdeF", "abcdef:0123456789abcdef", "abcdef.0123456789.bcdef",
        "abc.ef.0123456789abcdef", "abcdef.0123456789abcde\n"})
    CHECK_FALSE(pki::is_bootstrap_token(text));
}
