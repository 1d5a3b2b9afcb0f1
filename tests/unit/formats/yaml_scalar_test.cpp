// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "formats/yaml/yaml_scalar.hpp"
#include "formats/yaml/yaml_tree.hpp"

using namespace pki::formats;

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
                                 "a\xe2\x80\xa9 b",
                                 "\xc2\x9b",
                                 "a\xc2\x85",
                                 "\xc2\xa0",
                                 "\xef\xbf\xbe",
                                 "\xf0\x9f\x94\x91",
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

TEST_CASE("brackets are quoted where they come first and nowhere else, as kubeadm does it") {
  CHECK(yaml_scalar("https://[::1]:6443") == "https://[::1]:6443");
  CHECK(yaml_scalar("[::1]:6443") == "\"[::1]:6443\"");
}
