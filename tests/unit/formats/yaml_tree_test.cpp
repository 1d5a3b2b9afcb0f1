// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <chrono>
#include <string>
#include <utility>

#include "formats/yaml/yaml_tree.hpp"

using namespace pki::formats;

namespace {

std::string error_of(std::string_view text, int first_line = 1) {
  try {
    (void)parse_yaml(text, first_line);
  } catch (const YamlError& error) {
    return std::to_string(error.line) + " " + error.what();
  }
  return "";
}

std::string repeat(std::string_view part, std::size_t size) {
  std::string out;
  while (out.size() < size)
    out += part;
  return out;
}

}  // namespace

TEST_CASE("a YAML tree knows lines and byte offsets") {
  const std::string text = "# \xc3\xa4\xc3\xb6\r\na: 'x'\r\nb:\r\n- \xe2\x82\xac\r\n- c: |\r\n    k\r\n";
  for (const auto* mark : {"", "\xef\xbb\xbf"}) {
    const auto all = mark + text;
    const auto tree = parse_yaml(all);
    REQUIRE(tree.entries.size() == 2);
    CHECK(tree.entries[0].line == 2);
    CHECK(tree.find("a")->text == "x");
    CHECK_FALSE(tree.find("a")->plain);
    CHECK(all[tree.find("a")->span.begin] == '\'');
    const auto& items = tree.find("b")->items;
    REQUIRE(items.size() == 2);
    CHECK(items[0].text == "\xe2\x82\xac");
    CHECK(items[0].line == 4);
    CHECK(all.substr(items[0].span.begin, 3) == "\xe2\x82\xac");
    CHECK(all[items[1].find("c")->span.begin] == '|');
  }
}

TEST_CASE("nothing but comments is a null") {
  for (const auto* text : {"", "\n", "# a\n\n", "\xef\xbb\xbf", "---\n", "null\n", "---\n---\n---\n", "null\n---\n"})
    CHECK(parse_yaml(text).kind == YamlNode::Kind::null);
}

