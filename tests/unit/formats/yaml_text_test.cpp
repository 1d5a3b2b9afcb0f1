// SPDX-License-Identifier: Apache-2.0
#include "formats/report/yaml_text.hpp"

#include <support/catch.hpp>

#include "formats/yaml/yaml_tree.hpp"

using pki::formats::Json;

TEST_CASE("YAML has sorted keys, and lists at the column of their key") {
  CHECK(pki::formats::to_yaml_text(Json::parse(R"({"b": [1, {"d": true, "c": null}, [], {}], "a": {"x": ["z"]}})")) ==
        R"(a:
  x:
  - z
b:
- 1
- c: null
  d: true
- []
- {}
)");
}

TEST_CASE("texts are read back as they were, invalid UTF-8 replaced") {
  for (const auto* text :
       {"", "true", "null", "1", "0x1", "2026-01-01", "a: b", "- a", "#", "a\nb", "\t", "'\"", "caf\xc3\xa9"}) {
    CAPTURE(text);
    const auto tree = pki::formats::parse_yaml(pki::formats::to_yaml_text({{"a", text}}));
    REQUIRE(tree.find("a") != nullptr);
    CHECK(tree.find("a")->text == text);
  }
  CHECK(pki::formats::to_yaml_text({{"a", "\xff"}}) == "a: \"\xef\xbf\xbd\"\n");
}
