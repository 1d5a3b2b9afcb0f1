#include <support/catch.hpp>

#include "formats/yaml/yaml_runs.hpp"
#include "formats/yaml/yaml_tree.hpp"

using pki::formats::LongRuns;
using pki::formats::parse_yaml;

namespace {

const std::string long_run = std::string(3000, 'A') + "b+/9" + "==";
const std::string other_run = std::string(200, 'z');

}  // namespace

TEST_CASE("long runs come back in every kind of scalar, and every offset is that of the text") {
  const std::string text = "a: " + long_run + "\nb:\n- " + other_run + "\n- short\nc: 'x " + long_run +
                           "\n  y'\nd: |\n  key: " + other_run + "\n  end\n# note " + long_run + "\ne: \"q " +
                           other_run + "\n  \"\nf: one " + long_run + "\n  two\ng: last";
  const auto tree = parse_yaml(text);
  CHECK(tree.find("a")->text == long_run);
  CHECK(tree.find("b")->items.at(0).text == other_run);
  CHECK(tree.find("b")->items.at(1).text == "short");
  CHECK(tree.find("c")->text == "x " + long_run + " y");
  CHECK(tree.find("d")->text == "key: " + other_run + "\nend\n");
  CHECK(tree.find("e")->text == "q " + other_run + " ");
  CHECK(tree.find("f")->text == "one " + long_run + " two");
  for (const auto& [name, line, value] : tree.entries)
    if (value.kind == pki::formats::YamlNode::Kind::scalar) {
      const auto first = text.substr(value.offset, 3);
      CHECK(text.rfind(name + ": " + first, value.offset) == value.offset - 3);
    }
  CHECK(text.substr(tree.find("b")->items.at(1).offset, 5) == "short");
  CHECK(text.substr(tree.find("g")->offset) == "last");
  CHECK(tree.find("g")->line == 15);
}

TEST_CASE("a carriage return ends a run, and a name of a field is none") {
  const auto tree = parse_yaml("a: " + other_run + "\r\nb: " + long_run);
  CHECK(tree.find("a")->text == other_run);
  CHECK(tree.find("b")->text == long_run);
  CHECK(parse_yaml(other_run + ": x\n").find(other_run)->text == "x");
  CHECK(LongRuns("x: " + other_run + ": y\n").shortened() == "x: " + other_run + ": y\n");
}

TEST_CASE("a text that holds the token is left as it is") {
  const std::string text = "a: LongRunOfBase6400000\nb: " + long_run + "\n";
  CHECK(LongRuns(text).shortened() == text);
  CHECK(parse_yaml(text).find("a")->text == "LongRunOfBase6400000");
  CHECK(parse_yaml(text).find("b")->text == long_run);
  CHECK(LongRuns("b: " + long_run).shortened().size() < 40);
  CHECK(LongRuns("").shortened().empty());
}