TEST_CASE("YAML that we do not read is refused with its line") {
  const std::pair<std::string, const char*> cases[] = {
      {"a: 1\nb: &x 1\nc: *x\n", "2 anchors and aliases are not supported"},
      {"a: &x {b: 1}\nc:\n  <<: *x\n", "1 anchors and aliases"},
      {"a: 1\nb:\n  <<: {c: 1}\n", "3 merge keys are not supported"},
      {"a: *x\n", "1 anchors and aliases are not supported"},
      {"a: 1\nb: !!str 1\n", "2 tags are not supported"},
      {"a: 1\nb: ! 'x'\n", "2 tags are not supported"},
      {"a: 1\nb: 'x\nc: 2\n", "2 not valid YAML: a quote is not closed"},
      {"a: 1\nb: \"x\\\"\n", "2 not valid YAML: a quote is not closed"},
      {"a: 1\n'b: 1\n", "2 not valid YAML"},
      {"a: 1\n? [a]\n: b\n", "2 found a collection, expected the name of a field"},
      {"a: 1\n: b\n", "2 not valid YAML: did not find expected key while parsing a block mapping"},
      {"a: 1\n?\n: b\n", "found nothing, expected the name of a field"},
      {"a: 1\n\"\": b\n", "2 found nothing, expected the name of a field"},
      {"a: 1\n~: b\n", "2 found nothing, expected the name of a field"},
      {"{~: b}\n", "1 found nothing, expected the name of a field"},
      {"a: \"\n", "not valid YAML"},
      {"a: b: c\n", "1 not valid YAML"},
      {"a: 1\n\tb: 2\n", "not valid YAML"},
      {"a: [1\n", "not valid YAML"},
      {"a: 1\n---\nb: 1\n", "3 found a second document, expected the end"},
      {"a: 1\n--- b\n", "2 found a second document, expected the end"},
      {"a: 1\n---\n[]\n", "3 found a second document, expected the end"},
      {"a: 1\n...\nb: 1\n", "3 not valid YAML: did not find expected <document start>"},
      {"{a: 1}\n}\n", "2 not valid YAML"},
      {"[]]", "1 not valid YAML"},
      {"{\"a\"},:0}}", "1 not valid YAML: did not find expected <document start>"},
      {std::string("a: 1\nb: \0\n", 10), "2 a control character"},
      {"a: \x04\n", "1 a control character"},
      {"a: 1\nb: \xff\n", "2 a byte that is not UTF-8"},
      {"a: \xc0\x80\n", "1 a byte that is not UTF-8"},
      {"a: \xed\xa0\x80\n", "1 a byte that is not UTF-8"},
      {"a: \xf4\x90\x80\x80\n", "1 a byte that is not UTF-8"},
      {"a: \xe2\x82", "1 a byte that is not UTF-8"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK_THAT(error_of(text), contains(expected));
  }
}

TEST_CASE("a YAML bomb is refused") {
  const std::size_t size = 256 * 1024;
  std::string stairs;
  for (std::string indent; stairs.size() < size; indent += " ")
    stairs += indent + "a:\n";
  const std::pair<std::string, const char*> cases[] = {
      {repeat("[", 10'000), "more than 64 levels deep"},
      {repeat("{a: ", size), "more than 64 levels deep"},
      {"[" + repeat("\"]\",[", size), "more than 64 levels deep"},
      {"[" + repeat("a,", size), "more than 50000 values"},
      {"[" + repeat("[],", size), "more than 50000 values"},
      {repeat("---\n", size), ""},
      {repeat("a: {b: [c]}\n", size), "more than 50000 values"},
      {repeat("\xc3\xa4: \xe2\x82\xac\n", size), "more than 50000 values"},
      {repeat("- ", 20'000), "levels deep"},
      {repeat("? ", 20'000), "expected the name of a field"},
      {stairs, "levels deep"},
      {repeat("-\n", size), "more than 50000 values"},
      {repeat("!", size), ""},
      {repeat("\"", size), ""},
      {repeat(":", size), ""},
      {repeat("\t", size), ""},
      {repeat("%a\n", size), ""},
      {repeat("a\n", size), ""},
      {"a: " + repeat("x ", size), ""},
  };
  for (const auto& [text, expected] : cases) {
    const auto start = std::chrono::steady_clock::now();
    CHECK_THAT(error_of(text), contains(expected));
    // The bound is a tenth of a second; the rest is for sanitizers and busy machines.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{3});
  }
}

TEST_CASE("escapes of single characters are those of YAML") {
  const auto tree = parse_yaml("a: \"\\N\\_\\L\\P\\x85\\u00e4\\xe4\xc3\xa4\\N\"\n");
  CHECK(tree.find("a")->text == "\xc2\x85\xc2\xa0\xe2\x80\xa8\xe2\x80\xa9\xc2\x85\xc3\xa4\xc3\xa4\xc3\xa4\xc2\x85");
}

TEST_CASE("a scalar's span is what a replacement must replace") {
  const std::string text =
      "a: one # c\nb: 'it''s' \nc: \"q\\\"\"\t# c\nd: |2 # c\n   k\n   l\n\n# c\ne: >-\n  f\n\n\n"
      "f: two\n  lines\n\ng: {h: i , 'j':\"k\"}\n\"\xc3\xa4\": \xe2\x82\xac\nl:\nm: ~\nn: last";
  const std::pair<const char*, const char*> cases[] = {
      {"a", "one"},     {"b", "'it''s'"},      {"c", "\"q\\\"\""}, {"d", "|2 # c\n   k\n   l"},
      {"e", ">-\n  f"}, {"f", "two\n  lines"}, {"l", ""},          {"\xc3\xa4", "\xe2\x82\xac"},
      {"m", "~"},       {"n", "last"},
  };
  const auto tree = parse_yaml(text);
  for (const auto& [name, expected] : cases) {
    CAPTURE(name);
    REQUIRE(tree.find(name) != nullptr);
    CHECK(tree.find(name)->span.of(text) == expected);
  }
  const auto& flow = tree.find("g")->entries;
  REQUIRE(flow.size() == 2);
  CHECK(flow[0].value.span.of(text) == "i");
  CHECK(flow[1].name_span.of(text) == "'j'");
  CHECK(flow[1].value.span.of(text) == "\"k\"");
}

TEST_CASE("lines are counted from the first line that is given") {
  CHECK(parse_yaml("a: 1\nb: 2\n", 10).entries.at(1).line == 11);
  CHECK(parse_yaml("# nothing\n", 10).line == 10);
  CHECK_THAT(error_of("a: 1\nb: *x\n", 10), contains("11 anchors"));
  CHECK_THAT(error_of("a: 1\nb: \xff\n", 10), contains("11 a byte that is not UTF-8"));
}

TEST_CASE("scalars of any length are read whole") {
  const std::string run = std::string(300'000, 'A') + "==";
  const auto tree =
      parse_yaml("a: " + run + "\nb: 'x " + run + "\n  y'\nc: |\n  " + run + "\n" + run.substr(0, 1000) + ": d\n");
  CHECK(tree.find("a")->text == run);
  CHECK(tree.find("b")->text == "x " + run + " y");
  CHECK(tree.find("c")->text == run + "\n");
  CHECK(tree.find(run.substr(0, 1000))->text == "d");
}
