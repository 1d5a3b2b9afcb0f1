// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/base64.hpp"
#include "formats/kubeconfig/credential_values.hpp"

#include "kubeconfig_samples.hpp"

using namespace pki;
using namespace pki::formats;
using namespace sample;

namespace {

/// Returns whether `text` holds eight letters in a row of the key's base64.
bool shows_key(const std::string& text) {
  const auto all = pki::base::to_base64(key);
  for (std::size_t i = 0; i + 8 <= all.size(); ++i)
    if (text.find(all.substr(i, 8)) != std::string::npos) return true;
  return false;
}

std::string masked(const std::string& text) { return mask_secrets(SecretString(text)); }

}  // namespace

TEST_CASE("nothing of a secret in any form is shown to the parser") {
  for (const auto& form : all_forms()) {
    const auto text = around(form);
    CAPTURE(text);
    for (const auto& shown : {without_words(text), masked(text)}) {
      CHECK(shown.size() == text.size());
      CHECK_FALSE(shows_key(shown));
      CHECK(shown.find("s3cret") == std::string::npos);
      CHECK(shown.find("really") == std::string::npos);
      CHECK(shown.find("a comment") == std::string::npos);
    }
  }
}

TEST_CASE("names and public values are kept, secret values and comments are not") {
  const std::pair<const char*, const char*> cases[] = {
      {"server: https://h:1 # token: abc\n", "server: https://h:1 # 00000: 000\n"},
      {"token: abc.d-e!\n", "token: xxxxxxxx\n"},
      {"password: 'it''s, 1'\n", "password: 'xxxxxx x'\n"},
      {"password: \"a\\\"b\\\\\"\n", "password: \"xxxxxx\"\n"},
      {"\"token\": \"a\"\n", "\"token\": \"x\"\n"},
      {"token: |2- # note\n   ab\n\n   c\n", "token: |2- # 0000\n   xx\n\n   x\n"},
      {"server: |2- # note\n   ab\n", "server: |2- # 0000\n   ab\n"},
      {"{token: a, name: b}\n", "{token: x, name: b}\n"},
      {"token: [a, {b: c}]\n", "token: [0, {0: 0}]\n"},
      {"args: [--token, abc]\n", "args: [--token, abc]\n"},
      {"token: null\n", "token: null\n"},
      {"token: ~\n", "token: ~\n"},
      {"token: 'null'\n", "token: 'xxxx'\n"},
      {"token: 123\n", "token: xxx\n"},
      {"tokens: abc\n", "tokens: abc\n"},
      {"token: \"ab\\\n   c\\\\\n  d\"\n", "token: \"xx\\\n   xxx\n  x\"\n"},
      {"%YAML 1.1\n---\nname: b\n", "%YAML 1.1\n---\nname: b\n"},
      {"name: \"\\x41\\u00e4\\U0001F511\\/\"\n", "name: \"\\x41\\u00e4\\U0001F511\\/\"\n"},
      {"\xc3\xa4: \xe2\x82\xac\ntoken: \xe2\x82\xac\n", "\xc3\xa4: \xe2\x82\xac\ntoken: xxx\n"},
      {"", ""},
  };
  for (const auto& [text, expected] : cases)
    CHECK(masked(text) == expected);
}

TEST_CASE("a text without its words has the same structure") {
  CHECK(without_words("a: |2-\n  b2\n") == "0: |2-\n  00\n");
  CHECK(without_words("a: >+3\n") == "0: >+3\n");
  CHECK(without_words("a: |b|-c\n") == "0: |0|-0\n");
  CHECK(without_words("a: \"\\xe4\\\\n\\\"b\"\n") == "0: \"\\x00\\\\0\\\"0\"\n");
  CHECK(without_words("%YAML 1.1\n%a\nb%YAML 1\n") == "%YAML 1.1\n%0\n0%0000 0\n");
  CHECK(without_words("a\\") == "0\\");
}

TEST_CASE("a text that is not YAML cannot be masked") {
  for (const auto* text : {"a: [", "a: \xff", "token: 'a"})
    CHECK_THROWS_AS(masked(text), YamlError);
}

TEST_CASE("a value that the parser returned is masked or not") {
  for (const auto* text : {"", "x", "xx x\nx", " "})
    CHECK(is_masked(text));
  for (const auto* text : {"a", "xXx", "x0"})
    CHECK_FALSE(is_masked(text));
}

TEST_CASE("the content of a scalar has neither quotes nor escapes") {
  const std::pair<const char*, const char*> cases[] = {
      {"YWI=", "YWI="},
      {"'YWI='", "YWI="},
      {"\"YW\\/=\"", "YW/="},
      {"\"Y\\n\\\nW\"", "YW"},
      {"\"\\u0059\\x57I\\U0000003D\"", "YWI="},
      {"|\n  YW\n  I=", "YWI="},
      {">-2 # c\n  YWI=", "YWI="},
      {"YW\n  I=", "YWI="},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const auto content = scalar_content(SecretString(text), {0, std::string_view(text).size()});
    REQUIRE(content.has_value());
    auto letters = plain(*content);
    std::erase_if(letters, [](char c) { return c == ' ' || c == '\n'; });
    CHECK(letters == expected);
  }
  for (const auto* text : {"\"\\u00c4\"", "\"\\x4\"", "\"\\x4g\"", "\"\\x20\"", "\"\\u0009\"", "\"\\t\"", "\"\\ \"",
                           "\"\\0\"", "\"\\U80000041\""})
    CHECK_FALSE(scalar_content(SecretString(text), {0, std::string_view(text).size()}).has_value());
}

TEST_CASE("no mutation of a kubeconfig shows the key to the parser") {
  std::uint32_t state = 1;
  const auto random = [&](std::size_t below) {
    state = state * 1664525U + 1013904223U;
    return static_cast<std::size_t>(state >> 8) % below;
  };
  const std::string letters = "\n\"'{}[]:,#|>-? &*!%x\\\t";
  const auto all = all_forms();
  for (int round = 0; round < 3000; ++round) {
    auto text = around(all[random(all.size())]);
    for (auto i = random(4); i < 4; ++i)
      text[random(text.size())] = letters[random(letters.size())];
    CAPTURE(text);
    CHECK_FALSE(shows_key(without_words(text)));
    try {
      const auto size = masked(text).size();
      CHECK(size == text.size());
    } catch (const YamlError& error) {
      CHECK_FALSE(shows_key(error.what()));
    }
  }
}
