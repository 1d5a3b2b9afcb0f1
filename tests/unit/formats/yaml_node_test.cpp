// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <utility>

#include "formats/yaml/yaml_tree.hpp"

using namespace pki::formats;

TEST_CASE("duplicate fields are found at every depth") {
  const auto found = duplicate_fields(parse_yaml("a: 1\nb:\n- c: 1\n  c: 2\na: 2\na: 3\n"));
  REQUIRE(found.size() == 3);
  CHECK(found[0].path == "a");
  CHECK(found[0].first_line == 1);
  CHECK(found[0].line == 5);
  CHECK(found[1].line == 6);
  CHECK(found[2].path == "b[0].c");
  CHECK(found[2].first_line == 3);
  CHECK(found[2].line == 4);
}

TEST_CASE("at most a hundred duplicate fields are listed") {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += "a: 1\n";
  CHECK(duplicate_fields(parse_yaml(text)).size() == 100);
}

TEST_CASE("a node is described for messages") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "nothing"},
      {"~", "nothing"},
      {"[]", "a list"},
      {"{}", "an object"},
      {"12", "the number 12"},
      {"yes", "the boolean yes"},
      {"abc", "the string \"abc\""},
      {"'12'", "the string \"12\""},
      {"\"a\\nb\"", "the string \"a\\nb\""},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(describe(parse_yaml(text)) == expected);
  }
  CHECK(describe(parse_yaml(std::string(65, 'k'))) == "the string (65 bytes)");
}

TEST_CASE("a path shows the size of a name that is too long, and no control character") {
  CHECK(field_path("", "apiServer") == "apiServer");
  CHECK(field_path("apiServer", "certSANs") == "apiServer.certSANs");
  CHECK(field_path("a", std::string(65, 'k')) == "a.(65 bytes)");
  CHECK(field_path("a", "b\nc") == "a.b\\x0ac");
  CHECK(item_path("apiServer.certSANs", 1) == "apiServer.certSANs[1]");
}

TEST_CASE("a field is found by its name in a map alone") {
  const auto tree = parse_yaml("a: 1\na: 2\nb: [a]\n");
  REQUIRE(tree.find("a") != nullptr);
  CHECK(tree.find("a")->text == "1");
  CHECK(tree.find("c") == nullptr);
  CHECK(tree.find("b")->find("a") == nullptr);
}

TEST_CASE("a scalar without quotes is a string unless it is a number, a boolean or nothing") {
  for (const auto* text : {"abc", "'6443'", "\"\"", "|\n  1\n"})
    CHECK(is_string(parse_yaml(text)));
  for (const auto* text : {"6443", "yes", "", "[a]", "{a: b}", "null"})
    CHECK_FALSE(is_string(parse_yaml(text)));
}
