// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pki/config.hpp>

#include "formats/kubeadm/config_reader.hpp"

#include "config_samples.hpp"

using namespace pki;
using namespace pki::formats;
using namespace sample;

TEST_CASE("no text of a file can fake a line of a message") {
  const auto file = parse_config(
      head + std::string("\"x\\ny\\e[31m\": 1\nclusterName: [1]\nencryptionAlgorithm: \"a\\nb\"\n"), "k.yaml");
  const auto said = all(file.problems) + all(file.warnings);
  CHECK_THAT(said, contains("x\\x0ay\\x1b[31m"));
  CHECK_THAT(said, contains("a\\x0ab"));
  CHECK(std::count(said.begin(), said.end(), '\n') == static_cast<long>(file.problems.size() + file.warnings.size()));
  CHECK(said.find('\x1b') == std::string::npos);
}

TEST_CASE("a text that is wrong everywhere has a list of bounded length") {
  std::string text = head;
  for (int i = 0; i < 2000; ++i)
    text += "field" + std::to_string(i) + ": 1\n";
  const auto file = parse_config(text, "k.yaml");
  CHECK(file.warnings.size() == 501);
  CHECK_THAT(file.warnings.back().message, contains("more than 500"));
}

TEST_CASE("a null or empty value is no problem and leaves the default") {
  ConfigReader reader("k.yaml");
  for (const auto* text : {"", "~", "null"}) {
    const auto node = parse_yaml(text);
    CHECK_FALSE(reader.string(node, "f").has_value());
    CHECK_FALSE(reader.number(node, "f").has_value());
    CHECK_FALSE(reader.boolean(node, "f").has_value());
    CHECK_FALSE(reader.duration(node, "f").has_value());
    CHECK_FALSE(reader.strings(node, "f").has_value());
  }
  CHECK_FALSE(reader.string(parse_yaml("''"), "f").has_value());
  CHECK(reader.result().problems.empty());
}

TEST_CASE("a value of the right type is read") {
  ConfigReader reader("k.yaml");
  CHECK(reader.string(parse_yaml("'1'"), "f") == "1");
  CHECK(reader.number(parse_yaml("-12"), "f") == -12);
  for (const auto& [text, expected] : {std::pair{"true", true},
                                       {"Yes", true},
                                       {"on", true},
                                       {"y", true},
                                       {"false", false},
                                       {"NO", false},
                                       {"off", false},
                                       {"n", false}})
    CHECK(reader.boolean(parse_yaml(text), "f") == expected);
  CHECK(reader.duration(parse_yaml("1h"), "f") == std::chrono::hours{1});
  CHECK(reader.strings(parse_yaml("[a, '2']"), "f") == std::vector<std::string>{"a", "2"});
  CHECK(reader.strings(parse_yaml("[]"), "f") == std::vector<std::string>{});
  CHECK(reader.result().problems.empty());
}

TEST_CASE("a value of a wrong type is one problem with its line and field") {
  struct Case {
    const char* text;
    void (*read)(ConfigReader& reader, const YamlNode& node);
    const char* message;
  };
  const auto string = [](ConfigReader& r, const YamlNode& n) { (void)r.string(n, "f"); };
  const auto number = [](ConfigReader& r, const YamlNode& n) { (void)r.number(n, "f"); };
  const auto boolean = [](ConfigReader& r, const YamlNode& n) { (void)r.boolean(n, "f"); };
  const auto duration = [](ConfigReader& r, const YamlNode& n) { (void)r.duration(n, "f"); };
  const auto strings = [](ConfigReader& r, const YamlNode& n) { (void)r.strings(n, "f"); };
  const Case cases[] = {
      {"6443", string, "found the number 6443, expected a string"},
      {"yes", string, "found the boolean yes, expected a string"},
      {"[a]", string, "found a list, expected a string"},
      {"'6443'", number, "found the string \"6443\", expected a whole number"},
      {"010", number, "found the number 010, expected a whole number"},
      {"6.5", number, "found the number 6.5, expected a whole number"},
      {"99999999999", number, "expected a whole number"},
      {"{}", number, "found an object, expected a whole number"},
      {"'true'", boolean, "found the string \"true\", expected true or false"},
      {"1", boolean, "found the number 1, expected true or false"},
      {"365", duration, "found the number 365, expected a duration"},
      {"long", duration, "invalid duration"},
      {"a", strings, "found the string \"a\", expected a list of strings"},
  };
  for (const auto& [text, read, message] : cases) {
    CAPTURE(text);
    ConfigReader reader("k.yaml");
    read(reader, parse_yaml(text, 7));
    const auto file = reader.result();
    REQUIRE(file.problems.size() == 1);
    CHECK(file.problems[0].subject == "k.yaml:7: f");
    CHECK_THAT(file.problems[0].message, contains(message));
  }
}

TEST_CASE("an unquoted number where a string is expected has a hint with quotes") {
  ConfigReader reader("k.yaml");
  (void)reader.string(parse_yaml("12"), "f");
  CHECK(reader.result().problems.at(0).remedy.text == "write it in quotes: \"12\"");
}

TEST_CASE("an item of a wrong type is named by its index, keeps its place, and its line is recorded") {
  ConfigReader reader("k.yaml");
  CHECK(reader.strings(parse_yaml("- a\n- 1\n- b\n"), "f") == std::vector<std::string>{"a", "", "b"});
  const auto file = reader.result();
  REQUIRE(file.problems.size() == 1);
  CHECK(file.problems[0].subject == "k.yaml:2: f[1]");
  CHECK(file.lines.at("f[2]") == 3);
}

TEST_CASE("a problem of the whole file has no line, one of a whole line no field") {
  ConfigReader reader("k.yaml");
  reader.problem(Rule::config_syntax, 0, "", "a");
  reader.warning(Rule::config_unknown_field, 3, "", "b", "c");
  const auto file = reader.result();
  CHECK(all(file.problems) == "k.yaml: a ()\n");
  CHECK(all(file.warnings) == "k.yaml:3: b (c)\n");
}
