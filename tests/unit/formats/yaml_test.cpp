#include <support/catch.hpp>

#include <chrono>

#include "formats/yaml/yaml_documents.hpp"
#include "formats/yaml/yaml_scalar.hpp"
#include "formats/yaml/yaml_tree.hpp"

using namespace pki::formats;

namespace {

std::string error_of(std::string_view text) {
  try {
    (void)parse_yaml(text);
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
    CHECK(all[tree.find("a")->offset] == '\'');
    const auto& items = tree.find("b")->items;
    REQUIRE(items.size() == 2);
    CHECK(items[0].text == "\xe2\x82\xac");
    CHECK(items[0].line == 4);
    CHECK(all.substr(items[0].offset, 3) == "\xe2\x82\xac");
    CHECK(all[items[1].find("c")->offset] == '|');
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
      {"a: *x\n", "1 not valid YAML"},
      {"a: 1\nb: !!str 1\n", "2 tags are not supported"},
      {"a: 1\nb: ! 'x'\n", "2 tags are not supported"},
      {"a: 1\nb: 'x\nc: 2\n", "2 not valid YAML: a quote is not closed"},
      {"a: 1\nb: \"x\\\"\n", "2 not valid YAML: a quote is not closed"},
      {"a: 1\n'b: 1\n", "2 not valid YAML"},
      {"a: 1\n? [a]\n: b\n", "2 found a collection, expected the name of a field"},
      {"a: 1\n: b\n", "2 found nothing, expected the name of a field"},
      {"a: \"\n", "not valid YAML"},
      {"a: b: c\n", "1 not valid YAML"},
      {"a: 1\n\tb: 2\n", "not valid YAML"},
      {"a: [1\n", "not valid YAML"},
      {"a: 1\n...\nb: 1\n", "3 found a second document"},
      {"{a: 1}\n}\n", "2 not valid YAML"},
      {"[]]", "1 not valid YAML"},
      {"{\"a\"},:0}}", "1 not valid YAML: found a bracket that closes nothing"},
      {std::string("a: 1\nb: \0\n", 10), "2 control character 0x00"},
      {"a: \x04\n", "1 control character 0x04"},
      {"a: 1\nb: \xff\n", "2 byte 0xff is not UTF-8"},
      {"a: \xc0\x80\n", "1 byte 0xc0 is not UTF-8"},
      {"a: \xed\xa0\x80\n", "1 byte 0xed is not UTF-8"},
      {"a: \xf4\x90\x80\x80\n", "1 byte 0xf4 is not UTF-8"},
      {"a: \xe2\x82", "1 byte 0xe2 is not UTF-8"},
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
      {repeat("[", 10'000), "open brackets"},
      {repeat("{a: ", size), "open brackets"},
      {"[" + repeat("\"]\",[", size), "brackets and commas"},
      {"[" + repeat("a,", size), "brackets and commas"},
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

TEST_CASE("plain scalars have the types of YAML 1.1") {
  const std::pair<ScalarType, std::vector<const char*>> cases[] = {
      {ScalarType::null, {"", "~", "null", "NULL"}},
      {ScalarType::boolean, {"true", "False", "yes", "no", "on", "OFF", "y", "N"}},
      {ScalarType::number,
       {"0", "-1", "+12", "1_000", "0x1F", "0o17", "0b10", "1.5", ".5", "5.", "1e3", "1E-3", ".inf"}},
      {ScalarType::string,
       {"a", "1.2.3.4", "10.96.0.0/12", "-", ".", "e1", "1e", "0x", "::1", "nUll", "yess", "_1", "1h"}},
  };
  for (const auto& [type, texts] : cases)
    for (const auto* text : texts) {
      CAPTURE(text);
      CHECK(type_of_plain(text) == type);
    }
}

TEST_CASE("brackets are quoted where they come first and nowhere else, as kubeadm does it") {
  CHECK(yaml_scalar("https://[::1]:6443") == "https://[::1]:6443");
  CHECK(yaml_scalar("[::1]:6443") == "\"[::1]:6443\"");
}

TEST_CASE("escapes of single characters are those of YAML") {
  const auto tree = parse_yaml("a: \"\\N\\_\\L\\P\\x85\\u00e4\\xe4\xc3\xa4\\N\"\n");
  CHECK(tree.find("a")->text == "\xc2\x85\xc2\xa0\xe2\x80\xa8\xe2\x80\xa9\xc2\x85\xc3\xa4\xc3\xa4\xc3\xa4\xc2\x85");
}

TEST_CASE("a string that is written comes back as that string") {
  for (const std::string text : {"a",
                                 "kubernetes",
                                 "10.96.0.0/12",
                                 "192.168.1.1",
                                 "fd00::1",
                                 "::1",
                                 "https://[::1]:6443",
                                 "",
                                 " ",
                                 "~",
                                 "null",
                                 "true",
                                 "no",
                                 "y",
                                 "123",
                                 "0x10",
                                 "1e3",
                                 ".inf",
                                 "2001-01-01",
                                 "10:30",
                                 "1:2:3",
                                 "a: b",
                                 "a #b",
                                 "#a",
                                 "a:",
                                 "-",
                                 "- a",
                                 "?",
                                 "*a",
                                 "&a",
                                 "!a",
                                 "|",
                                 ">",
                                 "%a",
                                 "@a",
                                 "`a",
                                 "\"",
                                 "'",
                                 "\\",
                                 "a\nb",
                                 "\t",
                                 "\r",
                                 "\x01",
                                 "\x7f",
                                 "[a]",
                                 "{a}",
                                 "a,b",
                                 "*.example.com",
                                 "---",
                                 "...",
                                 "<<",
                                 "=",
                                 "\xc3\xa4",
                                 "\xc2\x85",
                                 "\xe2\x80\xa8",
                                 "\xef\xbb\xbf",
                                 "system:node:cp-1",
                                 "a@b"}) {
    CAPTURE(text);
    const auto tree = parse_yaml("a: " + yaml_scalar(text) + "\n");
    REQUIRE(tree.find("a") != nullptr);
    CHECK(tree.find("a")->text == text);
    CHECK(is_string(*tree.find("a")));
  }
}

TEST_CASE("a usual string is written plain") {
  for (const std::string text : {"kubernetes", "10.96.0.0/12", "192.168.1.1", "https://10.0.0.1:6443", "/etc/pki",
                                 "kubernetes-admin@kubernetes", "system:node:cp-1", "8760h0m0s"})
    CHECK(yaml_scalar(text) == text);
}

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
