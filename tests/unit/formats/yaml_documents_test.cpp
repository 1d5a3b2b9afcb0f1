// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "formats/yaml/yaml_documents.hpp"

using namespace pki::formats;

TEST_CASE("documents are split at lines that begin with three dashes") {
  const auto parts = split_documents("\xef\xbb\xbf# c\n---\na: 1\n--- # ok\n\n---\n  ---\n--- x\nb: 2");
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].text == "a: 1\n");
  CHECK(parts[0].line == 3);
  CHECK(parts[1].text == "  ---\n");
  CHECK(parts[1].line == 7);
  CHECK(parts[2].text == "b: 2");
  CHECK(parts[2].line == 9);
  CHECK_FALSE(parts[2].separator_ok);
}
