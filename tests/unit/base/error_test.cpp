// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <pki/error.hpp>

TEST_CASE("a message holds no control characters, whatever texts it is made of") {
  using namespace std::string_literals;
  const std::pair<std::string, std::string> table[] = {
      {"", ""},
      {"ca.crt: 12 bytes", "ca.crt: 12 bytes"},
      {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x94\x91", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x94\x91"},
      {"a\nerror: b\r", "a\\x0aerror: b\\x0d"},
      {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
      {"\0"s, "\\x00"},
      {"\xc2\x9b"s + "31m", "\\xc2\\x9b31m"},  // the same sequence for a terminal, in one character of two octets
      {"\xc2\xa0", "\xc2\xa0"},
      {"\xff", "\\xff"},
  };
  for (const auto& [text, plain] : table)
    CHECK(pki::to_plain(text) == plain);
}

TEST_CASE("a long text is cut, and no character in half") {
  CHECK(pki::to_plain(std::string(2048, 'x')).size() == 2048);
  CHECK(pki::to_plain(std::string(2049, 'x')) == std::string(2048, 'x') + "...");
  CHECK(pki::to_plain("a\xe2\x82\xac", 3) == "a...");
  CHECK(pki::to_plain("a\xe2\x82\xac"
                      "b",
                      4) == "a\xe2\x82\xac...");
}

TEST_CASE("no text of an error holds control characters, and what() joins its parts") {
  const pki::Error error(pki::Errc::io, "a\nb", "found \x1b", "do\tthis");
  CHECK(error.subject() == "a\\x0ab");
  CHECK(error.message() == "found \\x1b");
  CHECK(error.remedy().text == "do\\x09this");
  CHECK(error.what() == error.subject() + ": " + error.message());
}

TEST_CASE("an error about several things has the first as its own and lists the others, all plain") {
  const pki::Error one(pki::Errc::io, "a", "found");
  CHECK(one.further().empty());
  const pki::Error error(pki::Errc::io, {{pki::Rule::file_linked, pki::Severity::error, "a", "first"},
                                         {pki::Rule::directory_unsafe, pki::Severity::error, "b", "second\n"},
                                         {pki::Rule::io, pki::Severity::error, "c", "third"}});
  CHECK(error.what() == std::string("a: first"));
  CHECK(error.finding().rule == pki::Rule::file_linked);
  REQUIRE(error.further().size() == 2);
  CHECK(error.further()[0].message == "second\\x0a");
  CHECK(error.further()[1].subject == "c");
}
