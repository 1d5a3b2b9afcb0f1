// SPDX-License-Identifier: Apache-2.0
#include <pki/version.hpp>

#include <support/catch.hpp>

TEST_CASE("versions are one JSON object") {
  CHECK(pki::to_json(pki::Versions{.library = "1.2.3", .crypto = "OpenSSL \"3\""}) == R"({
  "kind": "Version",
  "apiVersion": "pkigen/v1",
  "version": "1.2.3",
  "crypto": "OpenSSL \"3\""
}
)");
}
