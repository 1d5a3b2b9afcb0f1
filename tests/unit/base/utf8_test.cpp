// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <string_view>
#include <utility>

#include "base/utf8.hpp"

using namespace pki::base;

TEST_CASE("a well-formed character is decoded and removed") {
  const std::pair<std::string, char32_t> cases[] = {
      {std::string(1, '\0'), 0},
      {"a", 'a'},
      {"\x7f", 0x7f},
      {"\xc2\x80", 0x80},
      {"\xc3\xa4", 0xe4},
      {"\xdf\xbf", 0x7ff},
      {"\xe0\xa0\x80", 0x800},
      {"\xe2\x82\xac", 0x20ac},
      {"\xed\x9f\xbf", 0xd7ff},
      {"\xee\x80\x80", 0xe000},
      {"\xef\xbf\xbf", 0xffff},
      {"\xf0\x90\x80\x80", 0x10000},
      {"\xf0\x9f\x94\x91", 0x1f511},
      {"\xf4\x8f\xbf\xbf", 0x10ffff},
  };
  for (const auto& [octets, expected] : cases) {
    CAPTURE(expected);
    const auto all = octets + "b";
    std::string_view text = all;
    CHECK(next_character(text) == expected);
    CHECK(text == "b");
  }
}

TEST_CASE("octets that are not a character are neither decoded nor removed") {
  for (const std::string octets : {"",
                                   "\x80",
                                   "\xbf",
                                   "\xc0\x80",
                                   "\xc1\xbf",
                                   "\xc2",
                                   "\xc2z",
                                   "\xe0\x80\x80",
                                   "\xe0\x9f\xbf",
                                   "\xe2\x82",
                                   "\xe2z\xac",
                                   "\xed\xa0\x80",
                                   "\xed\xbf\xbf",
                                   "\xf0\x80\x80\x80",
                                   "\xf0\x8f\xbf\xbf",
                                   "\xf0\x9f\x94",
                                   "\xf4\x90\x80\x80",
                                   "\xf5\x80\x80\x80",
                                   "\xfe",
                                   "\xff"}) {
    std::string_view text = octets;
    CHECK_FALSE(next_character(text).has_value());
    CHECK(text.size() == octets.size());
    CHECK(is_utf8(octets) == octets.empty());
    CHECK(is_utf8("a" + octets + "z") == octets.empty());
  }
}

TEST_CASE("control characters are C0, DEL and C1") {
  for (const char32_t c : {0x00U, 0x0aU, 0x1bU, 0x1fU, 0x7fU, 0x80U, 0x85U, 0x9bU, 0x9fU})
    CHECK(is_control(c));
  for (const char32_t c : {0x20U, 0x7eU, 0xa0U, 0xe4U, 0x2028U, 0xfffdU})
    CHECK_FALSE(is_control(c));
}

TEST_CASE("plain text is UTF-8 without control characters") {
  for (const auto* text : {"", "kube-apiserver", "\xc3\xa4 \xe2\x82\xac", "\xef\xbf\xbd"})
    CHECK(is_plain_text(text));
  for (const auto* text : {"a\n", "\x1b[2J", "\x7f", "a\xc2\x9b", "a\xff", "\xc3"})
    CHECK_FALSE(is_plain_text(text));
}
